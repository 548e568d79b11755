mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  prefix      = "lrs-test"
  ukprn       = "90000051"
  bucket      = { name = "lrs-test-inbox", arn = "arn:aws:s3:::lrs-test-inbox" }
  key_arn     = "arn:aws:kms:eu-west-2:123456789012:key/00000000-0000-0000-0000-000000000000"
  boundary    = "arn:aws:iam::123456789012:policy/lrs-test-boundary"
  principals  = ["arn:aws:iam::111122223333:root"]
  external_id = "0123456789abcdef"
}

run "an_organisation_reaches_its_own_folder_alone" {
  command = plan

  assert {
    condition     = tolist(data.aws_iam_policy_document.drop.statement[0].resources) == tolist(["arn:aws:s3:::lrs-test-inbox/drop/90000051/*"])
    error_message = "Files may be put into the organisation's own folder and nowhere else."
  }

  assert {
    condition     = one(flatten(data.aws_iam_policy_document.drop.statement[1].condition[*].values)) == "drop/90000051/*"
    error_message = "The names of other organisations' files must not be listed."
  }

  assert {
    condition = length(setintersection(
      ["s3:GetObject", "s3:DeleteObject", "s3:PutObjectTagging"], flatten(data.aws_iam_policy_document.drop.statement[*].actions)
    )) == 0
    error_message = "Files are put, and neither read, removed nor tagged as clean."
  }
}

run "a_file_that_cannot_be_read_at_once_is_refused" {
  command = plan

  assert {
    condition     = join(" ", [for one in data.aws_iam_policy_document.drop.statement[0].condition : "${one.test} ${one.variable} ${one(one.values)}"]) == "StringEqualsIfExists s3:x-amz-storage-class STANDARD"
    error_message = "A file in an archive would wait for days, and nobody could process it."
  }
}

run "the_external_id_must_be_known" {
  command = plan

  assert {
    condition     = one([for condition in data.aws_iam_policy_document.trust["this"].statement[0].condition : "${condition.variable} ${one(condition.values)}"]) == "sts:ExternalId 0123456789abcdef"
    error_message = "The role must only be taken with the external id."
  }

  assert {
    condition     = length(aws_transfer_user.sftp) == 0
    error_message = "Without a server there is no user."
  }
}

run "a_user_of_sftp_sees_the_folder_as_the_root" {
  command = plan

  variables {
    principals  = []
    external_id = null
    sftp        = { server_id = "s-0123456789abcdef0", trust = "{}" }
    ssh_keys    = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIexample"]
  }

  assert {
    condition = (
      aws_transfer_user.sftp["this"].home_directory_type == "LOGICAL"
      && aws_transfer_user.sftp["this"].home_directory_mappings[0].target == "/lrs-test-inbox/drop/90000051"
    )
    error_message = "The user must be kept in the organisation's folder."
  }

  assert {
    condition     = length(aws_iam_role.drop) == 0
    error_message = "Without principals there is no role to take."
  }
}

run "another_number_is_refused" {
  command = plan

  variables {
    ukprn = "9000005*"
  }

  expect_failures = [var.ukprn]
}
