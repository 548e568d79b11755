"""The service on one machine: the emulated cloud, sample data, commands. Never deployed."""
