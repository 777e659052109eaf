"""An overseer's mandate to open content: given by two officers, with a ground and an end, used for given checks only.

Invariant: without a mandate in force an overseer reads no word of a report; with it only a report that a check or a
request for access is about, and each opening stands in the log with that check's number and is shown to the head.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.domain.handling import Purpose
from amana.domain.viewpoint import Role, Viewpoint
from amana.records.models import AccessFinding, ContentOpening, DrawnEntry, LogEntry, Mandate, User
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.log_proofs import event_of
from amana.services.people import find_officer
from amana.services.recalls import ReasonMissing
from amana.services.reports import ReportUnknown, Shown, show_report
from amana.services.rights import Deed, require


class MandateMissing(NotAllowed):
    """The overseer has no mandate to open content now."""

    code = "mandate-missing"
    sentence = gettext_noop(
        "You have no mandate to open content today; two officers, a head or operators, give one with its legal ground."
    )


class MandateUnfit(BadInput):
    """A mandate is for an overseer, and ends on a day to come."""

    code = "mandate-unfit"
    sentence = gettext_noop("A mandate is given to an overseer without another role, and ends on a day to come.")


class MandateUnknown(NotFound):
    """No such mandate waits."""

    code = "mandate-unknown"
    sentence = gettext_noop("No mandate of this number waits for a second person.")


class MandateSecondPerson(NotAllowed):
    """Whoever proposed a mandate does not confirm it, nor does who gets it."""

    code = "mandate-second-person"
    sentence = gettext_noop("You proposed this mandate yourself; another officer must confirm it.")


class MandateTwice(Conflict):
    """The overseer has a mandate, or one waits."""

    code = "mandate-twice"
    sentence = gettext_noop("“%(name)s” has a mandate already, or one waits for its second person.")


@transaction.atomic
def propose_mandate(name: str, *, ground: str, until: date, by: User) -> Mandate:
    """Propose that an overseer may open content until a day. Raises ReasonMissing, MandateUnfit, MandateTwice."""
    require(by, Deed.GIVE_MANDATE)
    if not ground.strip():
        raise ReasonMissing
    overseer, now = find_officer(name), timezone.now()
    if overseer.roles != [str(Role.OVERSEER)] or until < timezone.localdate():
        raise MandateUnfit
    if Mandate.objects.filter(officer=name, until__gte=timezone.localdate()).exists():
        raise MandateTwice(name=name)
    made = Mandate.objects.create(
        officer=name, ground=ground.strip(), until=until, proposed_by=by.username, proposed_at=now
    )
    _note("mandate-proposed", made, by=by, at=now)
    return made


@transaction.atomic
def confirm_mandate(number: int, *, by: User) -> Mandate:
    """Confirm a mandate that another officer proposed. Raises MandateUnknown, MandateSecondPerson."""
    require(by, Deed.GIVE_MANDATE)
    made = Mandate.objects.filter(pk=number, confirmed_at__isnull=True).first()
    if made is None:
        raise MandateUnknown
    if by.username in (made.proposed_by, made.officer):
        raise MandateSecondPerson
    now = timezone.now()
    changed = Mandate.objects.filter(pk=number, confirmed_at__isnull=True)
    if not changed.update(confirmed_by=by.username, confirmed_at=now):
        raise MandateUnknown
    made.refresh_from_db()
    _note("mandate-confirmed", made, by=by, at=now)
    return made


def list_mandates(*, by: User) -> list[Mandate]:
    """All mandates, the newest first."""
    require(by, Deed.OVERSEE)
    return list(Mandate.objects.order_by("-pk")[:100])


def mandate_of(officer: User) -> Mandate | None:
    """The officer's mandate in force today."""
    rows = Mandate.objects.filter(officer=officer.username, confirmed_at__isnull=False)
    return rows.filter(until__gte=timezone.localdate()).order_by("-until").first()


def require_mandate(officer: User) -> Mandate:
    """The overseer's mandate in force today; raises MandateMissing, RoleMissing, OverseerNotApart."""
    require(officer, Deed.INSPECT)
    found = mandate_of(officer)
    if found is None:
        raise MandateMissing
    return found


def viewpoint_under(mandate: Mandate, check: str, *, by: User) -> Viewpoint:
    """From where an overseer looks for one check: up to the account's clearance, whatever the report's purposes."""
    return Viewpoint(
        officer=by.username,
        node=own_node(),
        roles=frozenset({Role.OVERSEER}),
        clearance=by.viewpoint(node=own_node(), purpose=Purpose.INVESTIGATION).clearance,
        purpose=Purpose.INVESTIGATION,
        case=check,
        mandate=f"mandate:{mandate.pk}",
    )


@transaction.atomic
def open_content(uid: UUID, *, check: int | None = None, access: int | None = None, by: User) -> Shown:
    """Open a report that a check or a request for access is about; the opening stands in the log and with the head.

    Raises MandateMissing, ReportUnknown where the check is not about this report or it lies above the clearance.
    """
    mandate = require_mandate(by)
    about = _is_about_check(uid, check) if check else _is_about_access(uid, access)
    if not about:
        raise ReportUnknown
    name = f"check:{check}" if check else f"access:{access}"
    shown = show_report(uid, viewpoint=viewpoint_under(mandate, name, by=by), reason=name)
    ContentOpening.objects.create(
        mandate=mandate,
        check_of_id=check,
        access_id=None if check else access,
        report_uid=uid,
        version=shown.row.version,
        by=by.username,
        at=timezone.now(),
    )
    return shown


def _is_about_check(uid: UUID, check: int) -> bool:
    indexes = DrawnEntry.objects.filter(check_of=check).values("index")
    events = map(event_of, LogEntry.objects.filter(index__in=indexes))
    return any(event is not None and event.subject.split(":")[:2] == ["report", str(uid)] for event in events)


def _is_about_access(uid: UUID, access: int | None) -> bool:
    return AccessFinding.objects.filter(request=access, report_uid=uid).exists()


def list_openings(*, by: User) -> list[ContentOpening]:
    """Whose content was opened under a mandate, the newest first: for overseers, the head and the operator."""
    require(by, Deed.OVERSEE)
    return list(ContentOpening.objects.select_related("mandate").order_by("-pk")[:200])


def _note(verb: str, made: Mandate, *, by: User, at: datetime) -> None:
    details = [("mandate", str(made.pk)), ("until", made.until.isoformat()), ("proposed-by", made.proposed_by)]
    subject = f"officer:{made.officer}"
    record(Act.ADMINISTRATION, verb, subject, by=by.username, reason=made.ground, details=details, at=at)
