"""Taking back what was entrusted: the originator's recall, the holder's withdrawal, the recall passed down the chain.

Invariant: from the transaction that receives a recall on, the holder has nothing of the named versions that can be
read, found or sent; and the originator knows of each holder whether it has confirmed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.report import State
from amana.exchange.protocol import CertificateBody, Effect, RecallBody, RestrictionBody, Type
from amana.records.models import Certificate, LegalHold, Message, Partner, Recall, Release, Report, User
from amana.services.certificates import Branch, branches_of, certify
from amana.services.chain import Lock, Order, forward_down, lock_any, stop_waiting
from amana.services.contents import close_report
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import post
from amana.services.products import Touched, products_of, stop_products, stop_reports
from amana.services.replies import note_recalled
from amana.services.reports import ReportNotOurs, ReportNotReleased, newest
from amana.services.rights import Deed, require

NEVER_SENT = "never-sent"


class ReasonMissing(BadInput):
    """A recall needs its reason."""

    code = "recall-reason"
    sentence = gettext_noop("Say why, in a few words: the holders and the overseer will read it.")


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
    return take_back(uid, reason=reason, at=timezone.now(), by=by)


def take_back(uid: UUID, *, reason: str, at: datetime, by: User) -> Recall:
    """Recall a report of ours on whoever's authority, in the caller's transaction. Raises ReportNotReleased."""
    now = at
    versions = list(
        Report.objects.select_for_update(no_key=True)
        .filter(originator=own_node(), uid=uid, state__in=[State.RELEASED, State.SUPERSEDED])
        .order_by("version")
    )
    if not versions:
        raise ReportNotReleased
    holders, partners = _holders(versions)
    recall = Recall.objects.create(
        id=uuid4(), report_uid=uid, versions=[one.version for one in versions], reason=reason, by=by.username, at=now
    )
    _stop_drafts(uid, reason=reason)
    note_recalled(own_node(), uid, at=now)
    stop_products(versions, reason=reason, at=now, lock=partners.__getitem__)
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
    for node in holders:
        _recall_from(partners[node], recall, versions, by=by, at=now)
    return recall


def _holders(versions: Sequence[Report]) -> tuple[list[str], dict[str, Partner]]:
    """To whom these versions went, and the locked rows of these partners and of those who hold a product of ours."""
    went = Release.objects.filter(state=Release.State.RELEASED)
    holders = set(went.filter(report__in=versions).values_list("partner_id", flat=True))
    built = set(went.filter(report__in=products_of(versions)).values_list("partner_id", flat=True))
    return sorted(holders), {node: lock_any(node) for node in sorted(holders | built)}


def _recall_from(partner: Partner, recall: Recall, versions: Sequence[Report], *, by: User, at: datetime) -> None:
    if not stop_waiting(partner, versions):
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


def withdraw(order: Order, body: RecallBody, *, at: datetime, lock: Lock) -> None:
    """Do at a holder what a recall asks, in the transaction that receives it, and pass the recall on."""
    rows = Report.objects.select_for_update(no_key=True).filter(
        originator=order.originator, uid=body.report, version__in=body.versions
    )
    withdraw_rows(order, list(rows.order_by("version")), body, at=at, lock=lock)


def withdraw_rows(
    order: Order, rows: Sequence[Report], body: RecallBody | RestrictionBody, *, at: datetime, lock: Lock
) -> None:
    """Take held versions out of everything, stop what was built on them, pass the order on, and certify.

    What lies under a legal hold leaves use like the rest; its locked message stays until the hold is lifted.
    """
    held = [row for row in rows if row.state in (State.HELD, State.DOUBTED, State.SUPERSEDED)]
    holds = LegalHold.objects.filter(report__in=rows, lifted_at__isnull=True)
    reasons = list(holds.values_list("reason", flat=True))
    holds.update(recall=order.sha256, upstream=order.upstream.node)
    Release.objects.filter(report__in=rows, state=Release.State.PROPOSED).update(
        state=Release.State.STOPPED, reason=body.reason
    )
    touched = stop_products(rows, reason=body.reason, at=at, lock=lock) if rows else Touched()
    onward = forward_down(order, rows, takes_back=True, at=at, lock=lock)
    statements, keys = erase_held(held, State.WITHDRAWN, reason=body.reason)
    note_recalled(order.originator, body.report, at=order.signed)
    index = record(
        Act.ERASURE,
        "report-withdrawn",
        f"report:{body.report}",
        by=f"node:{order.originator}",
        reason=body.reason,
        details=[
            ("recall", order.sha256),
            ("versions", " ".join(map(str, body.versions))),
            ("statements", str(statements)),
        ],
        at=at,
    )
    effect = Effect.LEGAL_HOLD if reasons else Effect.WITHDRAWN if held else Effect.NOT_HELD
    certificate = CertificateBody(
        report=body.report,
        versions=tuple(sorted(row.version for row in held)) or body.versions,
        recall=order.sha256,
        effect=effect,
        at=at,
        withdrawn_statements=statements,
        key_destroyed=keys > 0,
        drafts_stopped=touched.stopped,
        passed_on=onward.passed,
        log_index=index,
        reason="; ".join(filter(None, [*reasons, onward.failed])),
        products_flagged=touched.flagged,
    )
    certify(order, certificate, at=at)


def erase_held(rows: Sequence[Report], state: State, *, reason: str) -> tuple[int, int]:
    """Take the content of held reports out of everything and destroy their messages' keys, but those on legal hold.

    Returns how many statements and keys went.
    """
    kept = set(LegalHold.objects.filter(report__in=rows, lifted_at__isnull=True).values_list("report_id", flat=True))
    statements = sum(close_report(row, state, reason=reason) for row in rows)
    return statements, destroy_keys([row for row in rows if row.pk not in kept])


def destroy_keys(rows: Sequence[Report]) -> int:
    """Destroy the keys of the messages that carried these reports, in or out; returns how many went."""
    return Message.objects.filter(report__in=rows, body_key__isnull=False).update(body=None, body_key=None)


def recall_tree(uid: UUID, *, by: User) -> list[tuple[Recall, list[Branch]]]:
    """Each recall of a report with its holders, and those they passed it to: who confirmed, who is silent."""
    require(by, Deed.READ)
    recalls = Recall.objects.filter(report_uid=uid).order_by("at")
    return [(one, branches_of(one.certificates.order_by("partner_id"))) for one in recalls]
