"""Taking back what was entrusted: the originator's recall, the holder's withdrawal, the effect certificate.

Invariant: from the transaction that receives a recall on, the holder has nothing of the named versions that can be
read, found or sent; and the originator knows of each holder whether it has confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.report import State
from amana.domain.times import instant
from amana.exchange.protocol import CertificateBody, Effect, RecallBody, Type
from amana.exchange.protocol import Message as Wire
from amana.records.models import Certificate, Message, Outbox, Partner, Recall, Release, Report, User
from amana.services.contents import close_report
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import lock_partner, post
from amana.services.reports import ReportNotOurs, ReportNotReleased, newest
from amana.services.rights import Deed, require

NEVER_SENT = "never-sent"


class ReasonMissing(BadInput):
    """A recall needs its reason."""

    code = "recall-reason"
    sentence = gettext_noop("Say why, in a few words: the holders and the overseer will read it.")


class CertificateUnexpected(BadInput):
    """A certificate answers no recall of ours."""

    code = "certificate-unexpected"
    sentence = gettext_noop("This certificate answers no recall that this node sent to that partner.")


@dataclass(frozen=True, slots=True)
class Branch:
    """One holder in the originator's tree: `effect` is empty while it is silent."""

    partner: str
    effect: str
    certified_at: datetime | None
    details: dict[str, object]


@transaction.atomic
def recall_report(uid: UUID, *, reason: str, by: User) -> Recall:
    """Recall all released versions of a report of ours from every holder; what still waits is never sent.

    Raises ReasonMissing, ReportUnknown, ReportNotOurs, ReportNotReleased.
    """
    require(by, Deed.RECALL)
    if not reason.strip():
        raise ReasonMissing
    row = newest(uid, by=by)
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    now = timezone.now()
    versions = list(
        Report.objects.select_for_update()
        .filter(originator=own_node(), uid=uid, state__in=[State.RELEASED, State.SUPERSEDED])
        .order_by("version")
    )
    if not versions:
        raise ReportNotReleased
    nodes = Release.objects.filter(report__in=versions, state=Release.State.RELEASED).values_list("partner_id")
    holders = [lock_partner(node) for node in sorted({node for (node,) in nodes})]
    recall = Recall.objects.create(
        id=uuid4(), report_uid=uid, versions=[one.version for one in versions], reason=reason, by=by.username, at=now
    )
    _stop_drafts(uid, reason=reason)
    Report.objects.filter(pk__in=[one.pk for one in versions]).update(state=State.RECALLED, ended_reason=reason)
    record(
        Act.ALTERATION,
        "report-recalled",
        f"report:{uid}",
        by=by.username,
        reason=reason,
        details=[("versions", " ".join(str(one.version) for one in versions))],
        at=now,
    )
    for partner in holders:
        _recall_from(partner, recall, versions, by=by, at=now)
    return recall


def _recall_from(partner: Partner, recall: Recall, versions: Sequence[Report], *, by: User, at: datetime) -> None:
    waiting = Outbox.objects.filter(
        partner=partner, message__report__in=versions, state__in=[Outbox.State.QUEUED, Outbox.State.SENDING]
    )
    tried = waiting.filter(attempts__gt=0).exists()
    waiting.update(void=True)
    left = Message.objects.filter(
        partner=partner, report__in=versions, direction=Message.Direction.OUT, outbox__void=False
    )
    if not tried and not left.exists():
        Certificate.objects.create(recall=recall, partner=partner, effect=NEVER_SENT, certified_at=at)
        return
    body = RecallBody(report=str(recall.report_uid), versions=tuple(recall.versions), reason=recall.reason)
    message = post(
        partner,
        Type.RECALL,
        body,
        agreement="",
        act=Act.ALTERATION,
        verb="recall-sent",
        subject=f"report:{recall.report_uid}",
        by=by.username,
        reason=recall.reason,
        at=at,
    )
    Certificate.objects.create(recall=recall, partner=partner, message=message)


def _stop_drafts(uid: UUID, *, reason: str) -> int:
    """Stop drafts and proposals that continue the recalled report; returns how many."""
    open_states = [State.DRAFT, State.AWAITING_RELEASE]
    drafts = Report.objects.filter(originator=own_node(), state__in=open_states, uid=uid)
    return stop_reports(list(drafts), reason=reason)


