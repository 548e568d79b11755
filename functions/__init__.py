"""The event handlers, one for each Lambda function: they build the services and adapt the event, nothing else."""
