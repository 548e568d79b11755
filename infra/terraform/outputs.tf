output "prefix" {
  description = "Beginning of every physical name."
  value       = local.prefix
}

output "surfaces" {
  description = "Where callers reach each surface, and where a record of its domain must lead, if it has one."
  value       = { for name, surface in module.surface : name => { address = surface.address, domain_target = surface.domain_target } }
}
