locals {
  names = [for name in keys(local.functions) : "${var.name}-${name}"]

  # Each: a title, the metrics in it, and how their values are taken together.
  widgets = [
    {
      title   = "Requests and refusals"
      stat    = "Sum"
      metrics = [for metric in ["Count", "4xx", "5xx"] : ["AWS/ApiGateway", metric, "ApiId", aws_apigatewayv2_api.registry.id]]
    },
    {
      title = "Latency of requests, ms"
      stat  = "p50"
      metrics = [
        for stat in ["p50", "p95", "p99"] :
        ["AWS/ApiGateway", "Latency", "ApiId", aws_apigatewayv2_api.registry.id, { stat = stat }]
      ]
    },
    {
      title   = "Calls of functions"
      stat    = "Sum"
      metrics = [for name in local.names : ["AWS/Lambda", "Invocations", "FunctionName", name]]
    },
    {
      title   = "Errors of functions"
      stat    = "Sum"
      metrics = [for name in local.names : ["AWS/Lambda", "Errors", "FunctionName", name]]
    },
    {
      title   = "Duration of functions, ms, p95"
      stat    = "p95"
      metrics = [for name in local.names : ["AWS/Lambda", "Duration", "FunctionName", name]]
    },
    {
      title   = "Sandboxes at once"
      stat    = "Maximum"
      metrics = [for name in local.names : ["AWS/Lambda", "ConcurrentExecutions", "FunctionName", name]]
    },
    {
      title   = "Age of storage events, ms"
      stat    = "Maximum"
      metrics = [["AWS/Lambda", "AsyncEventAge", "FunctionName", "${var.name}-uploads"]]
    },
    {
      title   = "Storage events that failed"
      stat    = "Maximum"
      metrics = [["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.failed.name]]
    },
    {
      title   = "Bytes in the bucket"
      stat    = "Average"
      metrics = [["AWS/S3", "BucketSizeBytes", "BucketName", local.bucket_name, "StorageType", "StandardStorage", { period = 86400 }]]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "registry" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = [
      for position, widget in local.widgets : {
        type   = "metric"
        x      = (position % 2) * 12
        y      = floor(position / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = widget.title
          region  = var.region
          period  = 60
          stat    = widget.stat
          metrics = widget.metrics
        }
      }
    ]
  })
}
