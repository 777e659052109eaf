"""Who did what with a report, and when, in words: read from the rows that each act left.

Invariant: it is told to who has opened the report, and of other nodes only what they signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.domain.viewpoint import Viewpoint
from amana.exchange.protocol import Step
from amana.records.models import (
    Consent,
    Flag,
    LegalHold,
    Message,
    Recall,
    Receipt,
    Release,
    Report,
    Restriction,
)
from amana.records.queries.reports import visible_reports
from amana.services.keys import own_node

_SENTENCES = {
    "written": gettext_noop("%(who)s wrote version %(version)s."),
    "proposed": gettext_noop("%(who)s proposed version %(version)s for %(node)s."),
    "released": gettext_noop("%(who)s released version %(version)s to %(node)s."),
    "declined": gettext_noop("%(who)s sent version %(version)s back instead of releasing it to %(node)s."),
    "stopped": gettext_noop("Version %(version)s was stopped before it went to %(node)s."),
    "sent": gettext_noop("Version %(version)s was sent to %(node)s."),
    "received": gettext_noop("%(node)s signed that it has version %(version)s."),
    "arrived": gettext_noop("Version %(version)s came in from %(node)s."),
    "read": gettext_noop("%(node)s has read version %(version)s."),
    "taken-up": gettext_noop("%(node)s has taken version %(version)s up."),
    "feedback-useful": gettext_noop("%(node)s found version %(version)s useful."),
    "feedback-led-to": gettext_noop("Version %(version)s led to something at %(node)s."),
    "feedback-no-value": gettext_noop("Version %(version)s was of no value to %(node)s."),
    "passed-on": gettext_noop("%(node)s passed version %(version)s on."),
    "told": gettext_noop("We told %(node)s how far version %(version)s got here."),
    "recalled": gettext_noop("%(who)s recalled it from all holders."),
    "restricted": gettext_noop("%(who)s restricted it at all holders."),
    "consent-asked": gettext_noop("%(node)s asked whether it may go on to %(third)s."),
    "consent-granted": gettext_noop("It may go on from %(node)s to %(third)s."),
    "consent-refused": gettext_noop("It may not go on from %(node)s to %(third)s."),
    "consent-revoked": gettext_noop("It may go on from %(node)s to %(third)s no more."),
    "held": gettext_noop("%(who)s laid a legal hold on it."),
    "flagged": gettext_noop("Something of %(node)s that it rests on changed."),
    "seen": gettext_noop("%(who)s saw that something it rests on changed."),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, in one sentence, and the reason that was given for it."""

    at: datetime
    what: Reason
    why: str = ""


def history_of(row: Report, *, viewpoint: Viewpoint) -> list[Happening]:
    """What happened to all versions of an opened report that may be seen, the latest first."""
    seen = visible_reports(viewpoint=viewpoint, ended=True).filter(uid=row.uid, originator=row.originator)
    rows = {one.pk: one for one in seen.select_related("author").defer("text", "folded", "details", "evaluation")}
    found = [*_written(rows), *_decided(rows), *_carried(rows), *_ordered(row), *_consented(row), *_kept(row, rows)]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _made(code: str, at: datetime, why: str = "", **values: object) -> Happening:
    return Happening(at, Reason(code, _SENTENCES[code], tuple((name, str(one)) for name, one in values.items())), why)


def _written(rows: dict[int, Report]) -> Iterator[Happening]:
    for row in rows.values():
        if row.author is not None and row.originator == own_node():
            yield _made(
                "written", row.written, who=row.author.get_full_name() or row.author.username, version=row.version
            )


def _decided(rows: dict[int, Report]) -> Iterator[Happening]:
    for one in Release.objects.filter(report__in=rows):
        version, node = rows[one.report_id].version, one.partner_id
        yield _made("proposed", one.proposed_at, who=one.proposed_by, version=version, node=node)
        if one.state in ("released", "declined") and one.decided_at is not None:
            why = "" if one.reason in ("release", "consent") else one.reason
            yield _made(one.state, one.decided_at, why, who=one.decided_by, version=version, node=node)


def _carried(rows: dict[int, Report]) -> Iterator[Happening]:
    messages = Message.objects.filter(report__in=rows, type__in=["report", "relay"]).select_related("outbox")
    for message in messages.defer("body", "sealed", "body_key").prefetch_related("receipts"):
        version, node = rows[message.report_id or 0].version, message.partner_id
        if message.direction == Message.Direction.IN:
            yield _made("arrived", message.received_at or message.created_at, node=node, version=version)
        elif message.outbox.sent_at is not None:
            yield _made("sent", message.outbox.sent_at, node=node, version=version)
        for receipt in message.receipts.all():
            yield _receipted(message, receipt, version)


def _receipted(message: Message, receipt: Receipt, version: int) -> Happening:
    ours = message.direction == Message.Direction.IN
    code = "told" if ours else receipt.step if receipt.step in _SENTENCES else Step.READ
    why = "" if receipt.step == Step.PASSED_ON else receipt.note
    return _made(code, receipt.at, why, node=message.partner_id, version=version)


def _ordered(row: Report) -> Iterator[Happening]:
    if row.originator != own_node():
        return
    for recall in Recall.objects.filter(report_uid=row.uid):
        yield _made("recalled", recall.at, recall.reason, who=recall.by)
    for one in Restriction.objects.filter(report_uid=row.uid, consent__isnull=True):
        yield _made("restricted", one.at, one.reason, who=one.by)


def _consented(row: Report) -> Iterator[Happening]:
    for one in Consent.objects.filter(report_uid=row.uid, originator=row.originator):
        values = {"node": one.holder, "third": one.recipient}
        yield _made("consent-asked", one.asked_at, one.reason, **values)
        if one.decided_at is not None and one.state != Consent.State.ASKED:
            yield _made(f"consent-{one.state}", one.decided_at, one.answer, **values)


def _kept(row: Report, rows: dict[int, Report]) -> Iterator[Happening]:
    for hold in LegalHold.objects.filter(report__in=rows):
        yield _made("held", hold.at, hold.reason, who=hold.by)
    for flag in Flag.objects.filter(report__in=rows):
        yield _made("flagged", flag.since, flag.why, node=flag.source)
        if flag.seen_at is not None:
            yield _made("seen", flag.seen_at, who=flag.seen_by)
