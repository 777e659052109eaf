"""Drawing entries of the log for a spot check, so that anybody draws the same again and nobody can steer it.

Invariant: the draw follows from the root of a witnessed checkpoint, which the node could not choose, and the overseer's
own number, which the node did not know; both are written down before what was drawn is seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256

from amana.oversight.log import Event

# What may be drawn: for each kind the verbs of its entries.
KINDS: dict[str, tuple[str, ...]] = {
    "readings": ("report-opened", "evidence-opened", "document-opened", "statement-opened", "entity-opened"),
    "releases": ("report-released", "report-passed-on", "ftm-exported", "parcel-exported"),
    "searches": (
        "reports-searched",
        "entities-searched",
        "searched",
        "subject-matched",
        "list-matched",
        "shelf-searched",
        "cases-listed",
    ),
    "requests": ("report-drafted", "request-cross-checked", "request-names-compared"),
    "hits": ("blind-asked", "blind-question-sent", "blind-answered", "blind-answer-read"),
}


def seed_of(root: bytes, number: str) -> bytes:
    """The seed: SHA-256 of the checkpoint's root and the overseer's number, in UTF-8."""
    return sha256(root + number.encode()).digest()


def draw(population: Sequence[int], many: int, seed: bytes) -> list[int]:
    """Draw at most `many` of the population, in its order of the log, each at most once; returns them as drawn."""
    left = list(population)
    found: list[int] = []
    for stream in _numbers(seed):
        if not left or len(found) >= many:
            break
        found.append(left.pop(stream % len(left)))
    return found


def _numbers(seed: bytes) -> Iterator[int]:
    """256-bit numbers without end: SHA-256 of the seed and a counter of eight bytes."""
    counter = 0
    while True:
        yield int.from_bytes(sha256(seed + counter.to_bytes(8, "big")).digest(), "big")
        counter += 1


def is_of_kind(event: Event, kind: str) -> bool:
    """Whether an event belongs to a kind that may be drawn; of drafts only requests and replies are requests."""
    drafted = event.verb == "report-drafted"
    return event.verb in KINDS[kind] and (not drafted or event.reason in ("request", "reply"))
