"""Places in a text: sentences, overlaps, and the one way a suggestion is made from a place.

Invariant: a suggestion's `text` is cut from the document here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from amana.intake.suggestion import Kind, Suggestion

Span = tuple[int, int]
Pairs = tuple[tuple[str, str], ...]

# A stop ends a sentence unless it follows a number, one letter or a short title ("24. September", "M. Tazi").
_STOP = re.compile(
    r"(?<![\s.]\d)(?<!\d\d)(?<!\b\w)(?<!\b(?:Dr|Mr|Ms|Sr|St|No|Nr))(?<!\b(?:Mrs|Mme|Sra|"
    r"art))[.!?؟](?=[\s”“\"»)]|$)|\n\s*\n|\n(?=[^\na-zäöüà-ÿ]{1}.{0,60}\n)"
)


def suggestion(
    text: str, span: Span, kind: Kind, value: str, *, reason: str, role: str = "", schema: str = "", said: Pairs = ()
) -> Suggestion:
    """A suggestion for a place in the text."""
    return Suggestion(
        kind=kind,
        value=value,
        role=role,
        start=span[0],
        end=span[1],
        text=text[span[0] : span[1]],
        schema=schema,
        properties=said,
        reason=reason,
    )


class Taken:
    """The places of a text that are something already; asking and adding cost no more than the place is long."""

    __slots__ = ("_mask",)

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._mask = bytearray()
        for span in spans:
            self.add(span)

    def add(self, span: Span) -> None:
        """Take a place."""
        if len(self._mask) < span[1]:
            self._mask.extend(bytes(2 * span[1] - len(self._mask)))
        self._mask[span[0] : span[1]] = b"\1" * (span[1] - span[0])

    def touches(self, span: Span) -> bool:
        """Whether any sign of a place is taken."""
        return self._mask.find(1, span[0], span[1]) >= 0


def spans_of(found: Iterable[Suggestion]) -> list[Span]:
    """The places of suggestions."""
    return [(one.start, one.end) for one in found]


def sentences(text: str) -> Iterator[Span]:
    """The places of the sentences, without the white space around them."""
    start = 0
    for stop in [*(found.end() for found in _STOP.finditer(text)), len(text)]:
        piece = text[start:stop]
        if piece.strip():
            yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
        start = stop


def plain(words: str) -> str:
    """Words with single spaces."""
    return " ".join(words.split())
