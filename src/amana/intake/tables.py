"""The word lists behind the suggestions: readable tables in this package, loaded once.

Invariant: the tables are data that anyone may read and mend; nothing in them is a person or a case. Columns are
named in each file's first line, alternatives are parted by "|".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from amana.domain.folding import fold

_FOLDER = Path(__file__).parent / "tables"
LANGUAGES = ("de", "fr", "ar", "en", "es")
LATIN = ("de", "fr", "en", "es")
ARABIC_LETTER = "\u0621-\u0652\u0670-\u06d3"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer; degrees north and east, two-letter country or nothing."""

    name: str
    names: tuple[str, ...]
    country: str
    latitude: str
    longitude: str
    kind: str


@dataclass(frozen=True, slots=True)
class Agency:
    """An organisation known by its short name."""

    short: str
    name: str
    others: tuple[str, ...]
    country: str
    schema: str


def rows(table: str) -> list[dict[str, str]]:
    """The rows of a table by column name."""
    head, *lines = (_FOLDER / f"{table}.tsv").read_text("utf-8").splitlines()
    columns = head.split("\t")
    return [dict(zip(columns, line.split("\t"), strict=True)) for line in lines if line]


def alternatives(cell: str) -> tuple[str, ...]:
    """The alternatives of one cell."""
    return tuple(one for one in cell.split("|") if one)


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; a space stands for any white space."""
    ordered = sorted(set(words), key=lambda word: (-len(word), word))
    return "|".join(re.escape(word).replace("\\ ", r"\s+").replace("'", "['’]") for word in ordered)


@cache
def places() -> tuple[Place, ...]:
    """The gazetteer."""
    found = []
    for row in rows("places"):
        english = alternatives(row["name_en"])
        names = [*english, *(name for code in LANGUAGES if code != "en" for name in alternatives(row[f"name_{code}"]))]
        unique = tuple(dict.fromkeys(names))
        found.append(Place(english[0], unique, row["country"], row["lat"], row["lon"], row["kind"]))
    return tuple(found)


@cache
def agencies() -> tuple[Agency, ...]:
    """Organisations known by their short names."""
    return tuple(
        Agency(row["short"], row["name"], alternatives(row["others"]), row["country"], row["schema"])
        for row in rows("agencies")
    )


@cache
def given_names(script: str) -> frozenset[str]:
    """Folded given names of a list: latin, spanish or arabic."""
    names = next(row["names"] for row in rows("given") if row["script"] == script)
    return frozenset(fold(name) for name in names.split())


@cache
def word_list(name: str) -> frozenset[str]:
    """Folded words of a list: rank-before-name, arabic-no-name, arabic-named-after."""
    words = next(row["words"] for row in rows("words") if row["list"] == name)
    return frozenset(fold(word) for word in words.split())


@cache
def titles(kind: str, *languages: str) -> tuple[str, ...]:
    """Words before a name: "title" (Herr, M., السيد) or "head" (an office that may be continued: Direktor …)."""
    chosen = [row for row in rows("titles") if row["kind"] == kind and row["lang"] in languages]
    return tuple(word for row in chosen for word in alternatives(row["words"]))


@cache
def months() -> dict[str, int]:
    """Case-folded month names of all languages."""
    return {name.casefold(): int(row["number"]) for row in rows("months") for name in alternatives(row["names"])}
