"""Requests for access by data subjects: recorded, searched for under the mandate, decided, and answered.

Invariant: what a partner entrusted is told to nobody before its originator has agreed, asked by a notice as any other;
whether anything is held shows in no refusal: its words are the same where nothing is. After Directive (EU) 2016/680,
Articles 12 to 15.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.domain.evaluation import unknown
from amana.domain.handling import Handling
from amana.domain.joint import Notice
from amana.domain.report import Kind, State
from amana.domain.times import parse_day
from amana.domain.vocabulary import CrimeArea
from amana.matching.record import Subject
from amana.records.models import AccessFinding, AccessRequest, Report, User
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.mandates import require_mandate, viewpoint_under
from amana.services.matching import match_subject
from amana.services.recalls import ReasonMissing
from amana.services.reports import draft_report, newest
from amana.services.rights import Deed, may, require

Outcome = AccessRequest.Outcome


class Ground(StrEnum):
    """Why access is refused, wholly or in part: a closed list, after Directive (EU) 2016/680, Articles 12(4) and 15."""

    INQUIRY = "obstructs-inquiry"
    PREVENTION = "prejudices-prevention"
    PUBLIC_SECURITY = "public-security"
    NATIONAL_SECURITY = "national-security"
    OTHERS = "rights-of-others"
    EXCESSIVE = "manifestly-unfounded"
    IDENTITY = "identity-not-shown"


class AccessUnknown(NotFound):
    """There is no such request for access."""

    code = "access-unknown"
    sentence = gettext_noop("There is no request for access of this number.")


class AccessIncomplete(BadInput):
    """A request for access lacks the name, the day, or how the identity was checked."""

    code = "access-incomplete"
    sentence = gettext_noop(
        "Say who asks, on which day (not in the future), the birth date as YYYY-MM-DD if known, and how the identity "
        "was checked."
    )


class AccessDecided(Conflict):
    """The request is decided, or its deadline was extended once."""

    code = "access-decided"
    sentence = gettext_noop("This request is decided already, or its deadline was extended once and is not again.")


class AccessNotSearched(Conflict):
    """The holdings were not searched for who asks."""

    code = "access-not-searched"
    sentence = gettext_noop("Search the holdings for this person first; a decision rests on what is held.")


class AccessGroundMissing(BadInput):
    """A refusal carries one ground of the list."""

    code = "access-ground"
    sentence = gettext_noop("A refusal, whole or in part, names one ground of the list; giving access names none.")


class AccessOriginatorUnasked(NotAllowed):
    """A partner's data would be given without its originator's word."""

    code = "access-originator-unasked"
    sentence = gettext_noop(
        "What “%(node)s” entrusted is given only when it has agreed: ask it by a notice, note its answer, or give "
        "access in part."
    )


class AccessNoticeMissing(Conflict):
    """No notice went to the originator."""

    code = "access-notice-missing"
    sentence = gettext_noop("The notice to the originator has not been released yet, so there is no answer to note.")


def a_month_after(day: date, months: int = 1) -> date:
    """The same day some months later, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@transaction.atomic
def record_access(*, name: str, born: str = "", identity: str, asked_on: date, by: User) -> AccessRequest:
    """Write down who asked, when, and how the identity was checked; due a month later. Raises AccessIncomplete."""
    require(by, Deed.INSPECT)
    if not name.strip() or not identity.strip() or asked_on > timezone.localdate():
        raise AccessIncomplete
    if born:
        try:
            parse_day(born)
        except BadInput as error:
            raise AccessIncomplete from error
    now = timezone.now()
    row = AccessRequest.objects.create(
        name=name.strip(),
        born=born,
        identity=identity.strip(),
        asked_on=asked_on,
        due=a_month_after(asked_on),
        by=by.username,
        at=now,
    )
    _note("access-recorded", row, "access", [("due", row.due.isoformat())], by=by, at=now)
    return row


@transaction.atomic
def extend_access(number: int, *, reason: str, by: User) -> AccessRequest:
    """Extend the deadline once, by a month, with a reason. Raises AccessUnknown, AccessDecided, ReasonMissing."""
    require(by, Deed.INSPECT)
    if not reason.strip():
        raise ReasonMissing
    row = _find(number)
    due = a_month_after(row.asked_on, 2)
    changed = AccessRequest.objects.filter(pk=number, extended_for="", outcome="").update(
        due=due, extended_for=reason.strip()
    )
    if not changed:
        raise AccessDecided
    _note("access-extended", row, reason, [("due", due.isoformat())], by=by, at=timezone.now())
    row.refresh_from_db()
    return row


@transaction.atomic
def search_access(number: int, *, by: User) -> AccessRequest:
    """Search all holdings for who asks, under the mandate. Raises MandateMissing, AccessUnknown, AccessDecided."""
    mandate = require_mandate(by)
    row = _find(number)
    if row.outcome:
        raise AccessDecided
    look = viewpoint_under(mandate, f"access:{number}", by=by)
    born = (row.born,) if row.born else ()
    matches = match_subject(Subject(names=(row.name,), birth_dates=born), most=50, viewpoint=look)
    likeness: dict[UUID, tuple[Report, int]] = {}
    for match in matches:
        for report in match.reports:
            before = likeness.get(report.uid, (report, 0))
            likeness[report.uid] = (report, max(before[1], match.hundredths))
    for report, hundredths in likeness.values():
        AccessFinding.objects.update_or_create(
            request=row,
            report_uid=report.uid,
            defaults={"version": report.version, "originator": report.originator, "likeness": hundredths},
        )
    row.searched_at = timezone.now()
    row.save(update_fields=["searched_at"])
    return row


