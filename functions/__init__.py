"""The event handlers, one Lambda function each: build the services, adapt the event, nothing else."""
