locals {
  secrets = {
    mongodb_uri   = "Where the database is, with its password."
    audit_key     = "What seals the audit log."
    token_peppers = "What access tokens are hashed under."
    relay_keys    = "What keeps the secrets of webhooks."
  }
}

resource "aws_secretsmanager_secret" "setting" {
  for_each = local.secrets

  name                    = "${var.name}/${replace(each.key, "_", "-")}"
  description             = each.value
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.force_destroy ? 0 : 30
}

resource "aws_secretsmanager_secret_version" "setting" {
  for_each = local.secrets

  secret_id = aws_secretsmanager_secret.setting[each.key].id
  secret_string_wo = {
    mongodb_uri   = var.mongodb_uri
    audit_key     = var.audit_key
    token_peppers = var.token_peppers
    relay_keys    = var.relay_keys
  }[each.key]
  secret_string_wo_version = var.secrets_version
}
