"""Who is who: names in any spelling and script, their likeness, and an index to find them by."""
