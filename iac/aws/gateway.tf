resource "aws_apigatewayv2_api" "registry" {
  name                         = var.name
  description                  = "Modelry"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = var.domain != null
}

resource "aws_apigatewayv2_integration" "api" {
  api_id                 = aws_apigatewayv2_api.registry.id
  integration_type       = "AWS_PROXY"
  integration_uri        = aws_lambda_function.function["api"].invoke_arn
  integration_method     = "POST"
  payload_format_version = "2.0"
  timeout_milliseconds   = 30000
}

# The registry decides about every request by itself. This stands in front of it, so that a request
# without a token of this issuer wakes no function.
resource "aws_apigatewayv2_authorizer" "issuer" {
  for_each = { for issuer in var.issuers : issuer.name => issuer if issuer.name == var.authoriser }

  api_id           = aws_apigatewayv2_api.registry.id
  name             = each.key
  authorizer_type  = "JWT"
  identity_sources = ["$request.header.Authorization"]

  jwt_configuration {
    issuer   = each.value.url
    audience = [each.value.audience]
  }
}

locals {
  # What is read without a token: by clients before they have one, and by monitors.
  public_routes = ["GET /health", "GET /.well-known/{name+}", "GET /api/v1/openapi.json"]
  authoriser_id = one([for each in aws_apigatewayv2_authorizer.issuer : each.id])
}

resource "aws_apigatewayv2_route" "guarded" {
  api_id             = aws_apigatewayv2_api.registry.id
  route_key          = "$default"
  target             = "integrations/${aws_apigatewayv2_integration.api.id}"
  authorization_type = var.authoriser == null ? "NONE" : "JWT"
  authorizer_id      = local.authoriser_id
}

resource "aws_apigatewayv2_route" "public" {
  for_each = toset(var.authoriser == null ? [] : local.public_routes)

  api_id    = aws_apigatewayv2_api.registry.id
  route_key = each.value
  target    = "integrations/${aws_apigatewayv2_integration.api.id}"
}

resource "aws_apigatewayv2_stage" "default" {
  api_id      = aws_apigatewayv2_api.registry.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    detailed_metrics_enabled = true
    throttling_rate_limit    = var.throttle.rate
    throttling_burst_limit   = var.throttle.burst
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.gateway.arn
    format = jsonencode({
      time       = "$context.requestTime"
      request    = "$context.requestId"
      address    = "$context.identity.sourceIp"
      method     = "$context.httpMethod"
      path       = "$context.path"
      status     = "$context.status"
      latency_ms = "$context.responseLatency"
      error      = "$context.error.message"
      refused    = "$context.authorizer.error"
    })
  }
}

resource "aws_cloudwatch_log_group" "gateway" {
  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_permission" "gateway" {
  statement_id  = "gateway"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.function["api"].function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.registry.execution_arn}/*/*"
}

resource "aws_apigatewayv2_domain_name" "own" {
  count       = var.domain == null ? 0 : 1
  domain_name = var.domain.name

  domain_name_configuration {
    certificate_arn = var.domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }
}

resource "aws_apigatewayv2_api_mapping" "own" {
  count       = var.domain == null ? 0 : 1
  api_id      = aws_apigatewayv2_api.registry.id
  domain_name = aws_apigatewayv2_domain_name.own[0].id
  stage       = aws_apigatewayv2_stage.default.id
}
