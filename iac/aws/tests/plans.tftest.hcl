# `terraform test` in iac/aws: what is planned for one setting or another, with nothing behind it.
mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:eu-west-1:123456789012:function:mock" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:mock-AbCdEf" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:eu-west-1:123456789012:log-group:mock" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:eu-west-1:123456789012:mock" }
  }
  mock_resource "aws_s3_bucket" {
    defaults = { arn = "arn:aws:s3:::mock" }
  }
  mock_resource "aws_apigatewayv2_api" {
    defaults = {
      api_endpoint  = "https://mock.execute-api.eu-west-1.amazonaws.com"
      execution_arn = "arn:aws:execute-api:eu-west-1:123456789012:mock"
    }
  }
}

variables {
  region        = "eu-west-1"
  package       = "tests/empty-python3.13-arm64.zip"
  admins        = ["group:people:platform"]
  mongodb_uri   = "mongodb+srv://modelry@cluster.example.net/"
  audit_key     = "11"
  token_peppers = "first:22"
  relay_keys    = "first:33"
  issuers = [
    { name = "people", url = "https://id.example.org", audience = "modelry", client_id = "cli" },
    { name = "ci", audience = "modelry", platform = "github" },
  ]
}

run "usual" {
  assert {
    condition     = alltrue([for each in aws_lambda_function.function : each.runtime == "python3.13" && each.architectures == tolist(["arm64"])])
    error_message = "The package's name says for what it was built."
  }
  assert {
    condition     = aws_lambda_function.function["api"].environment[0].variables.MODELRY_ISSUERS == jsonencode([{ audience = "modelry", client_id = "cli", name = "people", url = "https://id.example.org" }, { audience = "modelry", name = "ci", platform = "github" }])
    error_message = "Issuers are handed on with the fields that are set."
  }
  assert {
    condition     = aws_lambda_function.function["api"].environment[0].variables.MODELRY_S3_ENDPOINT == "https://s3.eu-west-1.amazonaws.com"
    error_message = "The store is the region's."
  }
  assert {
    condition     = aws_apigatewayv2_route.guarded.authorization_type == "NONE" && length(aws_apigatewayv2_authorizer.issuer) == 0
    error_message = "Without an authoriser the registry decides alone."
  }
  assert {
    condition     = length(aws_s3_bucket_policy.models) == 1
    error_message = "The bucket takes encrypted connections only."
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.models.rule[*].apply_server_side_encryption_by_default[0].sse_algorithm) == "AES256"
    error_message = "Objects are encrypted."
  }
  assert {
    condition     = output.url == "https://mock.execute-api.eu-west-1.amazonaws.com"
    error_message = "The address is the gateway's."
  }
}

run "in_front" {
  variables {
    authoriser = "people"
  }

  assert {
    condition     = aws_apigatewayv2_route.guarded.authorization_type == "JWT" && length(aws_apigatewayv2_route.public) == 3
    error_message = "All but what is public needs a token."
  }
  assert {
    condition     = one(aws_apigatewayv2_authorizer.issuer["people"].jwt_configuration).issuer == "https://id.example.org"
    error_message = "The authoriser is the issuer's."
  }
}

run "strict" {
  variables {
    domain               = { name = "models.example.org", certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/1" }
    kms_key_arn          = "arn:aws:kms:eu-west-1:123456789012:key/1"
    object_lock          = true
    audit_retention_days = 3650
    network              = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
    concurrency          = { api = 50 }
    web_origins          = ["https://web.example.org"]
    alarm_emails         = ["ops@example.org"]
    settings             = { MAX_FILES = "10" }
    tracing              = true
    relay_targets = [
      { name = "queue", kind = "sqs", address = "https://sqs.eu-west-1.amazonaws.com/123456789012/models" },
      { name = "bus", kind = "eventbridge", address = "models", namespaces = ["default"] },
    ]
  }

  assert {
    condition = local.relay_arns == [
      "arn:aws:sqs:eu-west-1:123456789012:models",
      "arn:aws:events:eu-west-1:123456789012:event-bus/models",
    ]
    error_message = "The relay may send to its targets."
  }

  assert {
    condition     = output.url == "https://models.example.org" && aws_apigatewayv2_api.registry.disable_execute_api_endpoint
    error_message = "There is one address, its own."
  }
  assert {
    condition     = aws_s3_bucket.models.object_lock_enabled && aws_lambda_function.function["sweep"].environment[0].variables.MODELRY_AUDIT_RETENTION_DAYS == "3650"
    error_message = "Sealed documents are locked."
  }
  assert {
    condition     = alltrue([for each in aws_secretsmanager_secret.setting : each.kms_key_id == var.kms_key_arn])
    error_message = "Secrets are under the key of one's own."
  }
  assert {
    condition     = aws_lambda_function.function["api"].reserved_concurrent_executions == 50 && aws_lambda_function.function["sweep"].reserved_concurrent_executions == -1
    error_message = "Concurrency is each function's."
  }
  assert {
    condition     = alltrue([for each in aws_lambda_function.function : each.environment[0].variables.MODELRY_MAX_FILES == "10" && each.vpc_config[0].subnet_ids == toset(["subnet-1"])])
    error_message = "Every function has the settings and the network."
  }
  assert {
    condition     = length(aws_s3_bucket_cors_configuration.models) == 1 && length(aws_sns_topic_subscription.alarms) == 1
    error_message = "Web pages may fetch, and somebody is told of alarms."
  }
}

run "a_package_of_another_name" {
  command = plan
  variables {
    package = "tests/plans.tftest.hcl"
  }
  expect_failures = [var.package]
}

run "an_authoriser_without_an_address" {
  command = plan
  variables {
    authoriser = "ci"
  }
  expect_failures = [var.authoriser]
}

run "nobody_to_administer" {
  command = plan
  variables {
    admins = ["platform"]
  }
  expect_failures = [var.admins]
}
