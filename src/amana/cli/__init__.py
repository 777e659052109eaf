"""The operator's door: the command line over the services."""
