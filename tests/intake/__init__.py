"""Intake: what is read, what is refused, what is suggested."""
