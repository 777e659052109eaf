"""Entities that the node already knows, recognised by their folded names.

Invariant: recognition marks and adds suggestions, it never merges anything; the same folded words in any order are
the same name, and one short word alone is none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from amana.domain.folding import fold
from amana.intake.spans import Taken, spans_of, suggestion
from amana.intake.suggestion import Kind, KnownName, Suggestion

_WORD = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
_KINDS = {"Person": Kind.PERSON, "Address": Kind.PLACE, "Event": Kind.MEETING}
_IDENTIFIED = frozenset({"BankAccount", "CryptoWallet", "Vehicle", "Vessel", "Phone", "Container", "Airplane"})
_BODIES = frozenset({"Organization", "PublicBody", "Company", "LegalEntity"})
_LEAST = 4


def recognise(text: str, found: Sequence[Suggestion], known: Sequence[KnownName]) -> list[Suggestion]:
    """The suggestions, with those marked that the node knows, and with known names that no rule had found."""
    by_words: dict[tuple[str, ...], KnownName] = {}
    for one in known:
        words = tuple(fold(one.name).split())
        if len(words) > 1 or (words and len(words[0]) >= _LEAST):
            by_words.setdefault(tuple(sorted(words)), one)
    marked = [_marked(one, by_words) for one in found]
    return marked + _unseen(text, marked, by_words)


def _marked(one: Suggestion, by_words: dict[tuple[str, ...], KnownName]) -> Suggestion:
    names = [one.value, *(value for name, value in one.properties if name in {"name", "abbreviation"})]
    for name in names:
        match = by_words.get(tuple(sorted(fold(name).split())))
        if match is not None and _alike(one, match.schema):
            return replace(one, known=match.entity_id)
    return one


def _alike(one: Suggestion, schema: str) -> bool:
    if one.kind == Kind.ORGANISATION:
        return schema in _BODIES
    return (
        _KINDS.get(schema) == one.kind or schema == one.schema or (schema == "LegalEntity" and one.kind == Kind.PERSON)
    )


def _unseen(text: str, found: Sequence[Suggestion], by_words: dict[tuple[str, ...], KnownName]) -> list[Suggestion]:
    """Known names that stand in the text where no rule saw anything."""
    words = [(one.start(), one.end(), fold(one[0])) for one in _WORD.finditer(text)]
    lengths = sorted({len(key) for key in by_words}, reverse=True)
    taken = Taken(spans_of(one for one in found if one.kind not in {Kind.MEETING, Kind.TOPIC}))
    added: list[Suggestion] = []
    for length in lengths:
        for first in range(len(words) - length + 1):
            some = words[first : first + length]
            match = by_words.get(tuple(sorted(" ".join(one[2] for one in some).split())))
            span = (some[0][0], some[-1][1])
            if match is None or taken.touches(span) or "\n\n" in text[span[0] : span[1]]:
                continue
            taken.add(span)
            added.append(_known(text, span, match))
    return added


def _known(text: str, span: tuple[int, int], match: KnownName) -> Suggestion:
    kind = Kind.ORGANISATION if match.schema in _BODIES else _KINDS.get(match.schema, Kind.UNKNOWN)
    kind = Kind.IDENTIFIER if match.schema in _IDENTIFIED else kind
    said = (("name", match.name),)
    one = suggestion(text, span, kind, match.name, reason="known-entity", schema=match.schema, said=said)
    return replace(one, known=match.entity_id)
