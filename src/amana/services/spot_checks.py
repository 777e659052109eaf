"""Spot checks: entries of the log drawn at random, what the overseer finds in each, and what officers answer.

Invariant: seed, population and number stand in the log, committed, before anybody sees what was drawn; a finding and an
answer are written once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, Unavailable, gettext_noop
from amana.domain.viewpoint import Role
from amana.oversight.draw import KINDS, draw, is_of_kind, seed_of
from amana.oversight.log import Event
from amana.records.models import Checkpoint, DrawnEntry, LogEntry, SpotCheck, User
from amana.services.journal import Act, record
from amana.services.log_proofs import event_of
from amana.services.recalls import ReasonMissing
from amana.services.rights import Deed, require

__all__ = [
    "KINDS",
    "MOST",
    "CheckUnknown",
    "CheckUnwitnessed",
    "Drawn",
    "Finding",
    "FindingGiven",
    "answer_question",
    "draw_check",
    "give_finding",
    "list_checks",
    "open_questions",
    "questions_for",
    "show_check",
    "with_events",
]
MOST = 200
LONGEST_NUMBER = 100
Finding = DrawnEntry.Finding


class CheckMalformed(BadInput):
    """A draw does not say of what, how many, or with which number."""

    code = "check-malformed"
    sentence = gettext_noop(
        "A draw names what to draw, how many (1 to 200), and a number of your own that nobody could know before, of at "
        "most 100 signs."
    )


class CheckUnwitnessed(Unavailable):
    """No witness has co-signed a checkpoint yet, so a draw could be steered."""

    code = "check-unwitnessed"
    sentence = gettext_noop("No witness has co-signed this log yet; a draw from it could be steered. Try again later.")


class CheckUnknown(NotFound):
    """There is no such check or drawn entry."""

    code = "check-unknown"
    sentence = gettext_noop("There is no spot check of this number.")


class FindingGiven(Conflict):
    """The finding or the answer stands already."""

    code = "check-finding-given"
    sentence = gettext_noop("This is answered already; what was found and said is not changed.")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A drawn entry with its event; None where the event was erased meanwhile."""

    row: DrawnEntry
    event: Event | None

    @property
    def details(self) -> dict[str, str]:
        """The event's details by name."""
        return dict(self.event.details) if self.event else {}

    @property
    def report(self) -> str:
        """The number of the report that the event is about, empty for others."""
        subject = self.event.subject if self.event else ""
        return subject.split(":")[1] if subject.startswith("report:") else ""


def draw_check(what: str, wanted: int, number: str, *, by: User) -> SpotCheck:
    """Draw entries of a kind; the draw and its log entry are kept together or not at all.

    Anybody with the log draws the same: the population are the entries of the kind below the checkpoint's size.
    Raises CheckMalformed, CheckUnwitnessed.
    """
    require(by, Deed.INSPECT)
    number = number.strip()
    if what not in KINDS or not 1 <= wanted <= MOST or not 0 < len(number) <= LONGEST_NUMBER:
        raise CheckMalformed
    head = Checkpoint.objects.filter(cosignatures__isnull=False).order_by("-size").first()
    if head is None:
        raise CheckUnwitnessed
    now = timezone.now()
    seed = seed_of(bytes.fromhex(head.root), number)
    population = _population(what, head.size)
    drawn = draw(population, wanted, seed)
    with transaction.atomic():
        check = SpotCheck.objects.create(
            what=what,
            wanted=wanted,
            number=number,
            size=head.size,
            root=head.root,
            seed=seed.hex(),
            population=len(population),
            by=by.username,
            at=now,
        )
        details = [("what", what), ("wanted", str(wanted)), ("number", number), ("size", str(head.size))]
        more = [("root", head.root), ("population", str(len(population)))]
        _note("check-drawn", f"check:{check.pk}", "spot check", details + more, by=by, at=now)
        DrawnEntry.objects.bulk_create(
            [DrawnEntry(check_of=check, place=place, index=index) for place, index in enumerate(drawn, start=1)]
        )
    return check


def _population(what: str, size: int) -> list[int]:
    verbs = Q()
    for verb in KINDS[what]:
        verbs |= Q(event__contains=f'"verb":"{verb}"')
    rows = LogEntry.objects.filter(verbs, index__lt=size).order_by("index")
    found = []
    for entry in rows.iterator(chunk_size=500):
        event = event_of(entry)
        if event is not None and is_of_kind(event, what):
            found.append(entry.index)
    return found


