"""Whether a text holds a word: the one question of the search, asked in each database's quickest way.

Invariant: the answer is the same on every database: the word stands somewhere in the text, letter for letter.
"""

from __future__ import annotations

from typing import Any

from django.db.models.lookups import Contains


class Holds(Contains):
    """`contains` for folded words; on PostgreSQL by STRPOS, which leaps through a text where LIKE reads each byte."""

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        """The same as STRPOS; SQLite's LIKE is quicker than its INSTR."""
        text, given = self.process_lhs(compiler, connection)
        return f"STRPOS({text}, %s) > 0", [*given, str(self.rhs)]
