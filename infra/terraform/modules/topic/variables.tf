variable "name" {
  description = "Physical name of the topic."
  type        = string
}

variable "key_arn" {
  description = "ARN of the key that encrypts the messages. Its policy lets the services that publish use it."
  type        = string
}

variable "publishers" {
  description = "By AWS service: the ARNs, or patterns of ARNs, of what may publish."
  type        = map(list(string))
}

variable "emails" {
  description = "Addresses that receive the messages, once each has confirmed it."
  type        = list(string)
}