def stop_reports(rows: Sequence[Report], *, reason: str) -> int:
    """Stop unreleased reports and their proposals; returns how many."""
    Release.objects.filter(report__in=rows, state=Release.State.PROPOSED).update(
        state=Release.State.STOPPED, reason=reason
    )
    for row in rows:
        close_report(row, State.STOPPED, reason=reason)
    return len(rows)


def withdraw(partner: Partner, wire: Wire, body: RecallBody, digest: str, *, at: datetime) -> None:
    """Do at the holder what a recall asks, in the transaction that receives it, and queue the effect certificate."""
    rows = Report.objects.select_for_update().filter(
        originator=partner.node, uid=body.report, version__in=body.versions
    )
    held = [row for row in rows if row.state in (State.HELD, State.DOUBTED, State.SUPERSEDED)]
    drafts = Report.objects.filter(
        originator=own_node(), built_on__in=held, state__in=[State.DRAFT, State.AWAITING_RELEASE]
    ).distinct()
    stopped = stop_reports(list(drafts), reason=body.reason)
    statements, keys = erase_held(held, State.WITHDRAWN, reason=body.reason)
    index = record(
        Act.ERASURE,
        "report-withdrawn",
        f"report:{body.report}",
        by=f"node:{partner.node}",
        reason=body.reason,
        details=[("recall", digest), ("versions", " ".join(map(str, body.versions))), ("statements", str(statements))],
        at=at,
    )
    certificate = CertificateBody(
        report=body.report,
        versions=tuple(sorted(row.version for row in held)) or body.versions,
        recall=digest,
        effect=Effect.WITHDRAWN if held else Effect.NOT_HELD,
        at=at,
        withdrawn_statements=statements,
        key_destroyed=keys > 0,
        drafts_stopped=stopped,
        passed_on=(),
        log_index=index,
    )
    post(
        partner,
        Type.CERTIFICATE,
        certificate,
        agreement="",
        act=Act.DISCLOSURE,
        verb="certificate-sent",
        subject=f"report:{body.report}",
        by=f"node:{own_node()}",
        reason="recall",
        at=at,
    )


def erase_held(rows: Sequence[Report], state: State, *, reason: str) -> tuple[int, int]:
    """Take the content of held reports out of everything and destroy their messages' keys.

    Returns how many statements and keys went.
    """
    statements = sum(close_report(row, state, reason=reason) for row in rows)
    return statements, destroy_keys(rows)


def destroy_keys(rows: Sequence[Report]) -> int:
    """Destroy the keys of the messages that carried these reports, in or out; returns how many went."""
    return Message.objects.filter(report__in=rows, body_key__isnull=False).update(body=None, body_key=None)


def note_certificate(partner: Partner, body: CertificateBody, jws: str, *, at: datetime) -> None:
    """Keep a holder's answer to our recall; one that comes again changes nothing. Raises CertificateUnexpected."""
    if Certificate.objects.filter(partner=partner, message__hash=body.recall).exclude(effect="").exists():
        return
    changed = Certificate.objects.filter(partner=partner, message__hash=body.recall, effect="").update(
        effect=body.effect,
        certified_at=body.at,
        details={
            "versions": list(body.versions),
            "withdrawn_statements": body.withdrawn_statements,
            "key_destroyed": body.key_destroyed,
            "drafts_stopped": body.drafts_stopped,
            "passed_on": list(body.passed_on),
            "log_index": body.log_index,
            "at": instant(body.at),
        },
        jws=jws,
    )
    if not changed:
        raise CertificateUnexpected
    record(
        Act.ALTERATION,
        "recall-certified",
        f"report:{body.report}",
        by=f"node:{partner.node}",
        reason="recall",
        details=[("effect", str(body.effect))],
        at=at,
    )


def recall_tree(uid: UUID, *, by: User) -> list[tuple[Recall, list[Branch]]]:
    """Each recall of a report with its holders: who confirmed, who is silent."""
    require(by, Deed.READ)
    found = []
    for recall in Recall.objects.filter(report_uid=uid).order_by("at"):
        rows = recall.certificates.order_by("partner_id")
        found.append((recall, [Branch(row.partner_id, row.effect, row.certified_at, row.details) for row in rows]))
    return found
