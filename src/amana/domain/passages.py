"""Places in a text, and where they are after the text was edited.

Invariant: a place that is kept points to the very words it pointed to before; a passage that is gone has no place.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence

Place = tuple[int, int]
WITHHELD = "[…]"


def tidy(text: str) -> str:
    """Typed or pasted text as a report keeps it: composed characters (NFC), one kind of line end."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def moved(place: Place, old: str, new: str) -> Place | None:
    """Where a place of the old text is in the new one; None where its words are gone.

    Before the first change it stays, behind the last it is shifted, between them the nearest same words are taken.
    """
    return follower(old, new)(place)


def follower(old: str, new: str) -> Callable[[Place], Place | None]:
    """`moved` for many places of one edit: the texts are compared once."""
    head, tail = same_ends(old, new)
    shift = len(new) - len(old)

    def follow(place: Place) -> Place | None:
        start, end = place
        if end <= head:
            return place
        if start >= len(old) - tail:
            return start + shift, end + shift
        return nearest(old[start:end], new, start)

    return follow


def withhold(text: str, places: Iterable[Place]) -> tuple[str, Callable[[Place], Place | None]]:
    """The text with `WITHHELD` for each of these passages, and where its other places are then.

    A place that touches a withheld passage has none.
    """
    gone: list[Place] = []
    for start, end in sorted(places):
        if gone and start <= gone[-1][1]:
            gone[-1] = gone[-1][0], max(end, gone[-1][1])
        else:
            gone.append((start, end))
    edges = [0, *(edge for place in gone for edge in place), len(text)]
    left = WITHHELD.join(text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True))

    def follow(place: Place) -> Place | None:
        if any(start < place[1] and place[0] < end for start, end in gone):
            return None
        shift = sum(len(WITHHELD) - (end - start) for start, end in gone if end <= place[0])
        return place[0] + shift, place[1] + shift

    return left, follow


def nearest(words: str, text: str, at: int) -> Place | None:
    """The place of these words in the text that begins nearest to a position; None where they do not stand there."""
    if not words:
        return None
    after = text.find(words, max(0, at))
    before = text.rfind(words, 0, max(0, at) + len(words))
    found = [one for one in (before, after) if one >= 0]
    if not found:
        return None
    start = min(found, key=lambda one: abs(one - at))
    return start, start + len(words)


def same_ends(old: Sequence[str], new: Sequence[str]) -> tuple[int, int]:
    """How many characters, or lines or words, both share at the start, and how many of the rest at the end."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    rest = most - head
    tail = next((at for at in range(rest) if old[-1 - at] != new[-1 - at]), rest)
    return head, tail
