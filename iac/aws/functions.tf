resource "aws_lambda_function" "function" {
  for_each = local.functions

  function_name = "${var.name}-${each.key}"
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn

  filename         = var.package
  source_code_hash = local.package_hash
  runtime          = local.built.runtime
  architectures    = [local.built.architecture]
  handler          = "handlers.functions.${each.key}.handler"

  memory_size                    = var.memory_mb[each.key]
  timeout                        = each.value.timeout
  reserved_concurrent_executions = lookup(var.concurrency, each.key, -1)

  environment {
    variables = merge(
      local.environment,
      { SECRETS_VERSION = tostring(var.secrets_version) }, # nobody reads it: a change replaces sandboxes
      { for secret in each.value.secrets : "MODELRY_${upper(secret)}_FROM" => aws_secretsmanager_secret.setting[secret].arn },
    )
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  dynamic "vpc_config" {
    for_each = var.network == null ? [] : [var.network]
    content {
      subnet_ids         = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  # A function that starts before its role may read its secrets fails until it is called again.
  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_iam_role_policy.function,
    aws_secretsmanager_secret_version.setting,
  ]
}

resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${var.name}-${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Indexes and counters, before anybody is let in, and again with each package.
resource "aws_lambda_invocation" "prepare" {
  function_name = aws_lambda_function.function["migrate"].function_name
  input         = jsonencode({})

  triggers = {
    package  = local.package_hash
    database = var.mongodb_database
    secrets  = var.secrets_version
  }
}
