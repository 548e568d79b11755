# For developers: small, and quickly destroyed. Write your account's number and your domains here.
environment = "dev"
account_id  = "000000000000"

# Everything goes when it is destroyed.
protect           = false
recovery_days     = 7
key_deletion_days = 7
log_days          = 30

# What a new account may run at a time: with this little, nothing can be reserved.
concurrent_executions = 10

mail_domain = "dev.learning-records.example"

settings = {
  LRS_SERVICE_DESK_EMAIL    = "service.desk@learning-records.example"
  LRS_SERVICE_MANAGER_EMAIL = "service.manager@learning-records.example"
  LRS_SERVICE_OWNER_EMAIL   = "service.owner@learning-records.example"
  LRS_TOKEN_AUDIENCE        = "urn:learning-records:dev:api"
  LRS_TOKEN_ISSUER          = "urn:learning-records:dev"
}
