"""An agreement: terms that two nodes signed, read by machines. Without one nothing leaves.

Invariant: `permits` answers with every objection it has, and an empty list in the terms allows nothing.
The clocks follow Directive (EU) 2023/977, Article 5.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from amana.domain.answers import Decision, Reason
from amana.domain.errors import gettext_noop
from amana.domain.form import Form, Json
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.request import Access, Answer, Question, RefusalGround, Urgency
from amana.domain.times import parse_day
from amana.domain.vocabulary import HIT_NO_HIT_ONLY, Category, CrimeArea

MAJORITY = 18


class AgreementState(StrEnum):
    """Where an agreement stands between two nodes."""

    PROPOSED = "proposed"
    IN_FORCE = "in-force"
    DECLINED = "declined"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Hours from receipt in which a request is answered: urgent and directly accessible, urgent, other."""

    urgent_direct: int = 8
    urgent: int = 72
    other: int = 168

    def for_question(self, question: Question) -> timedelta:
        """How long a request may take: urgent and directly accessible, urgent, other."""
        if question.urgency is Urgency.NONE:
            return timedelta(hours=self.other)
        return timedelta(hours=self.urgent_direct if question.access is Access.DIRECT else self.urgent)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"urgent_direct": self.urgent_direct, "urgent": self.urgent, "other": self.other}

    @classmethod
    def from_json(cls, data: object) -> Clocks:
        """Read the form; raises BadInput."""
        with Form(data, "clocks") as form:
            return cls(
                urgent_direct=form.number("urgent_direct", least=1, most=8760),
                urgent=form.number("urgent", least=1, most=8760),
                other=form.number("other", least=1, most=8760),
            )


@dataclass(frozen=True, slots=True)
class Terms:
    """What two nodes agreed: `retention_days` is the longest that a thing may be held, `match_budget` a month's."""

    id: str
    parties: tuple[str, str]
    purposes: frozenset[Purpose]
    crime_areas: frozenset[CrimeArea]
    categories: frozenset[Category]
    kinds: frozenset[Kind]
    strictest: Tlp
    refusal_grounds: frozenset[RefusalGround]
    clocks: Clocks
    retention_days: int
    match_budget: int
    overseers: tuple[str, ...]
    valid_from: date
    valid_until: date

    def permits(self, content: Content, *, recipient: str, at: datetime) -> Decision:
        """Say whether this content may go to this party now, with every objection."""
        ground = content.details.ground if isinstance(content.details, Answer) else None
        conditions = (
            (recipient in self.parties, "agreement-party", _NOT_A_PARTY, recipient),
            (self.valid_from <= at.date() <= self.valid_until, "agreement-not-valid", _NOT_VALID, ""),
            (content.kind in self.kinds, "agreement-kind", _KIND, content.kind),
            (self._covers(content.handling.tlp), "agreement-marking", _MARKING, content.handling.tlp),
            (recipient in content.handling.releasable_to, "handling-not-releasable", _NOT_RELEASABLE, recipient),
            (bool(content.handling.purposes), "handling-no-purpose", _NO_PURPOSE, ""),
            (bool(content.crime_areas), "content-no-crime-area", _NO_AREA, ""),
            (self._admits(ground), "agreement-refusal-ground", _GROUND, ground or ""),
        )
        objections = [_reason(code, sentence, value) for met, code, sentence, value in conditions if not met]
        objections += _outside(content.handling.purposes, self.purposes, "agreement-purpose", _PURPOSE)
        objections += _outside(content.crime_areas, self.crime_areas, "agreement-crime-area", _AREA)
        objections += self._object_to_people(content, at.date())
        objections += self._object_to_retention(content, at)
        return Decision.from_objections(objections)

    def _covers(self, tlp: Tlp) -> bool:
        return tlp.strictness <= self.strictest.strictness

    def _admits(self, ground: RefusalGround | None) -> bool:
        return ground is None or ground in self.refusal_grounds

    def _object_to_people(self, content: Content, day: date) -> list[Reason]:
        found = {entity.category for entity in content.entities if entity.category is not None}
        objections = _outside(found - HIT_NO_HIT_ONLY, self.categories, "agreement-category", _CATEGORY)
        objections += _outside(found & HIT_NO_HIT_ONLY, frozenset(), "category-hit-no-hit-only", _HIT_ONLY)
        if any(_born_within(one.value, MAJORITY, day) for one in content.statements if one.property == "birthDate"):
            objections.append(_reason("minor-hit-no-hit-only", _MINOR, ""))
        return objections

    def _object_to_retention(self, content: Content, at: datetime) -> list[Reason]:
        ceiling = at.date() + timedelta(days=self.retention_days)
        erase = content.handling.erase_by
        if erase is None or erase > ceiling:
            return [_reason("agreement-retention", _RETENTION, str(self.retention_days))]
        return []

    def other_party(self, node: str) -> str:
        """The party that is not this node."""
        return self.parties[1] if self.parties[0] == node else self.parties[0]

    def to_json(self) -> dict[str, Json]:
        """The form that both nodes sign."""
        return {
            "id": self.id,
            "parties": list(self.parties),
            "purposes": sorted(map(str, self.purposes)),
            "crime_areas": sorted(map(str, self.crime_areas)),
            "categories": sorted(map(str, self.categories)),
            "kinds": sorted(map(str, self.kinds)),
            "strictest": str(self.strictest),
            "refusal_grounds": sorted(map(str, self.refusal_grounds)),
            "clocks": self.clocks.to_json(),
            "retention_days": self.retention_days,
            "match_budget": self.match_budget,
            "overseers": list(self.overseers),
            "valid_from": self.valid_from.isoformat(),
            "valid_until": self.valid_until.isoformat(),
        }

    @classmethod
    def from_json(cls, data: object) -> Terms:
        """Read the form; raises BadInput."""
        with Form(data, "agreement") as form:
            parties = form.texts("parties", most=2)
            if len(parties) != 2 or parties[0] >= parties[1]:
                raise form.wrong("parties")
            return cls(
                id=form.uuid("id"),
                parties=(parties[0], parties[1]),
                purposes=form.choices("purposes", Purpose),
                crime_areas=form.choices("crime_areas", CrimeArea),
                categories=form.choices("categories", Category),
                kinds=form.choices("kinds", Kind),
                strictest=form.choice("strictest", Tlp),
                refusal_grounds=form.choices("refusal_grounds", RefusalGround),
                clocks=form.part("clocks", Clocks.from_json),
                retention_days=form.number("retention_days", least=1, most=3653),
                match_budget=form.number("match_budget"),
                overseers=form.texts("overseers", most=100),
                valid_from=parse_day(form.text("valid_from")),
                valid_until=parse_day(form.text("valid_until")),
            )


