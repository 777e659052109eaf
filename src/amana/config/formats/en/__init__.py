"""Forms of English dates."""
