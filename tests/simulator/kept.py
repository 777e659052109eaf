"""What was marked for whom: beside the nodes it remembers each report as its author wrote it, line by line.

Invariant: it knows what was written and to whom it was kept, never what a node made of that; it cuts a text by its own
means. A page is found by the word in its title, which stands in one version of one report.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from amana.domain.evaluation import Evaluation
from amana.domain.handling import Code, Portion
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from tests.simulator.watch import require

SHORT = "[…]"
MARK = re.compile("z[qk][a-p]{10}")
SECRET = "zk"
SUBJECTS = ("e1", "e2", "e3")
CARS = ("v1", "v2")


@dataclass(frozen=True, slots=True)
class Line:
    """A statement as it was written: `to` names who alone gets it, None where nobody was named.

    `follows` is the line without which it cannot stand, as it points to somebody of whom only that one speaks.
    """

    id: str
    entity: str
    schema: str
    property: str
    value: str
    to: frozenset[str] | None = None
    codes: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    follows: str = ""

    def marking(self, node: str) -> dict[str, object] | None:
        """Its own marking as a node that gets it reads it, None where there is none."""
        if self.to is None and not self.codes and not self.caveats:
            return None
        to = [node] if self.to is not None else None
        return {"codes": list(self.codes), "caveats": list(self.caveats), "releasable_to": to}


@dataclass(frozen=True)
class Page:
    """One version of a report as it was written."""

    mark: str
    lines: tuple[Line, ...]

    @cached_property
    def text(self) -> str:
        """Its text, in which each name stands once."""
        first, *others = [one.value for one in self.lines if one.property == "name"]
        return f"{first} was seen at the yard" + "".join(f", and {name} near it" for name in others) + "."

    def reaching(self, node: str) -> tuple[Line, ...]:
        """The lines that a recipient gets."""
        named = {one.id for one in self.lines if one.to is None or node in one.to}
        return tuple(one for one in self.lines if one.id in named and (not one.follows or one.follows in named))

    def kept_for(self, node: str) -> bool:
        """Whether something in it is kept to this node and fewer others than get the report."""
        return any(one.to is not None for one in self.reaching(node))

    def text_for(self, node: str) -> str:
        """The text as a recipient gets it."""
        mine, text = {one.id for one in self.reaching(node)}, self.text
        for one in self.lines:
            if one.property == "name" and one.id not in mine:
                text = text.replace(one.value, SHORT)
        return text

    def parts(self, grade: Evaluation) -> dict[str, Any]:
        """The parts of a draft that say it."""
        schemata = {one.entity: one.schema for one in self.lines}
        return {
            "title": f"Container {self.mark}",
            "text": self.text,
            "entities": tuple(Entity(uid, kind, Category.SUSPECT) for uid, kind in schemata.items()),
            "statements": tuple(self._statement(one, grade) for one in self.lines),
        }

    def _statement(self, line: Line, grade: Evaluation) -> Statement:
        start = self.text.find(line.value)
        place = (start, start + len(line.value)) if line.property == "name" else None
        own = Portion(frozenset(map(Code, line.codes)), frozenset(line.caveats), line.to)
        return Statement(
            line.id, line.entity, line.schema, line.property, line.value, Nature.FACT, grade, "en", place, own
        )


@dataclass(frozen=True, slots=True)
class Got:
    """A report as a node has it or as it passes: statements by id with entity, value, place and own marking."""

    title: str
    text: str
    entities: frozenset[str]
    statements: dict[str, tuple[str, str, tuple[int, int] | None, object]]

    @classmethod
    def read(cls, content: dict[str, Any]) -> Got:
        """Out of the form that crosses the wire."""
        statements = {
            one["id"]: (one["entity"], one["value"], one["place"] and (*one["place"],), one.get("handling"))
            for one in content["statements"]
        }
        return cls(content["title"], content["text"], frozenset(one["id"] for one in content["entities"]), statements)


@dataclass(slots=True)
class Kept:
    """All pages of one world, by the mark in their titles."""

    pages: dict[str, Page] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)

    def write(self, page: Page) -> Page:
        """Remember what an author is about to write."""
        self.pages[page.mark] = page
        self.secrets |= secrets_in(page.lines)
        return page

    def copy(self) -> Kept:
        """The same for another world."""
        return Kept(dict(self.pages), set(self.secrets))

    def page(self, title: str) -> Page:
        """The page that has this title."""
        return self.pages[title.removeprefix("Container ")]

    def require_just(self, what: str, node: str, got: Got, *, via: str = "") -> None:
        """Go on only where a node has of a page all that reaches it, or whoever passed it on, and nothing else."""
        page, reader = self.page(got.title), via or node
        lines = page.reaching(reader)
        require(got.text == page.text_for(reader), f"{what}: the text is {got.text!r}")
        require(got.entities == {one.entity for one in lines}, f"{what}: it speaks of {sorted(got.entities)}")
        require(set(got.statements) == {one.id for one in lines}, f"{what}: statements {sorted(got.statements)}")
        for one in lines:
            entity, value, place, marking = got.statements[one.id]
            require((entity, value, marking) == (one.entity, one.value, one.marking(reader)), f"{what}: {one.id}")
            words = got.text[slice(*place)] if place else ""
            require(words == (value if one.property == "name" else ""), f"{what}: {one.id} points to {words!r}")
        require(not via or not page.kept_for(via), f"{what}: it was kept to {via} and went on")

    def require_silent(self, what: str, words: str) -> None:
        """Go on only where no word that may be kept stands in this."""
        found = sorted(self.secrets & set(MARK.findall(words.lower())))
        require(not found, f"{what}: it says {found}")


def secrets_in(lines: Iterable[Line]) -> set[str]:
    """The words of their own by which these lines name somebody."""
    return {word for one in lines for word in MARK.findall(one.value.lower()) if word.startswith(SECRET)}


def draw_page(rng: random.Random, partners: list[str], *, subject: str = "", old: Page | None = None) -> Page:
    """A new page, or with `old` the next version of it: other words, and more or fewer lines that are kept."""
    subject = subject or (old.lines[0].entity if old else rng.choice(SUBJECTS))
    mark = new_mark(rng)
    lines = [Line("s1", subject, "Person", "name", f"Karim {mark.title()}")]
    for one in old.lines[1:] if old is not None else ():
        if one.property == "name" and rng.random() < 0.75:
            lines += _with_car(rng, partners, draw_marking(rng, one, partners) if rng.random() < 0.6 else one)
    if rng.random() < (0.55 if old is None else 0.25):
        secret = new_mark(rng, SECRET)
        about = subject if rng.random() < 0.3 else f"p-{secret}"
        line = Line(f"s-{secret}", about, "Person", "name", f"Nadia {secret.title()}")
        lines += _with_car(rng, partners, draw_marking(rng, line, partners))
    return Page(mark, tuple(lines))


def _with_car(rng: random.Random, partners: list[str], line: Line) -> list[Line]:
    """The line, now and then with a car of whom it names, whose owner may be kept too."""
    if not line.entity.startswith("p-") or rng.random() < 0.5:
        return [line]
    car = Line(f"{line.id}-car", rng.choice(CARS), "Vehicle", "owner", line.entity, follows=line.id)
    return [line, draw_marking(rng, car, partners) if rng.random() < 0.3 else car]


def draw_marking(rng: random.Random, line: Line, partners: list[str]) -> Line:
    """The line kept to some, to nobody, or to whoever gets the report; now and then under more codes or a caveat."""
    kind = rng.random()
    some = frozenset(rng.sample(partners, rng.randint(1, len(partners))))
    to = some if kind < 0.5 else frozenset[str]() if kind < 0.65 else None
    codes = tuple(sorted(rng.sample(("H1", "H2", "H3"), rng.randint(1, 2)))) if rng.random() < 0.4 else ()
    caveats = ("Ask first.",) if "H3" in codes or rng.random() < 0.2 else ()
    return replace(line, to=to, codes=codes, caveats=caveats)


def new_mark(rng: random.Random, begins: str = "zq") -> str:
    """A word that stands in one version of one report and nowhere else; a secret one in its corrections too."""
    return begins + "".join(rng.choices("abcdefghijklmnop", k=10))


def read_marking(stored: str | None) -> object:
    """A statement's own marking from a row."""
    return json.loads(stored) if stored is not None else None
