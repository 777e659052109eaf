"""A statement: one fact or one assessment about one entity, with its grade, its marking and its place in the source.

Invariant: no step turns an assessment into a fact; a person never stands without a category (unknown is said so).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.evaluation import Evaluation
from amana.domain.form import Form, Json
from amana.domain.handling import Portion
from amana.domain.vocabulary import Category, clean, is_person, schema_of


class Nature(StrEnum):
    """Whether something was observed or concluded."""

    FACT = "fact"
    ASSESSMENT = "assessment"


class GroundsMissing(BadInput):
    """Somebody is called about to offend without grounds."""

    code = "entity-grounds-missing"
    sentence = gettext_noop("Who is called about to offend needs the grounds for it, in words.")


class PlaceMalformed(BadInput):
    """A place in a text has no extent."""

    code = "statement-place"
    sentence = gettext_noop("A place in the text needs a start before its end.")


@dataclass(frozen=True, slots=True)
class Entity:
    """What a report speaks of: an id that its originator gave, a FollowTheMoney schema, and for people a category."""

    id: str
    schema: str
    category: Category | None = None
    grounds: str = ""

    def __post_init__(self) -> None:
        schema_of(self.schema)
        if is_person(self.schema) and self.category is None:
            object.__setattr__(self, "category", Category.UNKNOWN)
        if self.category is Category.ABOUT_TO_OFFEND and not self.grounds.strip():
            raise GroundsMissing

    @property
    def quarantined(self) -> bool:
        """Whether this is a person nobody has given a category."""
        return self.category is Category.UNKNOWN

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        category = str(self.category) if self.category else None
        return {"id": self.id, "schema": self.schema, "category": category, "grounds": self.grounds}

    @classmethod
    def from_json(cls, data: object) -> Entity:
        """Read the form; raises BadInput."""
        with Form(data, "entity") as form:
            category = form.maybe_text("category")
            try:
                known = Category(category) if category is not None else None
            except ValueError as error:
                raise form.wrong("category") from error
            return cls(
                id=form.text("id", most=200),
                schema=form.text("schema", most=100),
                category=known,
                grounds=form.text("grounds", most=10_000),
            )


@dataclass(frozen=True, slots=True)
class Statement:
    """Entity, property, value; `lang` is a BCP 47 tag or empty; `place` is start and end in the report's text.

    `handling` is what its own marking adds to the report's, None where it adds nothing.
    """

    id: str
    entity: str
    schema: str
    property: str
    value: str
    nature: Nature
    evaluation: Evaluation
    lang: str = ""
    place: tuple[int, int] | None = None
    handling: Portion | None = None

    def __post_init__(self) -> None:
        if self.handling == Portion():
            object.__setattr__(self, "handling", None)
        cleaned = clean(self.schema, self.property, self.value)
        if cleaned != self.value:
            object.__setattr__(self, "value", cleaned)
        if self.place is not None and not 0 <= self.place[0] < self.place[1]:
            raise PlaceMalformed

    def graded(self, evaluation: Evaluation) -> Statement:
        """The same statement under another grade; its nature stays."""
        return replace(self, evaluation=evaluation)

    def as_assessment(self) -> Statement:
        """What was concluded from this; the way back does not exist."""
        return replace(self, nature=Nature.ASSESSMENT)

    def reaches(self, node: str) -> bool:
        """Whether a recipient of the report receives this statement."""
        return self.handling is None or self.handling.reaches(node)

    def only_for(self, node: str) -> Statement:
        """The statement as one recipient sees it."""
        return self if self.handling is None else replace(self, handling=self.handling.only_for(node))

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire; a marking that adds nothing is not written."""
        own: dict[str, Json] = {"handling": self.handling.to_json()} if self.handling is not None else {}
        return own | {
            "id": self.id,
            "entity": self.entity,
            "schema": self.schema,
            "property": self.property,
            "value": self.value,
            "nature": str(self.nature),
            "evaluation": self.evaluation.to_json(),
            "lang": self.lang,
            "place": list(self.place) if self.place else None,
        }

    @classmethod
    def from_json(cls, data: object) -> Statement:
        """Read the form; raises BadInput."""
        with Form(data, "statement") as form:
            value = form.text("value")
            read = cls(
                id=form.text("id", most=100),
                entity=form.text("entity", most=200),
                schema=form.text("schema", most=100),
                property=form.text("property", most=100),
                value=value,
                nature=form.choice("nature", Nature),
                evaluation=form.part("evaluation", Evaluation.from_json),
                lang=form.text("lang", most=35),
                place=form.maybe_part("place", _place),
                handling=form.part("handling", Portion.from_json) if form.has("handling") else None,
            )
            if read.value != value:
                raise form.wrong("value")
            return read


def _place(data: object) -> tuple[int, int]:
    if not isinstance(data, list) or len(data) != 2 or not all(type(number) is int for number in data):
        raise PlaceMalformed
    return data[0], data[1]
