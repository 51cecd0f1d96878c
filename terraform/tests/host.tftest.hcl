mock_provider "aws" {
  mock_data "aws_ssm_parameter" {
    defaults = { value = "ami-0123456789abcdef0" }
  }
  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-b", "subnet-a"] }
  }
  mock_data "aws_subnet" {
    defaults = { id = "subnet-a", availability_zone = "us-east-1a" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_resource "aws_ebs_volume" {
    defaults = { id = "vol-0123456789abcdef0" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
  }
}

mock_provider "tls" {}

variables {
  ssh_cidrs      = ["203.0.113.7/32"]
  repository_url = "https://github.com/example/github-warehouse"
  budget_email   = "you@example.org"
}

run "the_host_is_closed_and_encrypted" {
  command = apply

  assert {
    condition     = aws_instance.host.metadata_options[0].http_tokens == "required"
    error_message = "IMDSv2 is not required"
  }
  assert {
    condition     = aws_instance.host.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "containers can reach the role of the host"
  }
  assert {
    condition     = aws_instance.host.root_block_device[0].encrypted && aws_ebs_volume.data.encrypted
    error_message = "a volume is not encrypted"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.ssh) == 1
    error_message = "more than SSH is open"
  }
  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.ssh :
      rule.from_port == 22 && rule.to_port == 22 && rule.cidr_ipv4 == "203.0.113.7/32"
    ])
    error_message = "SSH is open to others, or something else is open"
  }
  assert {
    condition     = aws_ebs_volume.data.availability_zone == data.aws_subnet.host.availability_zone
    error_message = "the zone of the data volume comes from elsewhere"
  }
  assert {
    condition     = aws_ebs_volume.data.final_snapshot
    error_message = "deleting the volume would delete the data"
  }
}

run "user_data_holds_no_secret" {
  command = apply

  assert {
    condition     = !can(regex("(?i)(password|secret_key|gh[pousr]_|github_pat_|token *=|AKIA)", aws_instance.host.user_data))
    error_message = "user_data holds a secret, or the name of one"
  }
  assert {
    condition     = strcontains(aws_instance.host.user_data, "Amazon_Elastic_Block_Store_vol0123456789abcdef0")
    error_message = "the data volume is not found by its name"
  }
  assert {
    condition     = strcontains(aws_instance.host.user_data, "set -euo pipefail")
    error_message = "the script would continue after a failed step"
  }
}

run "with_a_public_key_none_is_generated" {
  command = apply

  variables {
    ssh_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample you@example.org"
  }
  assert {
    condition     = length(tls_private_key.host) == 0 && output.private_key == null
    error_message = "a key was generated, and is in the state"
  }
}

run "without_a_public_key_one_is_generated" {
  command = apply

  assert {
    condition     = tls_private_key.host[0].algorithm == "ED25519"
    error_message = "no ED25519 key was generated"
  }
}

run "backups_and_the_budget" {
  command = apply

  assert {
    condition     = aws_dlm_lifecycle_policy.backup.policy_details[0].schedule[0].retain_rule[0].count == 14
    error_message = "snapshots are not kept for fourteen days"
  }
  assert {
    condition     = aws_ebs_volume.data.tags.Backup == aws_dlm_lifecycle_policy.backup.policy_details[0].target_tags.Backup
    error_message = "the backup is not of the data volume"
  }
  assert {
    condition = {
      for each in aws_budgets_budget.month.notification : each.notification_type => each.threshold
    } == { ACTUAL = 80, FORECASTED = 100 }
    error_message = "the budget does not notify at 80 % or at the forecast"
  }
}

run "the_world_is_refused" {
  command = plan

  variables {
    ssh_cidrs = ["0.0.0.0/0"]
  }
  expect_failures = [var.ssh_cidrs]
}

run "a_large_network_is_refused" {
  command = plan

  variables {
    ssh_cidrs = ["10.0.0.0/8"]
  }
  expect_failures = [var.ssh_cidrs]
}

run "an_empty_list_is_refused" {
  command = plan

  variables {
    ssh_cidrs = []
  }
  expect_failures = [var.ssh_cidrs]
}

run "what_would_break_the_script_is_refused" {
  command = plan

  variables {
    companies      = "psf'; reboot; '"
    repository_url = "https://token@github.com/example/x"
    repository_ref = "main; reboot"
    budget_email   = "nobody"
  }
  expect_failures = [
    var.companies, var.repository_url, var.repository_ref, var.budget_email,
  ]
}

run "a_repository_that_deploys_may_open_ssh_and_no_more" {
  command = apply

  variables {
    github_repository = "example/github-warehouse"
  }
  assert {
    condition     = jsondecode(aws_iam_role.deploy[0].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == "repo:example/github-warehouse:environment:production"
    error_message = "another repository, or branch, may take the role"
  }
  assert {
    condition = toset(jsondecode(aws_iam_role_policy.deploy[0].policy).Statement[0].Action) == toset([
      "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress",
    ])
    error_message = "the role may do more than open and close SSH"
  }
  assert {
    condition     = length(jsondecode(aws_iam_role_policy.deploy[0].policy).Statement) == 1 && endswith(jsondecode(aws_iam_role_policy.deploy[0].policy).Statement[0].Resource, ":security-group/${aws_security_group.deploy[0].id}")
    error_message = "the role may change a group other than its own"
  }
  assert {
    condition     = toset(aws_instance.host.vpc_security_group_ids) == toset([aws_security_group.host.id, aws_security_group.deploy[0].id])
    error_message = "the host is not in the security group for deployments"
  }
}

run "without_a_repository_nothing_may_be_opened" {
  command = apply

  assert {
    condition     = length(aws_security_group.deploy) == 0 && length(aws_iam_role.deploy) == 0 && length(aws_instance.host.vpc_security_group_ids) == 1
    error_message = "there is a role, or a group, for deployments"
  }
  assert {
    condition     = strcontains(aws_instance.host.user_data, "if [ -n '' ]; then")
    error_message = "a deployment key may log in"
  }
}

run "the_key_of_deployments_runs_one_command" {
  command = apply

  variables {
    deploy_public_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample deploy"
  }
  assert {
    condition     = strcontains(aws_instance.host.user_data, "echo 'restrict,command=\"/data/github-warehouse/terraform/host/take\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample deploy'")
    error_message = "the key may do more than deploy"
  }
}

run "a_key_that_is_more_than_a_key_is_refused" {
  command = plan

  variables {
    deploy_public_key = "ssh-ed25519 AAAA x'\nssh-ed25519 BBBB"
  }
  expect_failures = [var.deploy_public_key]
}
