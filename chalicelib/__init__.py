"""The Learning Records Service: everything that its functions and its web surfaces share."""