def list_access(*, by: User) -> list[AccessRequest]:
    """All requests for access, the open ones first by their deadline; for overseers and the head."""
    _require_seeing(by)
    rows = list(AccessRequest.objects.prefetch_related("findings").order_by("due", "pk")[:500])
    return sorted(rows, key=lambda one: bool(one.outcome))


def show_access(number: int, *, by: User) -> tuple[AccessRequest, list[tuple[AccessFinding, str]]]:
    """One request with its findings, each with the state of the notice to its originator. Raises AccessUnknown."""
    _require_seeing(by)
    row = _find(number)
    findings = list(row.findings.all())
    notices = dict(
        Report.objects.filter(uid__in=[one.notice for one in findings if one.notice], originator=own_node())
        .order_by("version")
        .values_list("uid", "state")
    )
    with transaction.atomic():
        record(Act.CONSULTATION, "access-opened", f"access:{number}", by=by.username, reason="access")
    return row, [(one, notices.get(one.notice, "") if one.notice else "") for one in findings]


@transaction.atomic
def ask_originator(number: int, uid: UUID, *, title: str, text: str, language: str, by: User) -> Report:
    """Draft the notice that asks an originator whether its report may be told; a second person releases it.

    The officer writes it, not the overseer: it goes the way of any notice. Raises AccessUnknown, ReportUnknown.
    """
    require(by, Deed.WRITE)
    _require_seeing(by)
    finding = AccessFinding.objects.filter(request=number, report_uid=uid).first()
    if finding is None or finding.originator == own_node():
        raise AccessUnknown
    held = newest(uid, by=by)
    notice = draft_report(
        title=title,
        text=text,
        language=language,
        evaluation=unknown(timezone.localdate()),
        handling=replace(Handling.from_json(held.handling), releasable_to=frozenset({held.originator})),
        crime_areas=frozenset(map(CrimeArea, held.crime_areas)),
        kind=Kind.NOTICE,
        details=Notice(report=str(uid)),
        built_on=(held,),
        by=by,
    )
    AccessFinding.objects.filter(pk=finding.pk).update(notice=notice.uid)
    _note("access-notice-drafted", finding.request, "access", [("report", str(uid))], by=by, at=timezone.now())
    return notice


@transaction.atomic
def note_originator(number: int, uid: UUID, *, consented: bool, words: str, by: User) -> AccessFinding:
    """Note what the originator answered. Raises AccessUnknown, AccessNoticeMissing, ReasonMissing."""
    require(by, Deed.INSPECT)
    finding = AccessFinding.objects.select_related("request").filter(request=number, report_uid=uid).first()
    if finding is None:
        raise AccessUnknown
    if not words.strip():
        raise ReasonMissing
    if finding.notice is None:
        raise AccessNoticeMissing
    if not Report.objects.filter(uid=finding.notice, state=State.RELEASED, originator=own_node()).exists():
        raise AccessNoticeMissing
    finding.consented, finding.words = consented, words.strip()
    finding.save(update_fields=["consented", "words"])
    details = [("report", str(uid)), ("originator", finding.originator), ("consented", str(consented).lower())]
    _note("access-originator-answered", finding.request, words, details, by=by, at=timezone.now())
    return finding


@transaction.atomic
def decide_access(
    number: int, outcome: AccessRequest.Outcome, *, ground: Ground | None = None, reason: str, by: User
) -> AccessRequest:
    """Decide: given, given in part, or refused on one ground of the list.

    Raises ReasonMissing, AccessUnknown, AccessNotSearched, AccessGroundMissing, AccessOriginatorUnasked, AccessDecided.
    """
    require(by, Deed.INSPECT)
    if not reason.strip():
        raise ReasonMissing
    row = _find(number)
    unproved = outcome == Outcome.REFUSED and ground is Ground.IDENTITY
    if row.searched_at is None and not unproved:
        raise AccessNotSearched
    if (ground is None) is (outcome != Outcome.GIVEN):
        raise AccessGroundMissing
    if outcome == Outcome.GIVEN:
        _require_consents(list(row.findings.all()))
    now = timezone.now()
    changed = AccessRequest.objects.filter(pk=number, outcome="").update(
        outcome=outcome, ground=ground or "", reason=reason.strip(), decided_by=by.username, decided_at=now
    )
    if not changed:
        raise AccessDecided
    details = [("outcome", str(outcome)), ("ground", str(ground or ""))]
    _note("access-decided", row, reason, details, by=by, at=now)
    row.refresh_from_db()
    return row


def _require_consents(findings: Sequence[AccessFinding]) -> None:
    for one in findings:
        if one.originator != own_node() and not one.consented:
            raise AccessOriginatorUnasked(node=one.originator)


def says_held(row: AccessRequest) -> bool:
    """Whether the answer to who asked may say that anything is held: only where access is given to something."""
    return row.outcome in (Outcome.GIVEN, Outcome.PARTLY) and row.findings.exists()


def _require_seeing(by: User) -> None:
    if not may(by, Deed.HOLD):
        require(by, Deed.INSPECT)


def _find(number: int) -> AccessRequest:
    row = AccessRequest.objects.filter(pk=number).first()
    if row is None:
        raise AccessUnknown
    return row


def _note(
    verb: str, row: AccessRequest, reason: str, details: list[tuple[str, str]], *, by: User, at: datetime
) -> None:
    record(Act.ADMINISTRATION, verb, f"access:{row.pk}", by=by.username, reason=reason, details=details, at=at)
