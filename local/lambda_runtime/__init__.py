"""Everything that calls the functions: queues, streams, schedules, the gateway."""
