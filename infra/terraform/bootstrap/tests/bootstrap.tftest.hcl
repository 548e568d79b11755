variables {
  environment = "test"
  account_id  = "123456789012"
  pipeline = {
    issuer   = "https://token.actions.githubusercontent.com"
    audience = "sts.amazonaws.com"
    subjects = ["repo:example/records:environment:test"]
  }
}

run "the_pipeline_reads_what_it_deploys_and_no_file_of_an_organisation" {
  command = apply

  # Terraform looks at the truststore that it has put, and API Gateway reads it with the rights of whoever deploys.
  assert {
    condition     = contains(local.deployed_objects, "arn:aws:s3:::lrs-test-truststore-*/*")
    error_message = "A domain with client certificates cannot be deployed without reading its truststore."
  }

  assert {
    condition     = toset(one([for one in data.aws_iam_policy_document.deploy.statement : one.not_resources if one.sid == "NoFiles"])) == toset(local.deployed_objects)
    error_message = "What the pipeline does not deploy it does not read."
  }

  assert {
    condition     = !anytrue([for name in ["inbox", "work", "results", "catalogue", "unaudited"] : strcontains(join(" ", local.deployed_objects), name)])
    error_message = "Files of organisations are not deployed."
  }
}

run "any_branch_is_refused" {
  command = plan

  variables {
    pipeline = {
      issuer   = "https://token.actions.githubusercontent.com"
      audience = "sts.amazonaws.com"
      subjects = ["repo:example/records:*"]
    }
  }

  expect_failures = [var.pipeline]
}
