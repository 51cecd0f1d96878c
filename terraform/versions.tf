terraform {
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.0"
    }
    tls = {
      source  = "hashicorp/tls"
      version = "~> 4.0"
    }
  }
}

# Credentials come from the environment: AWS_PROFILE, or AWS_ACCESS_KEY_ID.
provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project = var.project
    }
  }
}
