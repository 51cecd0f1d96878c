output "public_ip" {
  description = "IPv4 address of the host."
  value       = aws_instance.host.public_ip
}

output "private_key" {
  description = "Generated SSH private key; null with ssh_public_key."
  value       = try(tls_private_key.host[0].private_key_openssh, null)
  sensitive   = true
}

output "ssm_path" {
  description = "SSM path of the host's secrets: aws ssm put-parameter --type SecureString --name PATH/GITHUB_TOKEN --value ..."
  value       = "/${var.project}"
}