_NOT_A_PARTY = gettext_noop("%(value)s is not a party to this agreement.")
_NOT_VALID = gettext_noop("The agreement is not valid on this day.")
_KIND = gettext_noop("The agreement does not cover reports of the kind “%(value)s”.")
_MARKING = gettext_noop("The agreement does not cover anything marked %(value)s.")
_NOT_RELEASABLE = gettext_noop("The report is not marked as releasable to %(value)s.")
_NO_PURPOSE = gettext_noop("The report's handling names no purpose.")
_PURPOSE = gettext_noop("The agreement does not cover the purpose “%(value)s”.")
_AREA = gettext_noop("The agreement does not cover the crime area “%(value)s”.")
_NO_AREA = gettext_noop("The report names no crime area.")
_GROUND = gettext_noop("The agreement does not admit the ground “%(value)s” for a refusal.")
_CATEGORY = gettext_noop("The agreement does not cover people of the category “%(value)s”.")
_HIT_ONLY = gettext_noop("People of the category “%(value)s” are compared hit or no hit only; no content leaves.")
_MINOR = gettext_noop("Minors are compared hit or no hit only; no content leaves.")
_RETENTION = gettext_noop("The report must be erased within %(value)s days; set an earlier erasure day.")


def _reason(code: str, sentence: str, value: str) -> Reason:
    return Reason(code, sentence, (("value", str(value)),))


def _born_within(born: str, years: int, day: date) -> bool:
    """Whether somebody may be younger than that; a year or month alone counts with its last day."""
    latest = f"{born[:10]}{'-12-31'[len(born[:10]) - 4 :]}"
    return latest > f"{day.year - years}{day.isoformat()[4:]}"


def _outside(asked: AbstractSet[StrEnum], allowed: AbstractSet[StrEnum], code: str, sentence: str) -> list[Reason]:
    return [_reason(code, sentence, value) for value in sorted(asked - allowed)]
