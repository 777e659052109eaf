"""The tables of this room: readable files in `tables/`, loaded once.

Invariant: every table is text that anyone may read and mend; nothing in them is a person. Columns are named in each
file's first line.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "tables"


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table by column name; lines that begin with "#" are remarks."""
    lines = [line for line in (FOLDER / f"{table}.tsv").read_text("utf-8").splitlines() if line and line[0] != "#"]
    columns = lines[0].split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]


def words_by_role(table: str) -> dict[str, tuple[str, ...]]:
    """The word lists of a table with the columns role and words."""
    return {row["role"]: tuple(row["words"].split()) for row in rows(table)}
