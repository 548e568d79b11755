"""What calls the functions: queues, streams, schedules, the gateway."""
