output "prefix" {
  description = "Beginning of every physical name."
  value       = local.prefix
}

output "surfaces" {
  description = "Where callers reach each surface, and where a record of its domain must lead, if it has one. The portal is reached with a domain only."
  value       = { for name, surface in module.surface : name => { address = surface.address, domain_target = surface.domain_target } if name != "portal" || local.surfaces[name].domain != null }
}

output "mail_records" {
  description = "The DNS records to publish, so that email from the domain is signed and its returns arrive: name, type and value."
  value = concat(
    [
      for token in aws_sesv2_email_identity.sender.dkim_signing_attributes[0].tokens :
      { name = "${token}._domainkey.${local.mail_domain}", type = "CNAME", value = "${token}.dkim.amazonses.com" }
    ],
    [
      { name = "mail.${local.mail_domain}", type = "MX", value = "10 feedback-smtp.${var.region}.amazonses.com" },
      { name = "mail.${local.mail_domain}", type = "TXT", value = "v=spf1 include:amazonses.com -all" },
    ],
  )
}

output "drop_roles" {
  description = "ARN of the role that each organisation takes to put files into the inbox, by UKPRN."
  value       = { for ukprn, organisation in module.organisation : ukprn => organisation.role_arn if organisation.role_arn != null }
}

output "sftp_address" {
  description = "Host name of the SFTP server; null if it is off."
  value       = try(aws_transfer_server.sftp["this"].endpoint, null)
}
