"""Train the tables of `amana.matching` (`make names-train`); reproducible to the byte, on one thread."""
