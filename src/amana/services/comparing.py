"""Two versions of a report side by side: words added and removed, statements added, removed and changed.

Invariant: both versions are read under the viewpoint and each reading is logged; joined without what was added the
pieces are the older text, joined without what was removed the newer one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from amana.domain.report import Content
from amana.domain.statement import Statement
from amana.domain.viewpoint import Viewpoint
from amana.services.reports import ReportUnknown, Shown, show_report

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
MOST_EDITS = 500  # of lines, and of words in one changed stretch; with more it is removed and added as a whole

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
    """Runs that are the same, or differ: what went and what came. With too many edits, one run that differs."""
    pairs = _same(old, new)
    a = b = 0
    for x, y in [*pairs, (len(old), len(new))]:
        if (a, b) != (x, y):
            yield False, "".join(old[a:x]), "".join(new[b:y])
        if x < len(old):
            yield True, old[x], new[y]
        a, b = x + 1, y + 1


def _same(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of the same parts in both, in order: E. W. Myers' greedy way, which costs parts times edits at most.

    Where more than `MOST_EDITS` would be needed, only what both have at their start and end is the same.
    """
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    tail = next((at for at in range(most - head) if old[-1 - at] != new[-1 - at]), most - head)
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    return [
        *((at, at) for at in range(head)),
        *((x + head, y + head) for x, y in middle),
        *((len(old) - at, len(new) - at) for at in range(tail, 0, -1)),
    ]


def _middle(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    furthest: dict[int, int] = {1: 0}
    steps: list[dict[int, int]] = []
    for edits in range(MOST_EDITS + 1):
        steps.append(dict(furthest))
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(old) and x - k >= len(new):
                return _way_back(steps, len(old), len(new))
    return []


def _way_back(steps: Sequence[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for edits in range(len(steps) - 1, -1, -1):
        known, k = steps[edits], x - y
        down = k == -edits or (k != edits and known[k - 1] < known[k + 1])
        before = k + 1 if down else k - 1
        from_x = known[before] if edits else 0
        from_y = from_x - before if edits else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            found.append((x, y))
        x, y = from_x, from_y
    return found[::-1]


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
    same = (old.value, old.nature, old.evaluation) == (new.value, new.nature, new.evaluation)
    return SAME if same else CHANGED
