data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

locals {
  is_emulated = var.emulator != ""
  account     = data.aws_caller_identity.current.account_id
  partition   = data.aws_partition.current.partition
  bucket_name = coalesce(var.bucket_name, "${var.name}-${local.account}-${var.region}")

  built        = regex("-(?P<runtime>python3\\.[0-9]+)-(?P<architecture>x86_64|arm64)\\.zip$", var.package)
  package_hash = filebase64sha256(var.package)

  # The emulator has no names of its own in the DNS: its gateways answer under a path.
  gateway_url = local.is_emulated ? "${var.emulator}/_aws/execute-api/${aws_apigatewayv2_api.registry.id}" : aws_apigatewayv2_api.registry.api_endpoint
  public_url  = var.domain == null ? local.gateway_url : "https://${var.domain.name}"
  s3_endpoint = local.is_emulated ? var.emulator : "https://s3.${var.region}.${data.aws_partition.current.dns_suffix}"

  # What each function is. `secrets` are those that its role may read and no others.
  functions = {
    api = {
      description = "Answers requests of the gateway."
      timeout     = 29 # the gateway waits for 30 s
      secrets     = ["mongodb_uri", "audit_key", "token_peppers", "relay_keys"]
    }
    uploads = {
      description = "Makes versions ready when the bucket tells of their files."
      timeout     = 120
      secrets     = ["mongodb_uri"]
    }
    sweep = {
      description = "Closes what ran out of time, purges what was deleted, seals the audit log."
      timeout     = 120
      secrets     = ["mongodb_uri", "audit_key"]
    }
    relay = {
      description = "Tells webhooks, queues and topics of what happened."
      timeout     = 120
      secrets     = ["mongodb_uri", "relay_keys"]
    }
    migrate = {
      description = "Makes indexes at each deployment, and rewrites documents when it is asked to."
      timeout     = 900
      secrets     = ["mongodb_uri"]
    }
  }

  # How often each of these runs.
  schedules = {
    sweep = "rate(1 minute)"
    relay = "rate(1 minute)"
  }

  relay_targets = jsonencode([
    for target in var.relay_targets : { for field, value in target : field => value if value != null }
  ])

  # What the role of `relay` may send to: an SQS queue's ARN is made of its URL.
  relay_arns = [
    for target in var.relay_targets : {
      sqs         = target.kind == "sqs" ? "arn:${local.partition}:sqs:${split(".", target.address)[1]}:${replace(regex("[0-9]{12}/.*$", target.address), "/", ":")}" : ""
      sns         = target.address
      eventbridge = "arn:${local.partition}:events:${coalesce(target.region, var.region)}:${local.account}:event-bus/${target.address}"
    }[target.kind]
  ]

  issuers = jsonencode([
    for issuer in var.issuers : { for field, value in issuer : field => value if value != null }
  ])

  environment = merge(
    {
      MODELRY_MONGODB_DATABASE     = var.mongodb_database
      MODELRY_S3_ENDPOINT          = local.s3_endpoint
      MODELRY_S3_REGION            = var.region
      MODELRY_S3_BUCKET            = local.bucket_name
      MODELRY_ISSUERS              = local.issuers
      MODELRY_ADMINS               = join(",", var.admins)
      MODELRY_PUBLIC_URL           = local.public_url
      MODELRY_UPLOAD_TTL_SECONDS   = tostring(var.upload_ttl_seconds)
      MODELRY_AUDIT_FORMER_KEYS    = join(",", var.audit_former_keys)
      MODELRY_AUDIT_RETENTION_DAYS = tostring(var.audit_retention_days)
      MODELRY_RELAY_TARGETS        = local.relay_targets
      MODELRY_MAX_PROXIED_BYTES    = "4194304" # a function takes 6 MB, in base64
    },
    { for setting, value in var.settings : "MODELRY_${setting}" => value },
  )
}
