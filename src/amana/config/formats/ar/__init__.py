"""Forms of Arabic dates."""
