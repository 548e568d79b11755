output "state_bucket" {
  description = "Name of the bucket with Terraform's state: env/ENVIRONMENT.s3.tfbackend names it."
  value       = module.state.name
}

output "deploy_role_arn" {
  description = "ARN of the role with which the pipeline deploys; null if people deploy."
  value       = try(aws_iam_role.deploy["this"].arn, null)
}
