"""A password hasher for tests in this process: the node's own, with one round instead of a million.

Nodes that tests start as processes of their own hash as they do in earnest.
"""

from __future__ import annotations

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """PBKDF2 with a single round."""

    iterations = 1
