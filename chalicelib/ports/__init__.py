"""What the use cases need from outside: protocols, their errors, and the values that they exchange.

Adapters live in ``storage`` (DynamoDB) and ``cloud`` (S3, SQS, SES); the tests have a fake of each, which must pass the
same contract tests.
"""
