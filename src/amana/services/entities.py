"""Searching entities: by a name in any script or by a number, ranked by the matcher, with the reasons.

Invariant: what the viewpoint may not see is neither ranked nor counted, and people without a category are not compared.
Entries judged the same are one line. The log says that a search was made, not for whom and not what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from django.db import transaction

from amana import matching
from amana.domain.answers import Reason
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import model, schema_of
from amana.matching.identifiers import clean
from amana.matching.record import Subject
from amana.matching.score import POSSIBLE, STRONG, Score
from amana.matching.subject import CERTAIN, IDENTIFIER_SAME
from amana.records.models import Entity, Report
from amana.records.queries.entities import bearers_seen, newest_links
from amana.services.compared import Compared, headings, read_compared
from amana.services.journal import Act, record
from amana.services.judgements import key_of_entity, standing_of
from amana.services.name_index import find_names

A_PAGE = 20
MOST_NAMES = 60  # stored names that are compared in full
MOST_BEARERS = 200
LEAST = 0.3  # the likeness that is worth a line
WEAKEST = 0.15
MOST_REPORTS = 3  # that a line links to
MOST_NEWEST = 300  # their mentions that are looked at
NEWEST = 30  # reports whose entities are shown before anything is asked

# What a search can be narrowed to, as the schemata that it holds and those that it leaves out.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "person": (("Person",), ()),
    "organisation": (("Organization",), ()),
    "vessel": (("Vessel",), ()),
    "vehicle": (("Vehicle",), ("Vessel",)),
    "account": (("BankAccount", "CryptoWallet"), ()),
    "phone": (("Phone",), ()),
    "container": (("Container", "Consignment"), ()),
    "place": (("Address",), ()),
    "event": (("Event", "Payment"), ()),
}
_NUMBER_KINDS = ("phone", "iban", "imo", "mmsi", "container", "registration", "passport")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched: words or a number, and what else is known; `group` is one of `GROUPS` or empty."""

    words: str = ""
    births: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    group: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is asked but perhaps the kind."""
        return not self.words and not self.identifiers

    @property
    def subject(self) -> Subject:
        """What is compared."""
        names = (self.words,) if self.words else ()
        return Subject(names, "", self.births, self.countries, self.identifiers)


@dataclass(frozen=True, slots=True)
class Found:
    """A line of the answer: an entity, how alike and why (None where nothing was asked), its entries and reports.

    `reports` are the newest of `many_reports`.
    """

    entity: Entity
    called: str
    names: tuple[str, ...]
    reports: tuple[Report, ...]
    many_reports: int
    entries: int = 1
    score: Score | None = None

    @property
    def more_reports(self) -> int:
        """How many reports are not among those listed."""
        return self.many_reports - len(self.reports)

    @property
    def hundredths(self) -> int:
        """The likeness in hundredths."""
        return round(100 * self.score.value) if self.score else 0

    @property
    def strength(self) -> str:
        """The word for it: strong, possible or weak."""
        value = self.score.value if self.score else 0.0
        return "strong" if value >= STRONG else "possible" if value >= POSSIBLE else "weak"


@dataclass(frozen=True, slots=True)
class Results:
    """One page of what was found, and of how many; `words` are those that it is like, fewer than asked at times."""

    found: tuple[Found, ...] = ()
    many: int = 0
    page: int = 1
    words: str = ""

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.many // A_PAGE))


def search_entities(asked: Asked, *, page: int = 1, viewpoint: Viewpoint) -> Results:
    """The entities that may be meant, the most alike first; the search stands in the log.

    Where nothing is like all words, the last is left out, as it may not be finished. Where nothing is asked, those of
    the newest reports.
    """
    with transaction.atomic():
        record(
            Act.COMBINATION if not asked.empty else Act.CONSULTATION,
            "entities-searched" if not asked.empty else "entities-listed",
            "entities",
            by=viewpoint.officer,
            reason="desk",
            details=[*viewpoint.in_log, ("group", asked.group)],
        )
    found = _newest(asked.group, viewpoint) if asked.empty else _ranked(asked, viewpoint)
    fewer = " ".join(asked.words.split()[:-1])
    if not found and fewer:
        asked = replace(asked, words=fewer)
        found = _ranked(asked, viewpoint)
    start = (max(page, 1) - 1) * A_PAGE
    return Results(_shown(found[start : start + A_PAGE]), len(found), max(page, 1), asked.words)


def _ranked(asked: Asked, viewpoint: Viewpoint) -> list[_Line]:
    subject, bearers = asked.subject, bearers_of_number(asked, viewpoint=viewpoint)
    # What is borne as a number was meant as one.
    leads = set(bearers) or named_like(subject.names, most=MOST_NAMES, viewpoint=viewpoint)
    known = {
        pk: one
        for pk, one in read_compared(leads, viewpoint=viewpoint).items()
        if in_group(one.entity.schema, asked.group)
    }
    scores = {pk: _score(subject, one, bearers.get(pk)) for pk, one in known.items()}
    lines = _lines({pk: known[pk] for pk in known if scores[pk].value >= LEAST}, scores, viewpoint)
    return sorted(lines, key=lambda one: (-scores[one.entries[0].entity.pk].value, one.entries[0].entity.pk))


def _score(subject: Subject, known: Compared, number: str | None) -> Score:
    if number is None:
        return matching.compare(subject, known.subject)
    alike = matching.compare(subject, known.subject) if subject.names else Score(0.0)
    reasons = tuple(one for one in alike.reasons if not one.code.startswith("name-"))
    same = Reason("identifier-same", IDENTIFIER_SAME, (("one", number),))
    return Score(CERTAIN, (same, *(one for one in reasons if one.code != same.code)))


@dataclass(frozen=True, slots=True)
class _Line:
    """The found entries of one profile, the best first, and how many entries it has in all."""

    entries: tuple[Compared, ...]
    many: int
    score: Score | None = None


def _lines(known: dict[int, Compared], scores: dict[int, Score], viewpoint: Viewpoint) -> list[_Line]:
    """The found entities, those of one profile together."""
    standing = standing_of([one.entity for one in known.values()], viewpoint=viewpoint)
    together: dict[frozenset[str], list[Compared]] = {}
    for one in known.values():
        together.setdefault(standing.one_profile(key_of_entity(one.entity)), []).append(one)
    lines = []
    for members, some in together.items():
        if scores:
            some.sort(key=lambda one: (-scores[one.entity.pk].value, one.entity.pk))
        lines.append(_Line(tuple(some), len(members), scores.get(some[0].entity.pk)))
    return lines


def _newest(group: str, viewpoint: Viewpoint) -> list[_Line]:
    """The entities of the newest reports, those that bear a name or number."""
    links = newest_links(reports=NEWEST, most=MOST_NEWEST, viewpoint=viewpoint)
    wanted = list(dict.fromkeys(pk for pk, schema in links if in_group(schema, group)))[: 3 * A_PAGE]
    known = read_compared(wanted, viewpoint=viewpoint)
    return _lines({pk: known[pk] for pk in wanted if pk in known and known[pk].called}, {}, viewpoint)


def _shown(lines: Sequence[_Line]) -> tuple[Found, ...]:
    """The lines of one page, with their reports."""
    reports = [dict.fromkeys(key for entry in line.entries for key in entry.reports) for line in lines]
    return tuple(
        Found(
            line.entries[0].entity,
            line.entries[0].called or line.entries[0].entity.uid,
            tuple(dict.fromkeys(name for entry in line.entries for name in entry.subject.names)),
            shown,
            len(keys),
            line.many,
            line.score,
        )
        for line, keys, shown in zip(lines, reports, headings(reports, most=MOST_REPORTS), strict=True)
    )


def named_like(names: Iterable[str], *, most: int, viewpoint: Viewpoint) -> set[int]:
    """The entities that bear one of the `most` names most like each of these."""
    asked = list(names)
    found = find_names(asked, most=most, viewpoint=viewpoint) if asked else []
    return {one.entity for some in found for one in some if one.value >= WEAKEST}


def bearers_of_number(asked: Asked, *, viewpoint: Viewpoint) -> dict[int, str]:
    """The entities that bear what was typed as a number, in any of the forms it is written in, with the number."""
    forms = {form for kind, value in asked.identifiers for form in (value, clean(kind, value))}
    forms |= number_forms(asked.words)
    keys = sorted(f"number {form}" for form in forms if form)
    return dict(bearers_seen(keys, most=MOST_BEARERS, viewpoint=viewpoint)) if keys else {}


def number_forms(words: str) -> set[str]:
    """The forms in which something typed may be stored as a number; none where it holds no digit and no @."""
    text = " ".join(words.split())
    if not any(sign.isdigit() or sign == "@" for sign in text) or len(text) > 100:
        return set()
    upper, bare = text.upper(), "".join(sign for sign in text if sign.isalnum())
    forms = {text, text.lower(), upper, bare, bare.upper(), upper.replace(" ", "-"), upper.replace("-", " ")}
    forms |= {upper.replace("-", "").replace(" ", ""), f"+{bare}" if bare.isdigit() else ""}
    forms |= {clean(kind, text) for kind in _NUMBER_KINDS} | {clean("phone", f"+{bare.removeprefix('00')}")}
    return forms - {""}


def in_group(schema: str, group: str) -> bool:
    """Whether a schema is of a group; every one is of the empty group."""
    return not group or schema in _schemata(group)


@cache
def _schemata(group: str) -> frozenset[str]:
    within, without = GROUPS[group]
    names = [one.name for one in model().schemata.values() if not one.abstract]
    return frozenset(name for name in names if _is_one(name, within) and not _is_one(name, without))


def _is_one(name: str, of: tuple[str, ...]) -> bool:
    return any(schema_of(name).is_a(one) for one in of)
