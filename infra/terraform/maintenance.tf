# Alarms are silent in agreed maintenance: a function makes the rules that mute them, from the maintenance schedule.
# Only the cloud has alarms, so what the function may do with them is said here.

locals {
  muting          = "mute_alarms"
  muting_settings = { (local.muting) = { LRS_ALARM_PREFIX = "${local.prefix}-" } }
  muting_statements = {
    (local.muting) = [
      {
        actions    = ["cloudwatch:DescribeAlarms", "cloudwatch:ListAlarmMuteRules"]
        resources  = ["*"] # What lists alarms and rules has no resources of its own.
        conditions = []
      },
      {
        actions    = ["cloudwatch:PutAlarmMuteRule"]
        resources  = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm:${local.prefix}-*"]
        conditions = []
      },
      {
        actions    = ["cloudwatch:DeleteAlarmMuteRule", "cloudwatch:PutAlarmMuteRule"]
        resources  = ["arn:${local.partition}:cloudwatch:${var.region}:${local.account_id}:alarm-mute-rule:${local.prefix}-maintenance-*"]
        conditions = []
      },
    ]
  }
}
