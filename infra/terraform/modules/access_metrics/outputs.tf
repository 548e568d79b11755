output "namespaces" {
  description = "Namespace of the metrics Latency (whose samples are the requests) and Faults, by function of the catalogue."
  value       = { for function, filter in aws_cloudwatch_log_metric_filter.latency : function => one(filter.metric_transformation).namespace }
}
