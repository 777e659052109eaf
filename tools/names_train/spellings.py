"""Pairs of words that are spellings of one name, and pairs that look alike and are not.

From the lexicons (Arabic–Latin; two Latin spellings of one Arabic word) and from the training part of the lists'
positive pairs, whose words are put beside each other by the sounds learned so far.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path

from amana.matching.names import read_name
from amana.matching.symbols import encode
from tools.names_train import data

LEXICONS = ("google_ar2en", "arabnamer_en2ar")
MOST_OF_GROUP = 8
RULE_WEIGHS = 10  # as many words as a rule of spelling counts for

Encoded = tuple[int, ...]


def bare(text: str) -> str:
    """The one word of a lexicon entry, without article; nothing for entries of several words."""
    words = read_name(text).words
    return words[0].bare if len(words) == 1 else ""


def across() -> list[tuple[str, str]]:
    """(Latin, Arabic) spellings of one word, sorted."""
    found = set()
    for name in LEXICONS:
        for arabic, latin in data.lexicon(name):
            if (left := bare(latin)) and (right := bare(arabic)) and encode(left) and encode(right):
                found.add((left, right))
    return sorted(found) + [rule for rule in rules() for _ in range(RULE_WEIGHS)]


def rules() -> list[tuple[str, str]]:
    """(Latin, Arabic) spellings of single sounds, of `rules.tsv`."""
    lines = (Path(__file__).parent / "rules.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")][1:]
    return [(latin, arabic) for arabic, latins, _ in rows for latin in latins.split()]


def spread(spellings: list[str]) -> list[str]:
    """At most `MOST_OF_GROUP` spellings, evenly from the whole list."""
    step = max(1, -(-len(spellings) // MOST_OF_GROUP))
    return spellings[::step]


def within_latin(pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str, float]]:
    """(Latin, Latin, weight): two spellings of one Arabic word; a group of spellings weighs as one name."""
    groups: dict[str, set[str]] = defaultdict(set)
    for latin, arabic in pairs:
        groups[arabic].add(latin)
    for _, spellings in sorted(groups.items()):
        chosen = spread(sorted(spellings))
        for left, right in combinations(chosen, 2):
            yield left, right, 1 / len(chosen)


def lists_positive() -> list[data.Pair]:
    """The positive pairs of the lists' training part."""
    return [
        pair
        for name in ("lists_latin_arab", "lists_latin_other")
        for pair in data.part(name, validation=False)
        if pair.same
    ]
