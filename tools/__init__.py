"""What the Makefile calls: needs, a PostgreSQL of one's own, reference pages, sentences to translate."""
