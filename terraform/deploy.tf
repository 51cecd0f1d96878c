# For .github/workflows/cd.yml: a role that can add and remove rules of one
# security group that has no other rules; IAM cannot restrict the ports.
# Deployments to the environment `production` assume it by OIDC: allow only main
# to deploy to it (Settings, Environments, Deployment branches).
# Create the account's OIDC provider for GitHub once, by hand:
#   aws iam create-open-id-connect-provider \
#     --url https://token.actions.githubusercontent.com \
#     --client-id-list sts.amazonaws.com

variable "github_repository" {
  description = "OWNER/NAME of the repository that deploys; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9-]+/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "Must be OWNER/NAME."
  }
}

variable "deploy_public_key" {
  description = "Public half of SERVER_SSH_KEY of cd.yml, a key for this purpose only; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.deploy_public_key == null || can(regex("^(ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/=]+( [A-Za-z0-9@._-]+)?$", var.deploy_public_key))
    error_message = "Must be the public key itself, on one line, as ssh-keygen -t ed25519 -f deploy writes it to deploy.pub."
  }
}

locals {
  account_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}"
  issuer      = "token.actions.githubusercontent.com"
}

# Separate from the host's group, so that the role cannot lock you out.
resource "aws_security_group" "deploy" {
  count = var.github_repository == null ? 0 : 1

  name        = "${var.project}-deploy"
  description = "SSH from a runner during its deployment"
  vpc_id      = data.aws_vpc.default.id
}

resource "aws_iam_role" "deploy" {
  # checkov:skip=CKV_AWS_393:the subject is one repository's environment; its name is a variable
  count = var.github_repository == null ? 0 : 1

  name = "${var.project}-deploy"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRoleWithWebIdentity"
      Effect    = "Allow"
      Principal = { Federated = "${local.account_arn}:oidc-provider/${local.issuer}" }
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = "repo:${var.github_repository}:environment:production"
        }
      }
    }]
  })
}

resource "aws_iam_role_policy" "deploy" {
  count = var.github_repository == null ? 0 : 1

  name = "open-ssh"
  role = aws_iam_role.deploy[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupIngress",
        "ec2:RevokeSecurityGroupIngress",
      ]
      Resource = "arn:aws:ec2:${var.region}:${data.aws_caller_identity.current.account_id}:security-group/${aws_security_group.deploy[0].id}"
    }]
  })
}

output "deploy_role" {
  description = "AWS_DEPLOY_ROLE of cd.yml; null without github_repository."
  value       = try(aws_iam_role.deploy[0].arn, null)
}

output "security_group" {
  description = "AWS_SECURITY_GROUP of cd.yml; null without github_repository."
  value       = try(aws_security_group.deploy[0].id, null)
}
