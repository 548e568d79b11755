"""Adapters of the ports to the rest of AWS: files, queues, mail, secrets, and the clock."""
