output "surfaces" {
  description = "The surfaces, by name."
  value       = module.surface
}
