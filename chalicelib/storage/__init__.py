"""Adapters of the ports to DynamoDB: tables, keys and conditions, one module for each table."""
