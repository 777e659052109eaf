"""`python -m amana` is the same as `amana`."""

from __future__ import annotations

from amana.config.main import main

if __name__ == "__main__":
    main()
