"""The cloud: its one description, its Terraform code and the checks of both."""
