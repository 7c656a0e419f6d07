resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = coalesce(var.kms_key_arn, "alias/aws/sns")
}

resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

locals {
  of_function = { for name in keys(local.functions) : name => { FunctionName = "${var.name}-${name}" } }
  of_gateway  = { ApiId = aws_apigatewayv2_api.registry.id }

  # Each: a metric that passes `threshold` in `periods` minutes one after another.
  alarms = merge(
    {
      for name in keys(local.functions) : "${name}-errors" => {
        says       = "The function ${name} fails: look into its log."
        namespace  = "AWS/Lambda"
        metric     = "Errors"
        dimensions = local.of_function[name]
        statistic  = "Sum"
        threshold  = 0
        periods    = name == "api" ? 1 : 3
      }
    },
    {
      for name in ["api", "uploads"] : "${name}-throttled" => {
        says       = "The function ${name} is at its concurrency: raise it, if the database has connections left."
        namespace  = "AWS/Lambda"
        metric     = "Throttles"
        dimensions = local.of_function[name]
        statistic  = "Sum"
        threshold  = 0
        periods    = 3
      }
    },
    {
      api-slow = {
        says       = "One request in a hundred takes more than five seconds."
        namespace  = "AWS/ApiGateway"
        metric     = "Latency"
        dimensions = local.of_gateway
        statistic  = "p99"
        threshold  = 5000
        periods    = 5
      }
      api-unavailable = {
        says       = "Requests are answered 5xx: see GET /health for what is down."
        namespace  = "AWS/ApiGateway"
        metric     = "5xx"
        dimensions = local.of_gateway
        statistic  = "Sum"
        threshold  = 5
        periods    = 3
      }
      uploads-late = {
        says       = "Storage events wait for more than a minute."
        namespace  = "AWS/Lambda"
        metric     = "AsyncEventAge"
        dimensions = local.of_function.uploads
        statistic  = "Maximum"
        threshold  = 60000
        periods    = 5
      }
      uploads-failed = {
        says       = "Storage events failed for good: they are in the queue ${var.name}-uploads-failed."
        namespace  = "AWS/SQS"
        metric     = "ApproximateNumberOfMessagesVisible"
        dimensions = { QueueName = "${var.name}-uploads-failed" }
        statistic  = "Maximum"
        threshold  = 0
        periods    = 1
      }
    },
  )
}

resource "aws_cloudwatch_metric_alarm" "alarm" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.periods
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

# The other way round: that nothing comes is what is wrong.
resource "aws_cloudwatch_metric_alarm" "silent" {
  for_each = local.schedules

  alarm_name          = "${var.name}-${each.key}-silent"
  alarm_description   = "The schedule has not called ${each.key} for ten minutes."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  dimensions          = local.of_function[each.key]
  statistic           = "Sum"
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  period              = 60
  evaluation_periods  = 10
  treat_missing_data  = "breaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}
