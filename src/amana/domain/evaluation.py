"""How far a piece of information can be trusted: the Europol 4x4 grid, with the day the grade was given for.

Invariant: an unknown grade is X/4, never A/1; a grade given in another system is kept as given beside it, and a
conversion is a view that is never stored over the original.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.domain.times import parse_day


class Source(StrEnum):
    """How reliable the source is."""

    A = "A"  # no doubt, or reliable in all instances
    B = "B"  # reliable in most instances
    C = "C"  # unreliable in most instances
    UNKNOWN = "X"  # cannot be assessed


class Information(StrEnum):
    """How the source came to know it."""

    ACCURATE = "1"  # accuracy not in doubt
    KNOWN_TO_SOURCE = "2"  # known personally to the source, not to the official
    CORROBORATED = "3"  # not known personally to the source, but corroborated
    UNKNOWN = "4"  # not known personally, cannot be corroborated


class AdmiraltyMalformed(BadInput):
    """A grade does not read like one of the Admiralty system."""

    code = "evaluation-admiralty"
    sentence = gettext_noop("An Admiralty grade reads A to F and 1 to 6, such as B2.")


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A grade of the 4x4 system with its as-of day; `admiralty` keeps a partner's own grade word for word."""

    source: Source
    information: Information
    as_of: date
    admiralty: str | None = None

    def __post_init__(self) -> None:
        if self.admiralty is None:
            return
        if len(self.admiralty) != 2 or self.admiralty[0] not in "ABCDEF" or self.admiralty[1] not in "123456":
            raise AdmiraltyMalformed

    @property
    def grade(self) -> str:
        """The grade as officers say it, such as B2."""
        return f"{self.source}{self.information}"

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "source": str(self.source),
            "information": str(self.information),
            "as_of": self.as_of.isoformat(),
            "admiralty": self.admiralty,
        }

    @classmethod
    def from_json(cls, data: object) -> Evaluation:
        """Read the form; raises BadInput."""
        with Form(data, "evaluation") as form:
            return cls(
                source=form.choice("source", Source),
                information=form.choice("information", Information),
                as_of=parse_day(form.text("as_of")),
                admiralty=form.maybe_text("admiralty", most=2),
            )


def unknown(as_of: date) -> Evaluation:
    """The grade of what nobody has graded yet: X/4."""
    return Evaluation(Source.UNKNOWN, Information.UNKNOWN, as_of)


_SOURCE_OF = {
    "A": Source.A,
    "B": Source.B,
    "C": Source.C,
    "D": Source.C,
    "E": Source.C,
    "F": Source.UNKNOWN,
}
_INFORMATION_OF = {"1": "1", "2": "3", "3": "4", "4": "4", "5": "4", "6": "4"}


def view_of_admiralty(grade: str, as_of: date) -> Evaluation:
    """Show an Admiralty grade in the 4x4 grid, never better than it was given; the original stays on the value.

    Raises AdmiraltyMalformed.
    """
    kept = Evaluation(Source.UNKNOWN, Information.UNKNOWN, as_of, admiralty=grade)
    return Evaluation(_SOURCE_OF[grade[0]], Information(_INFORMATION_OF[grade[1]]), as_of, admiralty=kept.admiralty)
