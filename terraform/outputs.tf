output "public_ip" {
  description = "Address of the host."
  value       = aws_instance.host.public_ip
}

output "private_key" {
  description = "Private key, where one was made; null where you gave yours."
  value       = try(tls_private_key.host[0].private_key_openssh, null)
  sensitive   = true
}

output "ssm_path" {
  description = "Where secrets of the host belong: aws ssm put-parameter --type SecureString --name PATH/GITHUB_TOKEN --value ..."
  value       = "/${var.project}"
}
