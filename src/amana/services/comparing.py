"""Two versions of a report side by side: words added and removed, statements added, removed and changed.

Invariant: both versions are read under the viewpoint and each reading is logged; joined without what was added the
pieces are the older text, joined without what was removed the newer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from rapidfuzz.distance import Indel

from amana.domain.passages import same_ends
from amana.domain.report import Content
from amana.domain.statement import Statement
from amana.domain.viewpoint import Viewpoint
from amana.services.reports import ReportUnknown, Shown, show_report

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
MOST_PAIRS = 25_000_000  # lines of one by lines of the other, or words of a changed stretch: some tenths of a second

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of text that is the same, was added or was removed."""

    state: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One statement in both versions; `old` or `new` is None where it is not in that version."""

    state: str
    name: str
    old: Statement | None
    new: Statement | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two opened versions, the older first, with how text, title, statements and marking differ."""

    old: Shown
    new: Shown
    title: tuple[Stretch, ...]
    text: tuple[Stretch, ...]
    statements: tuple[Pair, ...]
    marking_changed: bool
    grade_changed: bool


def compare_versions(uid: UUID, old: int, new: int, *, viewpoint: Viewpoint) -> Comparison:
    """Open two versions of a report and say how they differ. Raises ReportUnknown, also where one has no content."""
    older, newer = (
        show_report(uid, version=version, viewpoint=viewpoint, reason="comparing") for version in sorted((old, new))
    )
    if older.content is None or newer.content is None:
        raise ReportUnknown
    before, after = older.content, newer.content
    return Comparison(
        old=older,
        new=newer,
        title=tuple(stretches(before.title, after.title)),
        text=tuple(stretches(before.text, after.text)),
        statements=tuple(pair_statements(before, after)),
        marking_changed=before.handling != after.handling,
        grade_changed=before.evaluation != after.evaluation,
    )


def stretches(old: str, new: str) -> list[Stretch]:
    """The two texts as one run of stretches: line by line first, and word by word where lines differ."""
    found: list[Stretch] = []
    for same, gone, come in _runs(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        found += [Stretch(SAME, gone)] if same else _by_words(gone, come)
    return _joined(found)


def _by_words(old: str, new: str) -> Iterator[Stretch]:
    for same, gone, come in _runs(_WORD.findall(old), _WORD.findall(new)):
        if same:
            yield Stretch(SAME, gone)
            continue
        if gone:
            yield Stretch(REMOVED, gone)
        if come:
            yield Stretch(ADDED, come)


def _runs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    """Runs that are the same, or differ: what went and what came. What is too long between its ends differs whole."""
    head, tail = same_ends(old, new)
    yield True, "".join(old[:head]), "".join(new[:head])
    yield from _between(old[head : len(old) - tail], new[head : len(new) - tail])
    yield True, "".join(old[len(old) - tail :]), "".join(new[len(new) - tail :])


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[bool, str, str]]:
    if len(old) * len(new) > MOST_PAIRS:
        yield False, "".join(old), "".join(new)
        return
    gone = come = ""
    for part in Indel.opcodes(old, new):
        went, came = "".join(old[part.src_start : part.src_end]), "".join(new[part.dest_start : part.dest_end])
        if part.tag == "equal":
            yield False, gone, come
            yield True, went, came
            gone = come = ""
        else:
            gone, come = gone + went, come + came
    yield False, gone, come


def _joined(found: Sequence[Stretch]) -> list[Stretch]:
    joined: list[Stretch] = []
    for one in found:
        if joined and joined[-1].state == one.state:
            joined[-1] = Stretch(one.state, joined[-1].text + one.text)
        elif one.text:
            joined.append(one)
    return joined


def pair_statements(old: Content, new: Content) -> list[Pair]:
    """The statements of both versions by their number, those of one entity together, in the newer version's order."""
    before, after = ({one.id: one for one in content.statements} for content in (old, new))
    order = [one.id for one in (*new.entities, *old.entities)]
    names = _names(old) | _names(new)
    pairs = []
    for number in dict.fromkeys((*after, *before)):
        gone, come = before.get(number), after.get(number)
        if gone is not None and come is not None and (gone.entity, gone.property) != (come.entity, come.property):
            pairs += [Pair(REMOVED, "", gone, None), Pair(ADDED, "", None, come)]
        else:
            pairs.append(Pair(_state(gone, come), "", gone, come))
    pairs.sort(key=lambda pair: order.index(_one(pair).entity))
    return [Pair(one.state, names.get(_one(one).entity, ""), one.old, one.new) for one in pairs]


def _one(pair: Pair) -> Statement:
    found = pair.new or pair.old
    assert found is not None
    return found


def _names(content: Content) -> dict[str, str]:
    return {one.entity: one.value for one in reversed(content.statements) if one.property in ("name", "number")}


def _state(old: Statement | None, new: Statement | None) -> str:
    if old is None:
        return ADDED
    if new is None:
        return REMOVED
    said, now = ((one.value, one.nature, one.evaluation, one.handling) for one in (old, new))
    return SAME if said == now else CHANGED
