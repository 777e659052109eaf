"""Keeping what a partner reports: what is permitted, new versions, and a version that comes once more.

Invariant: one version of a report has one content here, and versions only go up; what was erased never comes back, and
what is in doubt comes back only as its originator signs it now.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from amana.domain.errors import Conflict, NotAllowed, gettext_noop
from amana.domain.handling import Handling
from amana.domain.report import Content, Kind, ReportIncomplete, State
from amana.exchange.canonical import encode
from amana.exchange.envelope import kid_of, unlock, untrusted
from amana.exchange.identity import KeyCompromised
from amana.exchange.protocol import Message as Wire
from amana.exchange.protocol import RestrictionBody, narrowed_by
from amana.records.models import Agreement, Erasure, Message, Quarantine, Report
from amana.services.agreements import NotPermittedHere, terms_of
from amana.services.contents import content_of, store
from amana.services.cross_checks import cross_check
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.recalls import erase_held
from amana.services.replies import note_report, require_fit
from amana.services.restrictions import restricted_columns

IN_USE = (State.HELD, State.DOUBTED)


class VersionTaken(Conflict):
    """This version of a report, or a later one, came before."""

    code = "receive-version-taken"
    sentence = gettext_noop(
        "This version of the report, or a later one, came before; send a correction as the next one."
    )


class VersionEnded(NotAllowed):
    """This version was erased here and does not come back."""

    code = "receive-version-ended"
    sentence = gettext_noop("This version of the report was withdrawn or erased here and is not taken in again.")


class ReportOurs(NotAllowed):
    """A partner gives its report the number of one of ours."""

    code = "receive-report-ours"
    sentence = gettext_noop("The report has the number of one that belongs to the receiving node.")


def require_permission(agreement: Agreement, named: str, content: Content, *, at: datetime) -> None:
    """Go on only where the agreement, which the message names, permits a whole report.

    Raises NotPermittedHere, ReportIncomplete.
    """
    decision = terms_of(agreement).permits(content, recipient=own_node(), at=at)
    if str(agreement.pk) != named or not decision.allowed:
        raise NotPermittedHere(because=" ".join(map(str, decision.because)))
    missing = content.missing()
    if missing:
        raise ReportIncomplete(missing=", ".join(missing))


def require_new(originator: str, contents: Sequence[Content]) -> None:
    """A number is one report of one originator, and its versions only go up.

    Raises ReportOurs, VersionTaken, VersionEnded.
    """
    versions = {content.report: content.version for content in contents}
    for row in Report.objects.filter(uid__in=versions).only("originator", "uid", "version"):
        if row.originator == own_node():
            raise ReportOurs
        if row.originator == originator and row.version >= versions[str(row.uid)]:
            raise VersionTaken
    erased = Erasure.objects.filter(originator=originator, uid__in=versions).values_list("uid", "version")
    if any(version >= versions[str(uid)] for uid, version in erased):
        raise VersionEnded


def hold(agreement: Agreement, wire: Wire, content: Content, *, signed_by: str, at: datetime) -> tuple[Report, bool]:
    """Keep a partner's report, its words readable; the report, and whether it says something new.

    `signed_by` names the key of the message. A version that is known comes once more only where another had passed it
    on, where it is in doubt, or where the same words are signed anew by a later key. Raises what `require_permission`,
    `require_fit` and `require_new` raise.
    """
    require_permission(agreement, wire.agreement, content, at=at)
    require_fit(content, partner=wire.origin, sent=False, at=wire.created)
    known = _versions(wire.origin, content)
    same = known.pop(content.version, None)
    if same is None or same.state not in IN_USE or any(version > content.version for version in known):
        require_new(wire.origin, [content])
    if same is not None and same.state == State.DOUBTED:
        return _reconfirmed(same, content, at=at), True
    if same is not None and not same.via:
        if signed_by in _signers(same) or not _says(same, content):
            raise VersionTaken
        return same, False
    erase_held([one for one in known.values() if one.state in IN_USE], State.SUPERSEDED, reason="correction")
    row = same or Report(state=State.HELD)
    row.via, row.restrictions = "", []
    return store(content, row, originator=wire.origin), True


def hold_again(agreement: Agreement, wire: Wire, content: Content, *, at: datetime) -> Report:
    """The held report of a message that is taken in again at its own place, kept anew where it was lost.

    Raises what `require_permission` raises, VersionEnded for what has ended since, VersionTaken for other words.
    """
    known = _versions(wire.origin, content)
    same = known.get(content.version)
    if any(version > content.version for version in known) or (same is not None and same.state not in IN_USE):
        raise VersionEnded
    if same is None or same.state == State.DOUBTED:
        return hold(agreement, wire, content, signed_by="", at=at)[0]
    require_permission(agreement, wire.agreement, content, at=at)
    if not _says(same, content):
        raise VersionTaken
    return same


def _versions(originator: str, content: Content) -> dict[int, Report]:
    rows = Report.objects.select_for_update(no_key=True).filter(originator=originator, uid=content.report)
    return {row.version: row for row in rows.order_by("version")}


def _signers(row: Report) -> set[str]:
    """The keys that signed the messages with which the originator sent this version."""
    kept = row.messages.filter(partner_id=row.originator, direction=Message.Direction.IN, body_key__isnull=False)
    return {kid_of(unlock(bytes(one.body_key or b""), bytes(one.body or b""))) for one in kept}


def _says(row: Report, content: Content) -> bool:
    """Whether a held report has this content, but for what its originator's restrictions took from the marking."""
    handling = narrowed_by(content.handling, _limits(row))
    return encode(content_of(row).to_json()) == encode(replace(content, handling=handling).to_json())


def _limits(row: Report) -> list[Handling]:
    """What the originator's late restrictions left; each was verified when it came."""
    bodies = [RestrictionBody.from_json(untrusted(jws.encode("ascii"))["body"]) for jws in row.restrictions]
    return [body.handling for body in bodies if body.handling is not None]


def _reconfirmed(row: Report, content: Content, *, at: datetime) -> Report:
    """A version in doubt is in force again, with the content that now comes and the restrictions of before."""
    numbers = [str(number) for number in row.messages.values_list("pk", flat=True)]
    Quarantine.objects.filter(code=KeyCompromised.code, outgoing=False, message_id_text__in=numbers).delete()
    limits = _limits(row)
    row.state, row.via = State.HELD, ""
    store(content, row, originator=row.originator)
    for handling in limits:
        Report.objects.filter(pk=row.pk).update(**restricted_columns(row, handling))
        row.refresh_from_db()
    record(
        Act.ALTERATION,
        "report-reconfirmed",
        f"report:{row.uid}:{row.version}",
        by=f"node:{row.originator}",
        reason="signed again",
        at=at,
    )
    return row


def note_held(agreement: Agreement, content: Content, report: Report, message: Message, *, at: datetime) -> None:
    """Let a request or an answer take effect: its clock, its place in the fold, and the look into our own holdings."""
    sha256 = hashlib.sha256(encode(content.to_json())).hexdigest()
    note_report(content, report, message, terms=terms_of(agreement), sha256=sha256, sent=False)
    if report.kind == Kind.REQUEST:
        cross_check(message.request, at=at)
