"""Checks of `infra/terraform` without an AWS account or a network (`python -m infra.check`, `make infra-check`).

Real Terraform runs against a stand-in for the provider hashicorp/aws: its schema, without a cloud behind it.
"""
