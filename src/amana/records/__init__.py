"""The memory: tables and reading, nothing decided. Every read takes a viewpoint."""
