"""A report's content as a page shows it: its text cut at the places, its statements gathered by entity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from amana.domain.report import Content
from amana.domain.statement import Entity, Statement


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; `mark` names what points to it, empty for plain text.

    `at` is where it begins; `hidden` names what points into it too and is not marked itself.
    """

    text: str
    mark: str = ""
    at: int = 0
    hidden: tuple[str, ...] = ()

    @property
    def marks(self) -> str:
        """All names of what points here, as one attribute's words."""
        return " ".join((self.mark, *self.hidden))


def pieces(text: str, places: Iterable[tuple[int, int, str]]) -> list[Piece]:
    """Cut the text at (start, end, name) places. Where places overlap, the first and longest is marked."""
    found: list[Piece] = []
    at, marked = 0, 0
    for start, end, name in sorted(places, key=lambda one: (one[0], -one[1])):
        if end > len(text):
            continue
        if start < at:
            found[marked] = replace(found[marked], hidden=(*found[marked].hidden, name))
            continue
        if start > at:
            found.append(Piece(text[at:start], at=at))
        marked = len(found)
        found.append(Piece(text[start:end], name, start))
        at = end
    if at < len(text):
        found.append(Piece(text[at:], at=at))
    return found


@dataclass(frozen=True, slots=True)
class Gathered:
    """All statements of a report about one entity, with what the entity is called there."""

    entity: Entity
    name: str
    statements: tuple[Statement, ...]


def gather(content: Content) -> list[Gathered]:
    """A report's entities in their order, each with its statements; the one that names it comes first."""
    found = []
    for entity in content.entities:
        about = [one for one in content.statements if one.entity == entity.id]
        about.sort(key=lambda one: one.property != "name")
        found.append(Gathered(entity, about[0].value if about else entity.id, tuple(about)))
    return found
