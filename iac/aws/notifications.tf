# The bucket tells `uploads` of each new object. What fails three times lands in a queue, and an
# alarm says so; nothing is lost by it, since clients ask for completion themselves.
resource "aws_s3_bucket_notification" "uploads" {
  bucket = aws_s3_bucket.models.id

  lambda_function {
    id                  = "uploads"
    lambda_function_arn = aws_lambda_function.function["uploads"].arn
    events              = ["s3:ObjectCreated:*"]
  }

  depends_on = [aws_lambda_permission.bucket, aws_lambda_invocation.prepare]
}

resource "aws_lambda_permission" "bucket" {
  statement_id   = "bucket"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.function["uploads"].function_name
  principal      = "s3.amazonaws.com"
  source_arn     = aws_s3_bucket.models.arn
  source_account = local.account
}

resource "aws_lambda_function_event_invoke_config" "uploads" {
  function_name                = aws_lambda_function.function["uploads"].function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 21600

  destination_config {
    on_failure {
      destination = aws_sqs_queue.failed.arn
    }
  }
}

resource "aws_sqs_queue" "failed" {
  name                      = "${var.name}-uploads-failed"
  message_retention_seconds = 1209600
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  kms_master_key_id         = var.kms_key_arn
}
