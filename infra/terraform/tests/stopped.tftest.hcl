# In the middle of a restore an environment is deployed without starting anything; otherwise a plan shows what is switched off.

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

run "everything_is_switched_on_unless_it_is_said" {
  command = plan

  plan_options {
    target = [aws_lambda_event_source_mapping.queue, aws_lambda_event_source_mapping.stream, aws_scheduler_schedule.schedule]
  }

  assert {
    condition     = alltrue([for mapping in concat(values(aws_lambda_event_source_mapping.queue), values(aws_lambda_event_source_mapping.stream)) : mapping.enabled == true])
    error_message = "A mapping that is switched off must show in a plan."
  }

  assert {
    condition     = alltrue([for schedule in aws_scheduler_schedule.schedule : schedule.state == "ENABLED"])
    error_message = "A schedule that is switched off must show in a plan."
  }
}

run "a_stopped_environment_starts_nothing" {
  command = plan

  plan_options {
    target = [aws_lambda_event_source_mapping.queue, aws_lambda_event_source_mapping.stream, aws_scheduler_schedule.schedule]
  }

  variables {
    stopped = true
  }

  assert {
    condition     = alltrue([for mapping in concat(values(aws_lambda_event_source_mapping.queue), values(aws_lambda_event_source_mapping.stream)) : mapping.enabled == false])
    error_message = "A mapping would take messages."
  }

  assert {
    condition     = alltrue([for schedule in aws_scheduler_schedule.schedule : schedule.state == "DISABLED"])
    error_message = "A schedule would start its function."
  }
}
