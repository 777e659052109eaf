"""Later mentions of a person by family name only.

Invariant: a family name stands for a person only where the text names one person of that name; one pass over the
words, however many people there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from amana.intake.spans import Taken, suggestion
from amana.intake.suggestion import Kind, Suggestion

_WORD = re.compile(r"(?<![\w-])[^\W\d_][\w'’]*")
_ENDS = re.compile(r"s?(?![\w-])")
_PREFIXES = (re.compile("[وف]"), re.compile("[بكل]"), re.compile("[وف][بكل]"))

Forms = Callable[[str], Iterable[tuple[int, str]]]


def find_mentions(text: str, people: Iterable[tuple[str, str]], blocked: Taken, forms: Forms) -> list[Suggestion]:
    """Mentions of people, given as (family name, full name), in places that are not blocked."""
    full: dict[str, set[str]] = {}
    for surname, value in people:
        full.setdefault(surname, set()).add(value)
    by_first: dict[str, list[str]] = {}
    for surname, values in full.items():
        if len(values) == 1:
            by_first.setdefault(surname.split()[0], []).append(surname)
    found = []
    for word in _WORD.finditer(text):
        for offset, first in forms(word[0]):
            start = word.start() + offset
            name = next((one for one in by_first.get(first, ()) if _stands(text, start, one)), "")
            span = (start, start + len(name))
            if name and not blocked.touches(span):
                blocked.add(span)
                found.append(_mention(text, span, next(iter(full[name]))))
    return found


def latin_forms(word: str) -> Iterable[tuple[int, str]]:
    """The word, and the word without the s of a German genitive."""
    return ((0, word), (0, word[:-1])) if word.endswith("s") else ((0, word),)


def arabic_forms(word: str) -> Iterable[tuple[int, str]]:
    """The word, and the word without the conjunction and preposition written to it."""
    starts = [found.end() for found in (prefix.match(word) for prefix in _PREFIXES) if found]
    return [(start, word[start:]) for start in (0, *starts)]


def _stands(text: str, start: int, surname: str) -> bool:
    return text.startswith(surname, start) and bool(_ENDS.match(text, start + len(surname)))


def _mention(text: str, span: tuple[int, int], value: str) -> Suggestion:
    said = (("name", value),)
    return suggestion(text, span, Kind.PERSON, value, reason="family-name-again", schema="Person", said=said)
