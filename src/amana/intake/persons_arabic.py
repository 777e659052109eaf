"""People in Arabic script, where no capital shows a name: titles, offices and given names do.

Invariant: a name begins with a given name of the list and is never one word; prefixes (و ب ل ك ف) and streets
named after people are no names.
"""

from __future__ import annotations

import re
from functools import cache

from amana.domain.folding import fold
from amana.intake.mentions import arabic_forms, find_mentions
from amana.intake.spans import Pairs, Span, Taken, plain, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import any_of, given_names, titles, word_list

_WORD = re.compile("[\u0621-\u0652\u0670-\u06d3]+")
_PARTICLES = frozenset(["بن", "ابن", "ولد", "أبو", "ابو", "آل", "آيت", "ايت", "بنت", "أولاد", "بو"])
_COMPOUND_FIRST = frozenset(["عبد"])
_STOP = word_list("arabic-no-name")
_NO_PERSON_BEFORE = word_list("arabic-named-after")
_REACH = 120
_LEAST_SURNAME = 4


def find_arabic_persons(text: str, taken: list[Span]) -> list[Suggestion]:
    """People of an Arabic text; `taken` are places that are something else."""
    words = [(one.start(), one.end(), one[0]) for one in _WORD.finditer(text)]
    found: list[Suggestion] = []
    blocked, place = Taken(taken), 0
    while place < len(words):
        last = _last_word(text, words, place)
        if last is None:
            place += 1
            continue
        start = words[place][0] + _prefix(words[place][2])
        span = (start, words[last][1])
        if not blocked.touches(span):
            found.append(_suggestion(text, span))
        place = last + 1
    for one in found:
        blocked.add((one.start, one.end))
    full = [(one.value.split()[-1], one.value) for one in found]
    known = [one for one in full if len(one[0]) > _LEAST_SURNAME and fold(one[0]) not in given_names("arabic")]
    return found + find_mentions(text, known, blocked, arabic_forms)


def _prefix(word: str) -> int:
    """How many letters before the given name belong to the sentence; -1 when it is no given name."""
    given = given_names("arabic")
    if fold(word) in given:
        return 0
    for length in (1, 2):
        if (
            word[0] in "وفبلك"
            and (length == 1 or word[1] in "بلك")
            and len(word) > length + 1
            and fold(word[length:]) in given
        ):
            return length
    return -1


def _last_word(text: str, words: list[tuple[int, int, str]], first: int) -> int | None:
    """Where a name ends that begins here: given names, particles, one family name."""
    if _prefix(words[first][2]) < 0 or (first and fold(words[first - 1][2]) in _NO_PERSON_BEFORE):
        return None
    last, place = None, first + 1
    compound = fold(words[first][2]).endswith("عبد")
    while (
        place < len(words) and place <= first + 5 and not text[words[place - 1][1] : words[place][0]].strip(" \u00a0")
    ):
        word = words[place][2]
        folded = fold(word)
        if compound:
            compound = False  # "عبد" and what follows are one given name
        elif word not in _PARTICLES:
            if folded in _STOP or len(word) < 3 or _is_title(word):
                break
            last, compound = place, folded == "عبد"
            if folded not in given_names("arabic"):
                break
        place += 1
    return last


def _is_title(word: str) -> bool:
    return word in titles("title", "ar") or word in titles("head", "ar")


def _suggestion(text: str, span: Span) -> Suggestion:
    value = plain(text[span[0] : span[1]])
    role, reason = _role(text, span)
    said: Pairs = (("name", value),) + ((("position", role),) if role else ())
    return suggestion(text, span, Kind.PERSON, value, reason=reason, role=role, schema="Person", said=said)


def _role(text: str, span: Span) -> tuple[str, str]:
    before = re.split(r"[.;:؛!؟\n()]", text[max(0, span[0] - _REACH) : span[0]])[-1]
    titled = re.search(rf"(?:{any_of(titles('title', 'ar'))})\s+$", before)
    before = re.sub(rf"[وفبل]?(?:{any_of(titles('title', 'ar'))})\s+$", "", before)
    whole = before.rstrip(" ،\u00a0")
    heads = list(_heads().finditer(before))
    for found in heads[:1] if len(heads) == 1 else reversed(heads):
        rest = whole[found.end() :]
        if (
            "،" not in rest
            and len(rest.split()) <= 9
            and not re.search(r"\b(?:قال|أكد|التقى|استقبل|الذي|التي|أن)\b", rest)
        ):
            return plain(whole[found.start("head") :]), "title-before-name"
    after = _after().match(text, span[1])
    if after:
        return plain(after["role"]), "title-after-name"
    return "", "title-before-name" if titled else "given-name"


@cache
def _heads() -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)[وف]?[بلك]?(?P<head>{any_of(titles('head', 'ar'))})(?!\w)")


@cache
def _after() -> re.Pattern[str]:
    head = any_of(titles("head", "ar"))
    return re.compile(rf"\s*[،(]\s*(?P<role>(?:{head})(?:\s+[\u0621-\u0652]+){{0,6}}?)(?=\s*[،.)\n])")
