"""Adapters of the ports to DynamoDB, one module for each table or concern."""
