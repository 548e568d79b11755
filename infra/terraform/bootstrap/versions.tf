terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # The bucket of the state is made here, so the state of this module moves into it afterwards (docs/deploy.md).
  backend "s3" {}
}
