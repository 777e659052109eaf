"""People for the blind comparison: public pairs that are one person, and a hundred thousand others to be mistaken for.

Others are recombined from the words of listed people's names (first, middle and last words in their places). Their
birth dates take a listed person's year and, but for the share that lists give as the first of January, any day of it:
3,210 listed days for 100,000 people would put 31 on each. The hard column draws from those listed days all the same.
"""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from random import Random

from amana.domain.handling import Purpose
from amana.domain.vocabulary import Category
from amana.matching.blind.scope import Scope
from amana.matching.keys import Subject, Token, holding_keys, question_keys

NAMES = Path(__file__).resolve().parents[2] / "shared/data/names/dev"
SLICES = {"Moroccan, ar–fr": "maroc_arfr", "Arabic–Latin": "lists_xscript", "Latin, Arab world": "lists_latin_arab"}
SCOPE = Scope("bench", Purpose.INVESTIGATION, 1, "washington")
ALLOWED = frozenset({Category.SUSPECT})
OTHERS = 100_000
QUESTIONS = 1_500

Draw = Callable[[Random], str]


@dataclass(frozen=True, slots=True)
class Listed:
    """What the lists give: one name a person by whether it is of the Arab world, and whole birth dates."""

    arab: list[list[str]]
    all: list[list[str]]
    days: list[date]
    share: float  # of days that are a first of January

    def smooth(self, chance: Random) -> str:
        """A listed year with any day of it, or the first of January as often as lists have it."""
        first = date(chance.choice(self.days).year, 1, 1)
        return (first if chance.random() < self.share else first + timedelta(chance.randrange(365))).isoformat()

    def listed(self, chance: Random) -> str:
        """One of the listed days."""
        return chance.choice(self.days).isoformat()


def read_lists() -> Listed:
    """Read the entities of the development data."""
    arab, everyone, days = list[list[str]](), list[list[str]](), list[date]()
    with gzip.open(NAMES / "entities.jsonl.gz", "rt", encoding="utf-8") as lines:
        for entity in map(json.loads, lines):
            if entity["type"] != "person":
                continue
            words = entity["names"][0][0].split()
            if len(words) > 1:
                everyone.append(words)
                if entity["region"] != "other":
                    arab.append(words)
            days += [datetime.strptime(day, "%d %b %Y").date() for day in entity["dob"] if len(day) == 11]
    return Listed(arab, everyone, days, sum((day.month, day.day) == (1, 1) for day in days) / len(days))


def pairs(table: str) -> list[tuple[str, str]]:
    """The pairs of a table that are one person."""
    with (NAMES / f"{table}.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [(row["a"], row["b"]) for row in rows if row["same"] == "1"]


def person(name: str, born: str) -> Subject:
    """A suspect of that name and birth date."""
    return Subject(Category.SUSPECT, (name,), (born,))


def held(name: str, born: str) -> set[Token]:
    """The tokens that a holder of that person has."""
    return set(holding_keys(person(name, born), SCOPE, categories=ALLOWED).tokens)


def asked(name: str, born: str) -> set[Token]:
    """The tokens by which an asker looks for that person."""
    return set(question_keys(person(name, born), SCOPE, categories=ALLOWED).tokens)


def others(names: list[list[str]], draw: Draw, count: int, seed: int = 1) -> Iterator[Subject]:
    """So many people with recombined names and drawn birth dates."""
    chance = Random(seed)
    middles = [word for words in names for word in words[1:-1]]
    for _ in range(count):
        inner = [chance.choice(middles) for _ in range(len(chance.choice(names)) - 2)]
        words = [chance.choice(names)[0], *inner, chance.choice(names)[-1]]
        yield person(" ".join(words), draw(chance))


def recall(table: str, whole: bool) -> float:
    """The share of pairs with a hit; with whole birth dates, or where the asker has only the year."""
    born = "1971-05-17"
    found = [bool(asked(one, born if whole else born[:4]) & held(other, born)) for one, other in pairs(table)]
    return sum(found) / len(found)


def mistaken(names: list[list[str]], draw: Draw) -> dict[tuple[str, bool], float]:
    """The share of questions that hit any of the others, though nobody of them is meant.

    By slice, and by whether the asker has whole birth dates or years only.
    """
    holding = {
        token.data
        for subject in others(names, draw, OTHERS)
        for token in holding_keys(subject, SCOPE, categories=ALLOWED).tokens
    }
    chance, shares = Random(2), dict[tuple[str, bool], float]()
    for table, whole in product(SLICES.values(), (True, False)):
        known, hits = pairs(table), 0
        for _ in range(QUESTIONS):
            born = draw(chance)
            tokens = asked(chance.choice(chance.choice(known)), born if whole else born[:4])
            hits += any(token.data in holding for token in tokens)
        shares[table, whole] = hits / QUESTIONS
    return shares
