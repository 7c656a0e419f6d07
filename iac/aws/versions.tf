terraform {
  required_version = ">= 1.11" # secrets are write-only arguments: they are in no state and no plan

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.100, < 7.0"
    }
  }
}

provider "aws" {
  region            = var.region
  s3_use_path_style = local.is_emulated

  default_tags {
    tags = merge({ application = var.name }, var.tags)
  }
}
