# The stack on one host. Cost in USD a month (us-east-1, from memory): t3.medium
# 30, disks 3.5, public IPv4 3.7, snapshots about 1; together 38.

# Canonical's current Ubuntu 24.04. A newer one does not replace the host: see
# lifecycle.
data "aws_ssm_parameter" "ubuntu" {
  name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
}

# If the account has no default VPC: `aws ec2 create-default-vpc`.
data "aws_vpc" "default" {
  default = true
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

data "aws_subnet" "host" {
  id = var.subnet_id != null ? var.subnet_id : sort(data.aws_subnets.default.ids)[0]
}

data "aws_caller_identity" "current" {}

resource "aws_security_group" "host" {
  name        = var.project
  description = "SSH from ssh_cidrs; all outbound traffic"
  vpc_id      = data.aws_vpc.default.id
}

resource "aws_vpc_security_group_ingress_rule" "ssh" {
  for_each = toset(var.ssh_cidrs)

  security_group_id = aws_security_group.host.id
  description       = "SSH"
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = each.value
}

# GitHub, package registries, AWS, and a hosted PostgreSQL if there is one.
resource "aws_vpc_security_group_egress_rule" "all" {
  security_group_id = aws_security_group.host.id
  description       = "Everything"
  ip_protocol       = "-1"
  cidr_ipv4         = "0.0.0.0/0"
}

resource "tls_private_key" "host" {
  count = var.ssh_public_key == null ? 1 : 0

  algorithm = "ED25519"
}

resource "aws_key_pair" "host" {
  key_name   = var.project
  public_key = var.ssh_public_key != null ? var.ssh_public_key : tls_private_key.host[0].public_key_openssh
}

# Lets the host read its own settings in SSM, /PROJECT/..., and nothing else.
data "aws_iam_policy_document" "host" {
  statement {
    actions = ["ssm:GetParametersByPath"]
    resources = [
      "arn:aws:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/${var.project}",
      "arn:aws:ssm:${var.region}:${data.aws_caller_identity.current.account_id}:parameter/${var.project}/*",
    ]
  }
}

resource "aws_iam_role" "host" {
  name = "${var.project}-host"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Action    = "sts:AssumeRole"
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "host" {
  name   = "read-settings"
  role   = aws_iam_role.host.id
  policy = data.aws_iam_policy_document.host.json
}

resource "aws_iam_instance_profile" "host" {
  name = "${var.project}-host"
  role = aws_iam_role.host.name
}

# Holds the warehouse and outlives the host. Its zone comes from the subnet: the
# host's is unknown while the host is replaced, and would replace the volume, too.
resource "aws_ebs_volume" "data" {
  # checkov:skip=CKV_AWS_189:the data is public; the account's default key is enough and free
  availability_zone = data.aws_subnet.host.availability_zone
  size              = var.data_gib
  type              = "gp3"
  encrypted         = true
  final_snapshot    = true
  snapshot_id       = var.data_snapshot_id

  tags = {
    Name   = "${var.project}-data"
    Backup = var.project
  }

  # A new subnet in the account must not replace the volume.
  lifecycle {
    ignore_changes = [availability_zone, snapshot_id]
  }
}

resource "aws_volume_attachment" "data" {
  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data.id
  instance_id                    = aws_instance.host.id
  stop_instance_before_detaching = true
}

resource "aws_instance" "host" {
  # checkov:skip=CKV_AWS_88:only SSH from var.ssh_cidrs can reach it; a NAT gateway would double the cost
  # checkov:skip=CKV_AWS_126:`status` reports freshness; detailed monitoring costs 2 USD a month
  ami                         = nonsensitive(data.aws_ssm_parameter.ubuntu.value)
  instance_type               = var.instance_type
  subnet_id                   = data.aws_subnet.host.id
  vpc_security_group_ids      = concat([aws_security_group.host.id], aws_security_group.deploy[*].id)
  key_name                    = aws_key_pair.host.key_name
  iam_instance_profile        = aws_iam_instance_profile.host.name
  associate_public_ip_address = true
  ebs_optimized               = true
  user_data_replace_on_change = true

  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    project        = var.project
    region         = var.region
    companies      = var.companies
    repository_url = var.repository_url
    repository_ref = var.repository_ref
    # a template cannot render null
    deploy_public_key = var.deploy_public_key != null ? var.deploy_public_key : ""
    # the device name contains the volume's id without its hyphen
    volume_id = replace(aws_ebs_volume.data.id, "-", "")
  })

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 20
    encrypted   = true
  }

  credit_specification {
    cpu_credits = "standard"
  }

  tags = {
    Name = var.project
  }

  lifecycle {
    ignore_changes = [ami, subnet_id]
  }
}
