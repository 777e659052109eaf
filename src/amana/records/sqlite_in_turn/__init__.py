"""Django's SQLite, with writers of all processes queueing in turn."""
