# What can be set. README.md holds this list as a table; a test compares the two.

variable "region" {
  description = "Where everything is made."
  type        = string
}

variable "name" {
  description = "What the names of everything begin with; several registries of one account differ in it."
  type        = string
  default     = "modelry"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,28}[a-z0-9]$", var.name))
    error_message = "Use 3 to 30 small letters, digits and hyphens, a letter first: bucket and role names hold no more."
  }
}

variable "package" {
  description = "The zip that `make build` made; its name says the architecture and the Python that the functions get."
  type        = string

  validation {
    condition     = can(regex("-python3\\.[0-9]+-(x86_64|arm64)\\.zip$", var.package))
    error_message = "Name a zip of `make build`: modelry-pythonX.Y-ARCHITECTURE.zip."
  }
}

variable "issuers" {
  description = "The OpenID Connect issuers whose tokens are accepted (MODELRY_ISSUERS; docs/operations.md says what each field means)."
  type = list(object({
    name         = string
    url          = optional(string)
    audience     = string
    groups_claim = optional(string)
    algorithms   = optional(list(string))
    client_id    = optional(string)
    platform     = optional(string)
  }))

  validation {
    condition     = length(var.issuers) > 0
    error_message = "Without an issuer nobody can sign in."
  }
}

variable "admins" {
  description = "Grantees that are administrators by configuration: group:ISSUER:NAME or subject:ISSUER:NAME."
  type        = list(string)

  validation {
    condition     = alltrue([for each in var.admins : can(regex("^(group|subject):[^:]+:.+$", each))]) && length(var.admins) > 0
    error_message = "Name at least one, each as group:ISSUER:NAME or subject:ISSUER:NAME."
  }
}

variable "mongodb_uri" {
  description = "Where the database is, with its password. Kept in Secrets Manager, in no state and no plan."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "mongodb_database" {
  description = "The database's name."
  type        = string
  default     = "modelry"
}

variable "audit_key" {
  description = "What seals the audit log: 64 hex digits (openssl rand -hex 32). Kept as mongodb_uri is."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "audit_former_keys" {
  description = "Public keys (hex) that the audit log was sealed with before."
  type        = list(string)
  default     = []
}

variable "token_peppers" {
  description = "What access tokens are hashed under: ID:KEY, several with commas. Kept as mongodb_uri is."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "relay_keys" {
  description = "What keeps the secrets of webhooks: ID:KEY, several with commas. Kept as mongodb_uri is."
  type        = string
  sensitive   = true
  ephemeral   = true
  default     = null
}

variable "relay_targets" {
  description = "Queues (URL), topics (ARN) and buses (name) that webhooks may name; the role of `relay` may send to them (MODELRY_RELAY_TARGETS)."
  type = list(object({
    name       = string
    kind       = string
    address    = string
    region     = optional(string)
    namespaces = optional(list(string))
  }))
  default = []

  validation {
    condition     = alltrue([for each in var.relay_targets : contains(["sqs", "sns", "eventbridge"], each.kind)])
    error_message = "The kind of a target is sqs, sns or eventbridge."
  }
}

variable "secrets_version" {
  description = "Raise it to have mongodb_uri, audit_key, token_peppers and relay_keys written again; otherwise they are needed at the first apply only."
  type        = number
  default     = 1
}

variable "authoriser" {
  description = "Name of the one issuer whose tokens the gateway lets pass; null: the registry alone decides, and takes its own access tokens, Basic and every issuer."
  type        = string
  default     = null

  validation {
    condition     = var.authoriser == null ? true : contains([for each in var.issuers : each.name if each.url != null], var.authoriser)
    error_message = "Name one of the issuers, with a url."
  }
}

variable "domain" {
  description = "An address of one's own: its name, and the ARN of a certificate for it in this region; null: the gateway's."
  type        = object({ name = string, certificate_arn = string })
  default     = null
}

variable "throttle" {
  description = "Requests a second that the gateway lets through, and how many at once on top."
  type        = object({ rate = number, burst = number })
  default     = { rate = 500, burst = 1000 }
}

variable "memory_mb" {
  description = "Memory of each function; its share of a processor grows with it (1769 MB: one)."
  type = object({
    api     = optional(number, 1024)
    uploads = optional(number, 512)
    sweep   = optional(number, 512)
    relay   = optional(number, 512)
    migrate = optional(number, 512)
  })
  default = {}
}

variable "concurrency" {
  description = "Most sandboxes of each function at once, each of which holds connections to the database; -1: what the account has."
  type = object({
    api     = optional(number, -1)
    uploads = optional(number, -1)
  })
  default = {}
}

variable "network" {
  description = "Subnets and security groups to run the functions in, to reach a database that is not public; null: outside."
  type        = object({ subnet_ids = list(string), security_group_ids = list(string) })
  default     = null
}

variable "kms_key_arn" {
  description = "A key of one's own for objects, secrets, logs, queue and topic; null: the platform's. Its policy must let those services use it."
  type        = string
  default     = null
}

variable "bucket_name" {
  description = "The bucket's name, unique in the world; null: NAME-ACCOUNT-REGION."
  type        = string
  default     = null
}

variable "object_lock" {
  description = "Whether the bucket locks objects: sealed documents of the audit log then cannot be deleted by anybody for audit_retention_days. For production: true."
  type        = bool
  default     = false
}

variable "audit_retention_days" {
  description = "For how long sealed documents are locked, where object_lock is true."
  type        = number
  default     = 365
}

variable "upload_ttl_seconds" {
  description = "After which an unfinished upload is given up."
  type        = number
  default     = 86400
}

variable "noncurrent_days" {
  description = "For how long the bucket keeps what was overwritten or deleted."
  type        = number
  default     = 30
}

variable "web_origins" {
  description = "Origins of web pages that send and fetch objects themselves (CORS of the bucket)."
  type        = list(string)
  default     = []
}

variable "force_destroy" {
  description = "Whether `terraform destroy` removes the bucket with everything in it, and secrets at once."
  type        = bool
  default     = false
}

variable "settings" {
  description = "Further MODELRY_ variables of every function, without the MODELRY_: { MAX_FILES = \"1000\" }."
  type        = map(string)
  default     = {}
}

variable "log_retention_days" {
  description = "For how long logs are kept."
  type        = number
  default     = 30
}

variable "tracing" {
  description = "Whether X-Ray traces requests."
  type        = bool
  default     = false
}

variable "alarm_emails" {
  description = "Who is told of alarms; each must confirm once."
  type        = list(string)
  default     = []
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

variable "emulator" {
  description = "Address of an emulator of the platform; empty: the platform itself. Set by `make deploy-local` and by tests."
  type        = string
  default     = ""
}
