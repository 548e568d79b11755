terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
  }

  # Where the state is: env/<environment>.s3.tfbackend, in the bucket that bootstrap makes.
  backend "s3" {}
}
