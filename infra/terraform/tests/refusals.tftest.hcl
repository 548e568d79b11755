# What somebody may write into the values of an environment by mistake. Each run plans only something that follows from the
# value: the whole takes two seconds each time.

mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  environment = "dev"

  settings = {
    LRS_SERVICE_DESK_EMAIL    = "desk@example.org"
    LRS_SERVICE_MANAGER_EMAIL = "manager@example.org"
    LRS_SERVICE_OWNER_EMAIL   = "owner@example.org"
  }
}

run "values_out_of_range_are_refused" {
  command = plan

  plan_options {
    target = [aws_backup_plan.this, aws_budgets_budget.month, aws_s3_object.package, aws_sesv2_email_identity.receiver, aws_sesv2_email_identity.sender, module.organisation, module.key, module.table, aws_cloudwatch_log_group.sftp, module.function]
  }

  variables {
    account_id        = "1234"
    region            = "London"
    prefix            = "Learner_Records"
    package           = "nowhere.zip"
    recovery_days     = 36
    key_deletion_days = 6
    log_days          = 1
    mail_domain       = "learning records"
    organisations     = { "9000005" = { ssh_keys = ["ssh-ed25519 AAAA"] } }
    backup_days       = { daily = 5, monthly = 4 }
    backup_copies_to  = "another account"

    concurrent_executions  = 1
    mail_sandbox_receivers = ["nobody"]
  }

  expect_failures = [
    var.account_id, var.region, var.prefix, var.package, var.recovery_days, var.key_deletion_days, var.log_days, var.mail_domain, var.organisations,
    var.backup_days, var.backup_copies_to, var.concurrent_executions, var.mail_sandbox_receivers,
  ]
}

run "an_unknown_environment_is_refused" {
  command = plan

  plan_options {
    target = [module.topic]
  }

  variables {
    environment = "production"
  }

  expect_failures = [var.environment]
}

run "live_is_protected_and_known" {
  command = plan

  plan_options {
    target = [aws_backup_vault.this, aws_cloudwatch_log_group.sftp, aws_sesv2_email_identity.receiver, module.topic, module.surface]
  }

  variables {
    environment            = "live"
    protect                = false
    log_days               = 30
    mail_sandbox_receivers = ["someone@example.org"]
  }

  expect_failures = [var.account_id, var.protect, var.log_days, var.mail_sandbox_receivers, var.page_emails, var.ticket_emails, var.surfaces]
}

run "settings_that_follow_from_the_description_are_refused" {
  command = plan

  plan_options {
    target = [module.bucket]
  }

  variables {
    settings = merge(var.settings, { LRS_TABLE_JOBS = "jobs" })
  }

  expect_failures = [var.settings]
}

run "an_address_of_one_machine_is_refused" {
  command = plan

  plan_options {
    target = [module.bucket]
  }

  variables {
    settings = {}
  }

  expect_failures = [var.settings]
}

run "an_invented_address_of_a_person_is_refused" {
  command = plan

  plan_options {
    target = [module.bucket]
  }

  variables {
    settings = {
      LRS_SERVICE_DESK_EMAIL = "desk@example.org"
    }
  }

  expect_failures = [var.settings]
}

run "files_kept_for_less_than_a_week_are_refused" {
  command = plan

  plan_options {
    target = [module.bucket]
  }

  variables {
    settings = merge(var.settings, { LRS_INBOX_DAYS = "6.5" })
  }

  expect_failures = [var.settings]
}

run "an_organisation_without_an_external_id_is_refused" {
  command = plan

  plan_options {
    target = [module.organisation]
  }

  variables {
    organisations = { "90000051" = { principals = ["arn:aws:iam::111122223333:root"] } }
  }

  expect_failures = [var.organisations]
}

run "an_external_id_of_two_organisations_is_refused" {
  command = plan

  plan_options {
    target = [module.organisation]
  }

  variables {
    organisations = {
      "90000051" = { principals = ["arn:aws:iam::111122223333:root"], external_id = "0123456789abcdef" }
      "90000052" = { principals = ["arn:aws:iam::444455556666:root"], external_id = "0123456789abcdef" }
    }
  }

  expect_failures = [var.organisations]
}

run "everybody_is_no_organisation" {
  command = plan

  plan_options {
    target = [module.organisation]
  }

  variables {
    organisations = { "90000051" = { principals = ["*"], external_id = "0123456789abcdef" } }
  }

  expect_failures = [var.organisations]
}

run "a_key_for_sftp_without_sftp_is_refused" {
  command = plan

  plan_options {
    target = [module.organisation]
  }

  variables {
    organisations = { "90000051" = { ssh_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample"] } }
  }

  expect_failures = [var.organisations]
}

run "a_surface_that_the_description_does_not_have_is_refused" {
  command = plan

  plan_options {
    target = [module.surface]
  }

  variables {
    surfaces = { telex = {} }
  }

  expect_failures = [var.surfaces]
}

run "a_truststore_that_is_no_file_is_refused" {
  command = plan

  plan_options {
    target = [module.surface]
  }

  variables {
    surfaces = { web = { domain = { name = "api.example.org", certificate_arn = "arn:aws:acm:eu-west-2:123456789012:certificate/web", truststore = "env/nothing.pem" } } }
  }

  expect_failures = [var.surfaces]
}

run "certificates_are_asked_for_where_the_gateway_checks_them" {
  command = plan

  plan_options {
    target = [module.bucket]
  }

  variables {
    settings = merge(var.settings, { LRS_REQUIRE_CLIENT_CERT = "true" })
  }

  expect_failures = [var.settings]
}

run "an_address_beside_a_domain_is_refused" {
  command = plan

  variables {
    settings = merge(var.settings, { LRS_PORTAL_URL = "https://portal.example.org", LRS_PROBE_URL = "https://api.example.org/health" })
  }

  expect_failures = [var.settings]
}
