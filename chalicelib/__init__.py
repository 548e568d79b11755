"""The Learning Records Service: the code shared by its functions and web services."""
