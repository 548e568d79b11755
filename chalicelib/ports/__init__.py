"""What the use cases need of the world outside: protocols, their errors, and the values that pass through them.

Adapters live in ``storage`` (DynamoDB) and ``cloud`` (S3, SQS, SES); the tests have a fake of each, held to the same
contract tests.
"""
