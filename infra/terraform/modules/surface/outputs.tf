output "address" {
  description = "Where callers reach the surface."
  value       = var.domain == null ? aws_api_gateway_stage.this.invoke_url : "https://${var.domain.name}"
}

output "domain_target" {
  description = "What a record of the domain must lead to: the gateway's own name for it; null without a domain."
  value       = one([for domain in aws_api_gateway_domain_name.this : domain.regional_domain_name])
}

output "access_log_group" {
  description = "Name of the log group with a line for every request."
  value       = aws_cloudwatch_log_group.access.name
}

output "firewall_name" {
  description = "Name of the firewall, as in its metrics."
  value       = aws_wafv2_web_acl.this.name
}
