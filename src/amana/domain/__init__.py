"""What is true here: frozen values, enums and pure functions; no framework, no clock, no disk."""
