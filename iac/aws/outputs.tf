output "url" {
  description = "Where the registry answers: `modelry login URL`."
  value       = local.public_url
}

output "domain_target" {
  description = "What the DNS name of `domain` must be an alias of."
  value       = one(aws_apigatewayv2_domain_name.own[*].domain_name_configuration[0].target_domain_name)
}

output "bucket" {
  description = "Where the bytes are."
  value       = aws_s3_bucket.models.id
}

output "functions" {
  description = "The names of the functions."
  value       = { for name, function in aws_lambda_function.function : name => function.function_name }
}

output "alarms" {
  description = "The topic that alarms are told to."
  value       = aws_sns_topic.alarms.arn
}