def list_checks(*, by: User) -> list[SpotCheck]:
    """All spot checks, the newest first."""
    require(by, Deed.INSPECT)
    return list(SpotCheck.objects.prefetch_related("entries").order_by("-pk")[:200])


@transaction.atomic
def show_check(number: int, *, by: User) -> tuple[SpotCheck, list[Drawn]]:
    """One check with what was drawn; the look stands in the log. Raises CheckUnknown."""
    require(by, Deed.INSPECT)
    check = SpotCheck.objects.filter(pk=number).first()
    if check is None:
        raise CheckUnknown
    record(Act.CONSULTATION, "check-opened", f"check:{number}", by=by.username, reason="oversight")
    return check, with_events(list(check.entries.all()))


def with_events(rows: list[DrawnEntry]) -> list[Drawn]:
    """Drawn entries with their events; one query."""
    entries = LogEntry.objects.in_bulk([row.index for row in rows])
    return [Drawn(row, event_of(entries[row.index]) if row.index in entries else None) for row in rows]


@transaction.atomic
def give_finding(number: int, place: int, finding: DrawnEntry.Finding, words: str, *, by: User) -> DrawnEntry:
    """Say what was found in one drawn entry; a question goes to the officer who acted, or to the head.

    Raises CheckUnknown, FindingGiven, ReasonMissing for a question or objection without words.
    """
    require(by, Deed.INSPECT)
    if finding != Finding.IN_ORDER and not words.strip():
        raise ReasonMissing
    row = _row(number, place)
    event = with_events([row])[0].event
    acted = event.person if event is not None else ""
    asked = acted if User.objects.filter(username=acted, is_active=True).exists() else ""
    now = timezone.now()
    changed = DrawnEntry.objects.filter(pk=row.pk, finding="").update(
        finding=finding,
        words=words.strip(),
        found_by=by.username,
        found_at=now,
        asked=asked if finding == Finding.QUESTION else "",
    )
    if not changed:
        raise FindingGiven
    details = [("entry", str(row.index)), ("finding", str(finding)), ("officer", acted)]
    _note("check-finding", f"check:{number}", words.strip() or str(finding), details, by=by, at=now)
    row.refresh_from_db()
    return row


@transaction.atomic
def answer_question(number: int, place: int, words: str, *, by: User) -> DrawnEntry:
    """Answer an overseer's question about an act of one's own; the head answers for the node and for who has left.

    Raises CheckUnknown where nothing is asked of this officer, FindingGiven, ReasonMissing.
    """
    if not words.strip():
        raise ReasonMissing
    row = _row(number, place)
    if row.pk not in {one.row.pk for one in questions_for(by)} and not row.answer:
        raise CheckUnknown
    now = timezone.now()
    changed = DrawnEntry.objects.filter(pk=row.pk, finding=Finding.QUESTION, answer="").update(
        answer=words.strip(), answered_by=by.username, answered_at=now
    )
    if not changed:
        raise FindingGiven
    _note("check-answered", f"check:{number}", words.strip(), [("entry", str(row.index))], by=by, at=now)
    row.refresh_from_db()
    return row


def questions_for(officer: User) -> list[Drawn]:
    """Open questions that this officer is to answer, the oldest first."""
    if not officer.is_active:
        return []
    names = [officer.username, *([""] if officer.has_role(Role.HEAD) else [])]
    return with_events(list(_open().filter(asked__in=names)))


def open_questions(*, by: User) -> list[Drawn]:
    """All open questions, for overseers and the head."""
    require(by, Deed.OVERSEE)
    return with_events(list(_open()))


def _open() -> QuerySet[DrawnEntry]:
    rows = DrawnEntry.objects.filter(finding=Finding.QUESTION, answer="").select_related("check_of")
    return rows.order_by("found_at", "pk")


def _row(number: int, place: int) -> DrawnEntry:
    row = DrawnEntry.objects.filter(check_of=number, place=place).first()
    if row is None:
        raise CheckUnknown
    return row


def _note(verb: str, subject: str, reason: str, details: list[tuple[str, str]], *, by: User, at: datetime) -> None:
    record(Act.ADMINISTRATION, verb, subject, by=by.username, reason=reason, details=details, at=at)
