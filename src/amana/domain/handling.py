"""What may be done with a thing entrusted: TLP 2.0, handling codes H0 to H3, releasability, purposes, retention.

Invariant: `meet` only narrows; it is commutative, associative and idempotent. A thing is born restricted: releasable
to nobody. Standards: FIRST TLP 2.0 (August 2022); Europol handling codes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from amana.domain.form import Form, Json
from amana.domain.times import parse_day


class Tlp(StrEnum):
    """Traffic Light Protocol 2.0, strictest first."""

    RED = "TLP:RED"
    AMBER_STRICT = "TLP:AMBER+STRICT"
    AMBER = "TLP:AMBER"
    GREEN = "TLP:GREEN"
    CLEAR = "TLP:CLEAR"

    @property
    def strictness(self) -> int:
        """4 for RED down to 0 for CLEAR."""
        return len(Tlp) - 1 - list(Tlp).index(self)


class Code(StrEnum):
    """Europol handling codes."""

    H0 = "H0"  # only to prevent and combat crime
    H1 = "H1"  # not in court without permission
    H2 = "H2"  # not passed on without permission
    H3 = "H3"  # other, said in a caveat


class Purpose(StrEnum):
    """What the information may be used for: Directive (EU) 2016/680, Article 1(1)."""

    PREVENTION = "prevention"
    DETECTION = "detection"
    INVESTIGATION = "investigation"
    PROSECUTION = "prosecution"
    PUBLIC_SECURITY = "public-security"


@dataclass(frozen=True, slots=True)
class Handling:
    """One marking. `releasable_to` holds names of nodes; `review_by` and `erase_by` are days, None where not set."""

    tlp: Tlp = Tlp.AMBER_STRICT
    codes: frozenset[Code] = frozenset({Code.H0})
    releasable_to: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()
    review_by: date | None = None
    erase_by: date | None = None
    caveats: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()

    def meet(self, other: Handling) -> Handling:
        """The marking that honours both: stricter, fewer, earlier."""
        return Handling(
            tlp=max(self.tlp, other.tlp, key=lambda tlp: tlp.strictness),
            codes=self.codes | other.codes,
            releasable_to=self.releasable_to & other.releasable_to,
            purposes=self.purposes & other.purposes,
            review_by=_earlier(self.review_by, other.review_by),
            erase_by=_earlier(self.erase_by, other.erase_by),
            caveats=self.caveats | other.caveats,
            foreign=self.foreign | other.foreign,
        )

    def narrows(self, other: Handling) -> bool:
        """Whether this marking allows nothing that the other does not."""
        return self.meet(other) == self

    def only_for(self, node: str) -> Handling:
        """The marking as one recipient sees it: it does not learn who else holds the thing."""
        return replace(self, releasable_to=self.releasable_to & {node})

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire; sets are sorted lists."""
        return {
            "tlp": str(self.tlp),
            "codes": sorted(map(str, self.codes)),
            "releasable_to": sorted(self.releasable_to),
            "purposes": sorted(map(str, self.purposes)),
            "review_by": self.review_by.isoformat() if self.review_by else None,
            "erase_by": self.erase_by.isoformat() if self.erase_by else None,
            "caveats": sorted(self.caveats),
            "foreign": sorted(self.foreign),
        }

    @classmethod
    def from_json(cls, data: object) -> Handling:
        """Read the form; raises BadInput."""
        with Form(data, "handling") as form:
            review, erase = form.maybe_text("review_by"), form.maybe_text("erase_by")
            return cls(
                tlp=form.choice("tlp", Tlp),
                codes=form.choices("codes", Code),
                releasable_to=form.sorted_set("releasable_to"),
                purposes=form.choices("purposes", Purpose),
                review_by=parse_day(review) if review is not None else None,
                erase_by=parse_day(erase) if erase is not None else None,
                caveats=form.sorted_set("caveats"),
                foreign=form.sorted_set("foreign"),
            )


@dataclass(frozen=True, slots=True)
class Portion:
    """What the marking of one statement adds to its report's: codes and caveats, and to whom alone it goes.

    `releasable_to` is None where it goes to whoever receives the report, empty where it stays at home.
    """

    codes: frozenset[Code] = frozenset()
    caveats: frozenset[str] = frozenset()
    releasable_to: frozenset[str] | None = None

    @property
    def kept(self) -> bool:
        """Whether it goes to fewer than the report may."""
        return self.releasable_to is not None

    def reaches(self, node: str) -> bool:
        """Whether a recipient of the report receives this part of it."""
        return self.releasable_to is None or node in self.releasable_to

    def only_for(self, node: str) -> Portion:
        """The marking as one recipient sees it: it does not learn who else receives this."""
        return self if self.releasable_to is None else replace(self, releasable_to=self.releasable_to & {node})

    def within(self, whole: Handling) -> Handling:
        """The whole marking of a statement in a report of that marking; it narrows the report's."""
        kept = whole.releasable_to if self.releasable_to is None else whole.releasable_to & self.releasable_to
        return replace(whole, codes=whole.codes | self.codes, caveats=whole.caveats | self.caveats, releasable_to=kept)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire; sets are sorted lists."""
        return {
            "codes": sorted(map(str, self.codes)),
            "caveats": sorted(self.caveats),
            "releasable_to": sorted(self.releasable_to) if self.releasable_to is not None else None,
        }

    @classmethod
    def from_json(cls, data: object) -> Portion:
        """Read the form; raises BadInput, also where it adds nothing: what adds nothing is not written."""
        with Form(data, "portion") as form:
            found = cls(
                codes=form.choices("codes", Code),
                caveats=form.sorted_set("caveats"),
                releasable_to=form.maybe_sorted_set("releasable_to"),
            )
            if found == cls():
                raise form.wrong("codes")
            return found


def _earlier(one: date | None, other: date | None) -> date | None:
    days = [day for day in (one, other) if day is not None]
    return min(days) if days else None
