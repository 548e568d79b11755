output "prefix" {
  description = "Beginning of every physical name."
  value       = local.prefix
}
