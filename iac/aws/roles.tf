# One role for each function: its logs, its secrets, and what it does to the bucket.
locals {
  objects = "${aws_s3_bucket.models.arn}/*"
  sealed  = "${aws_s3_bucket.models.arn}/.audit/*"

  stores = ["api", "uploads", "sweep"]
}

data "aws_iam_policy_document" "function_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "function" {
  for_each = local.functions

  name               = "${var.name}-${each.key}"
  assume_role_policy = data.aws_iam_policy_document.function_trust.json
}

data "aws_iam_policy_document" "function" {
  for_each = local.functions

  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.function[each.key].arn}:*"]
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [for secret in each.value.secrets : aws_secretsmanager_secret.setting[secret].arn]
  }

  dynamic "statement" {
    for_each = contains(local.stores, each.key) ? [true] : []
    content {
      sid = "Objects"
      actions = [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ]
      resources = [local.objects]
    }
  }

  # Without it an object that is not there looks forbidden.
  dynamic "statement" {
    for_each = contains(local.stores, each.key) ? [true] : []
    content {
      sid       = "Bucket"
      actions   = ["s3:ListBucket"]
      resources = [aws_s3_bucket.models.arn]
    }
  }

  # What seals the log writes there and nobody else; nobody takes anything away.
  dynamic "statement" {
    for_each = contains(local.stores, each.key) ? [true] : []
    content {
      sid       = "SealedIsKept"
      effect    = "Deny"
      actions   = each.key == "sweep" ? ["s3:DeleteObject"] : ["s3:DeleteObject", "s3:PutObject"]
      resources = [local.sealed]
    }
  }

  dynamic "statement" {
    for_each = each.key == "sweep" ? [true] : []
    content {
      sid       = "LockSealed"
      actions   = ["s3:PutObjectRetention"]
      resources = [local.sealed]
    }
  }

  dynamic "statement" {
    for_each = each.key == "sweep" ? [true] : []
    content {
      sid       = "SeeWhetherTheBucketLocks"
      actions   = ["s3:GetBucketObjectLockConfiguration"]
      resources = [aws_s3_bucket.models.arn]
    }
  }

  dynamic "statement" {
    for_each = each.key == "uploads" ? [true] : []
    content {
      sid       = "Failed"
      actions   = ["sqs:SendMessage"]
      resources = [aws_sqs_queue.failed.arn]
    }
  }

  dynamic "statement" {
    for_each = each.key == "relay" && length(local.relay_arns) > 0 ? [true] : []
    content {
      sid       = "Targets"
      actions   = ["events:PutEvents", "sns:Publish", "sqs:SendMessage"]
      resources = local.relay_arns
    }
  }

  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }

  dynamic "statement" {
    for_each = var.tracing ? [true] : []
    content {
      sid       = "Traces"
      actions   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      resources = ["*"] # the platform knows no others for these
    }
  }

  dynamic "statement" {
    for_each = var.network == null ? [] : [true]
    content {
      sid = "Network"
      actions = [
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
      ]
      resources = ["*"] # the platform knows no others for these
    }
  }
}

resource "aws_iam_role_policy" "function" {
  for_each = local.functions

  name   = each.key
  role   = aws_iam_role.function[each.key].id
  policy = data.aws_iam_policy_document.function[each.key].json
}
