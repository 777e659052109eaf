"""Benchmarks: each a command that prints its figures beside a peer measured in the same run."""
