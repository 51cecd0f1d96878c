variable "project" {
  description = "Name of everything that is made; also the path of its SSM parameters, /PROJECT/."
  type        = string
  default     = "github-warehouse"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,30}$", var.project))
    error_message = "Give 3 to 31 small letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "us-east-1"
}

variable "ssh_cidrs" {
  description = "IPv4 networks that may reach SSH, such as [\"203.0.113.7/32\"]; nothing else is open."
  type        = list(string)

  validation {
    condition = length(var.ssh_cidrs) > 0 && alltrue([
      for cidr in var.ssh_cidrs :
      can(cidrnetmask(cidr)) && can(tonumber(split("/", cidr)[1])) && try(tonumber(split("/", cidr)[1]), 0) >= 16
    ])
    error_message = "Give networks of /16 or smaller; yours is probably YOUR-ADDRESS/32. The world is refused."
  }
}

variable "ssh_public_key" {
  description = "Your public key. Without one an ED25519 key is made, whose private half lies in the state."
  type        = string
  default     = null

  validation {
    condition     = var.ssh_public_key == null || can(regex("^(ssh-|ecdsa-)", var.ssh_public_key))
    error_message = "Give the public key itself, as in ~/.ssh/id_ed25519.pub."
  }
}

variable "instance_type" {
  description = "PostgreSQL and Metabase want 4 GB: t3.medium, about 30 USD a month (us-east-1, from memory)."
  type        = string
  default     = "t3.medium"
}

variable "subnet_id" {
  description = "Subnet of the default VPC; null for the first. Not every zone has every instance type."
  type        = string
  default     = null
}

variable "data_snapshot_id" {
  description = "Snapshot that a new data volume begins with; null for an empty one."
  type        = string
  default     = null
}

variable "data_gib" {
  description = "Size of the data volume, GiB; about 0.08 USD a month each."
  type        = number
  default     = 20

  validation {
    condition     = var.data_gib >= 10 && var.data_gib <= 1000
    error_message = "Give 10 to 1000 GiB."
  }
}

variable "backup_days" {
  description = "Days for which the daily snapshots of the data volume are kept."
  type        = number
  default     = 14

  validation {
    condition     = var.backup_days >= 1 && var.backup_days <= 365
    error_message = "Give 1 to 365 days."
  }
}

variable "companies" {
  description = "Logins to track, separated by commas."
  type        = string
  default     = "pallets,psf,pypa"

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*$", var.companies))
    error_message = "Give GitHub logins, separated by commas, without spaces."
  }
}

variable "repository_url" {
  description = "Where the host clones this project from, over HTTPS."
  type        = string

  validation {
    condition     = can(regex("^https://[A-Za-z0-9./_-]+$", var.repository_url))
    error_message = "Give an HTTPS URL without credentials."
  }
}

variable "repository_ref" {
  description = "Branch, tag or commit that the host runs at first."
  type        = string
  default     = "main"

  validation {
    condition     = can(regex("^[A-Za-z0-9._/-]+$", var.repository_ref))
    error_message = "Give the name of a branch or tag, or a commit."
  }
}

variable "budget_usd" {
  description = "Monthly cost, USD, at 80 % of which (actual) and 100 % (forecast) a mail is sent. Nothing is stopped."
  type        = number
  default     = 50
}

variable "budget_email" {
  description = "Who is told about the budget."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+[.][^@ ]+$", var.budget_email))
    error_message = "Give an address such as you@example.org."
  }
}
