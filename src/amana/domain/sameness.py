"""By what two statements are found to speak of the same thing: a name by its folded words, an identifier exactly.

Invariant: a value has at most one key, and equal keys are a reason to look, never a judgement that two things are one.
"""

from __future__ import annotations

from amana.domain.folding import fold
from amana.domain.vocabulary import is_identifier, is_name

LONGEST_KEY = 200


def key_of(schema: str, name: str, value: str) -> str:
    """The key of a value, empty where its property neither names nor identifies, or where it is too long."""
    if is_name(schema, name):
        folded = fold(value)
        key = f"name {folded}" if folded else ""
    else:
        key = f"number {value}" if is_identifier(schema, name) else ""
    return key if len(key) <= LONGEST_KEY else ""
