"""Adapters of the ports to S3, SQS, SES and the clock."""
