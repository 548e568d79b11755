"""Adapters of the ports to DynamoDB, one module a table or concern."""
