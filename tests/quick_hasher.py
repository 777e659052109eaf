"""A password hasher for tests: the node's own, with one round instead of a million."""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """PBKDF2 with a single round."""

    iterations = 1
