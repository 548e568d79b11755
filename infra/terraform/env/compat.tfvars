# For registered developers of other systems, with invented learners. Write your account's number and your domains here.
environment = "compat"
account_id  = "000000000000"

log_days = 400

mail_domain = "compat.learning-records.example"

settings = {
  LRS_ENVIRONMENT           = "compatibility"
  LRS_SERVICE_DESK_EMAIL    = "service.desk@learning-records.example"
  LRS_SERVICE_MANAGER_EMAIL = "service.manager@learning-records.example"
  LRS_SERVICE_OWNER_EMAIL   = "service.owner@learning-records.example"
  LRS_TOKEN_AUDIENCE        = "urn:learning-records:compat:api"
  LRS_TOKEN_ISSUER          = "urn:learning-records:compat"
}

# Issue the certificate for the domain in ACM first, and put the certificates of your callers' authorities in the truststore.
surfaces = {
  portal = {
    domain = {
      name            = "portal.compat.learning-records.example"
      certificate_arn = "arn:aws:acm:eu-west-2:000000000000:certificate/00000000-0000-0000-0000-000000000000"
    }
  }
  web = {
    domain = {
      name            = "api.compat.learning-records.example"
      certificate_arn = "arn:aws:acm:eu-west-2:000000000000:certificate/00000000-0000-0000-0000-000000000000"
      truststore      = "env/truststore.pem"
    }
  }
}
