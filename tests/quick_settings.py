"""The settings of the suite and of all nodes that it starts: the node's own, but a password is hashed in one round.

A third of a second for each person and each sign-in of each test would be much of the suite's time. Nothing else
differs; `tests/web/test_sign_in.py` signs in with a password that is hashed as a node hashes it.
"""

from __future__ import annotations

from amana.config.settings import *  # noqa: F403

PASSWORD_HASHERS = ["tests.quick_hasher.QuickHasher"]
