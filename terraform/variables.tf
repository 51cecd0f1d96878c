variable "project" {
  description = "Name of all resources; also the path of their SSM parameters, /PROJECT/."
  type        = string
  default     = "github-warehouse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.project))
    error_message = "Must be 3 to 31 lower-case letters, digits and hyphens, starting with a letter."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

variable "ssh_cidrs" {
  description = "IPv4 networks that can reach SSH, such as [\"203.0.113.7/32\"]; no other port is open."
  type        = list(string)

  validation {
    condition = length(var.ssh_cidrs) > 0 && alltrue([
      for cidr in var.ssh_cidrs :
      can(cidrnetmask(cidr)) && can(tonumber(split("/", cidr)[1])) && try(tonumber(split("/", cidr)[1]), 0) >= 16
    ])
    error_message = "Must be networks of /16 or smaller, usually YOUR-ADDRESS/32; the whole internet is not allowed."
  }
}

variable "ssh_public_key" {
  description = "Your SSH public key. If null, an ED25519 key is generated, and its private half is stored in the state."
  type        = string
  default     = null

  validation {
    condition     = var.ssh_public_key == null || can(regex("^(ssh-|ecdsa-)", var.ssh_public_key))
    error_message = "Must be the public key itself, as in ~/.ssh/id_ed25519.pub."
  }
}

variable "instance_type" {
  description = "EC2 instance type. PostgreSQL and Metabase need 4 GB; t3.medium costs about 30 USD a month (us-east-1, from memory)."
  type        = string
  default     = "t3.medium"
}

variable "subnet_id" {
  description = "Subnet of the default VPC; null for the first one. Not every zone has every instance type."
  type        = string
  default     = null
}

variable "data_snapshot_id" {
  description = "Snapshot from which a new data volume is created; null for an empty volume."
  type        = string
  default     = null
}

variable "data_gib" {
  description = "Size of the data volume in GiB; about 0.08 USD a month per GiB."
  type        = number
  default     = 20

  validation {
    condition     = var.data_gib >= 10 && var.data_gib <= 1000
    error_message = "Must be 10 to 1000 GiB."
  }
}

variable "backup_days" {
  description = "Days that daily snapshots of the data volume are kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 365
    error_message = "Must be 1 to 365 days."
  }
}

variable "companies" {
  description = "Logins to track, separated by commas."
  type        = string
  default     = "pallets,psf,pypa"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*$", var.companies))
    error_message = "Must be GitHub logins, separated by commas, without spaces."
  }
}

variable "repository_url" {
  description = "HTTPS URL that the host clones this project from."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9./_-]+$", var.repository_url))
    error_message = "Must be an HTTPS URL without credentials."
  }
}

variable "repository_ref" {
  description = "Branch, tag or commit that a new host runs."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.repository_ref))
    error_message = "Must be a branch, tag or commit."
  }
}

variable "budget_usd" {
  description = "Monthly budget in USD. An e-mail is sent at 80 % (actual) and 100 % (forecast); nothing is stopped."
  type        = number
  default     = 50
}

variable "budget_email" {
  description = "E-mail address for budget notifications."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.budget_email))
    error_message = "Must be an e-mail address such as you@example.org."
  }
}
