"""An overseer's orders: restrict a report, erase it, or stop disclosures; in force in the transaction that gives them.

Invariant: nobody undoes an order but an overseer, with a reason; an erasure is done and cannot be lifted. A stop voids
what was on its way, under the locks of its links, and what it held back goes again when it is lifted.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.report import State
from amana.records.models import LegalHold, Message, Outbox, OversightOrder, Partner, Release, Report, User
from amana.services.contents import close_report
from amana.services.delivery import OPEN
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import PartnerUnknown, lock_partners
from amana.services.products import stop_products
from amana.services.recalls import ReasonMissing, destroy_keys, erase_held, take_back
from amana.services.reports import ReportUnknown
from amana.services.rights import Deed, may, require
from amana.services.rotation import sign_again
from amana.services.standing_orders import What, hold_back

__all__ = ["Ground", "What", "give_order", "lift_order", "list_orders", "orders_felt_by"]


class Ground(StrEnum):
    """The legal grounds of an order: a closed list, after Directive (EU) 2016/680, Articles 4, 10, 16 and 47."""

    UNLAWFUL = "unlawful-processing"
    INACCURATE = "accuracy-contested"
    PURPOSE = "purpose-exceeded"
    RETENTION = "retention-exceeded"
    SPECIAL = "special-category"
    COURT = "court-or-authority"


class OrderMalformed(BadInput):
    """An order does not say what it is about."""

    code = "order-malformed"
    sentence = gettext_noop(
        "An order to restrict or erase names a report; a stop names a report, a partner, or the whole node."
    )


class OrderExists(Conflict):
    """The same order is in force."""

    code = "order-exists"
    sentence = gettext_noop("The same order is in force already.")


class OrderUnknown(NotFound):
    """There is no such order."""

    code = "order-unknown"
    sentence = gettext_noop("There is no order of this number.")


class OrderDone(Conflict):
    """An erasure cannot be lifted, nor an order twice."""

    code = "order-done"
    sentence = gettext_noop("This order is lifted already, or was an erasure, which cannot be undone.")


class OrderNothingLeft(Conflict):
    """There is nothing to erase."""

    code = "order-nothing-left"
    sentence = gettext_noop("Nothing is left of this report to erase: its content is gone already.")


@transaction.atomic
def give_order(
    what: OversightOrder.What,
    *,
    report: UUID | None = None,
    partner: str = "",
    ground: Ground,
    reason: str,
    addressee: str,
    by: User,
) -> OversightOrder:
    """Order it; it is in force when this returns.

    Raises ReasonMissing, OrderMalformed, OrderExists, ReportUnknown, PartnerUnknown, OrderNothingLeft.
    """
    require(by, Deed.INSPECT)
    if not reason.strip() or not addressee.strip():
        raise ReasonMissing
    if (report is None and what != What.STOP) or (report is not None and partner):
        raise OrderMalformed
    now = timezone.now()
    rows = _lock(report, partner)
    open_orders = OversightOrder.objects.filter(what=what, report_uid=report, partner=partner or None)
    if open_orders.filter(lifted_at__isnull=True).exclude(what=What.ERASE).exists():
        raise OrderExists
    order = OversightOrder.objects.create(
        what=what,
        report_uid=report,
        partner_id=partner or None,
        ground=ground,
        reason=reason,
        addressee=addressee,
        by=by.username,
        at=now,
    )
    if what == What.ERASE:
        order.lifted_at, details = now, _erase(rows, reason=reason, by=by, at=now)
    else:
        details = [("held-back", str(_void_waiting(order)))]
    order.log_index = _note(order, f"order-{what}", reason=reason, details=details, by=by, at=now)
    order.save(update_fields=["log_index", "lifted_at"])
    order.refresh_from_db()
    return order


@transaction.atomic
def lift_order(number: int, *, reason: str, by: User) -> OversightOrder:
    """Lift an order; what a stop held back goes again. Raises ReasonMissing, OrderUnknown, OrderDone."""
    require(by, Deed.INSPECT)
    if not reason.strip():
        raise ReasonMissing
    order = OversightOrder.objects.filter(pk=number).first()
    if order is None:
        raise OrderUnknown
    _lock(order.report_uid, order.partner_id or "")
    now = timezone.now()
    changed = OversightOrder.objects.filter(pk=number, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=by.username, lifted_reason=reason
    )
    if not changed:
        raise OrderDone
    order.refresh_from_db()
    again = _send_again(order, by=by)
    _note(order, "order-lifted", reason=reason, details=[("sent-again", str(again))], by=by, at=now)
    return order


def list_orders(*, by: User, open_only: bool = False) -> list[OversightOrder]:
    """Orders, newest first: all of them for overseers, the head and the operator, who cannot change them."""
    require(by, Deed.OVERSEE)
    rows = OversightOrder.objects.order_by("-pk")
    return list(rows.filter(lifted_at__isnull=True) if open_only else rows[:500])


def orders_felt_by(officer: User) -> list[OversightOrder]:
    """The orders in force that this officer meets in their work: of the node, of partners, of their own reports."""
    rows = OversightOrder.objects.filter(lifted_at__isnull=True).order_by("-pk")
    own = Report.objects.filter(author=officer).values("uid")
    common = rows.filter(report_uid__isnull=True) | rows.filter(report_uid__in=own)
    return list((rows if may(officer, Deed.HOLD) else common)[:50])


def _lock(report: UUID | None, partner: str) -> list[Report]:
    """Lock what an order is about, in the order in which others do; the report's versions.

    What is ours is locked before its partners, what others entrusted after them. Raises ReportUnknown, PartnerUnknown.
    """
    if report is None:
        nodes = [partner] if partner else list(Partner.objects.values_list("node", flat=True))
        if partner and partner not in lock_partners(nodes):
            raise PartnerUnknown(node=partner)
        if not partner:
            lock_partners(nodes)
        return []
    first = Report.objects.filter(uid=report).order_by("pk").values_list("originator", flat=True).first()
    if first is None:
        raise ReportUnknown
    everybody = list(Partner.objects.values_list("node", flat=True))
    if first != own_node():
        lock_partners(everybody)
    rows = Report.objects.select_for_update(no_key=True).filter(uid=report, originator=first).order_by("version")
    found = list(rows)
    if first == own_node():
        lock_partners(everybody)
    return found


def _void_waiting(order: OversightOrder) -> int:
    """Take what is on its way off it; proposals wait on, and are refused as long as the order is in force."""
    waiting = Outbox.objects.filter(state__in=OPEN)
    nodes = [order.partner_id] if order.partner_id else list(Partner.objects.values_list("node", flat=True))
    return sum(hold_back(waiting.filter(partner=node), node) for node in sorted(filter(None, nodes)))


def _send_again(order: OversightOrder, *, by: User) -> int:
    """Give what the order held back its number again, where it is still in force and nothing else stops it."""
    kept = Message.objects.filter(pk__in=order.held_back, body_key__isnull=False)
    count = 0
    for message in kept.select_related("partner", "report").order_by("partner_id", "seq"):
        if message.report is not None and message.report.state not in (State.RELEASED, State.HELD):
            continue
        partner = lock_partners([message.partner_id])[message.partner_id]
        if partner.state != Partner.State.CONFIRMED or partner.restored_at is not None:
            continue
        sent = sign_again(partner, message, reason="order-lifted", by=by)
        count += not hold_back(Outbox.objects.filter(pk=sent.pk), partner.node)
    return count


def _erase(rows: Sequence[Report], *, reason: str, by: User, at: datetime) -> list[tuple[str, str]]:
    """Erase all versions here; our own are recalled from their holders first. Raises OrderNothingLeft."""
    ours = rows[0].originator == own_node()
    statements = keys = 0
    if ours:
        if any(row.state in (State.RELEASED, State.SUPERSEDED) for row in rows):
            take_back(rows[0].uid, reason=reason, at=at, by=by)
        _stop_proposals(Release.objects.filter(report__in=rows), reason=reason)
        Outbox.objects.filter(message__report__in=rows, state__in=OPEN).update(void=True)
        for row in rows:
            row.refresh_from_db()
            ended = State.RECALLED if row.state == State.RECALLED else State.STOPPED
            statements += close_report(row, ended, reason=reason)
        keys = destroy_keys(rows)
    else:
        held = [row for row in rows if row.state in (State.HELD, State.DOUBTED, State.SUPERSEDED)]
        if not held:
            raise OrderNothingLeft
        _stop_proposals(Release.objects.filter(report__in=rows), reason=reason)
        Outbox.objects.filter(message__report__in=rows, state__in=OPEN).update(void=True)
        locked = lock_partners(Partner.objects.values_list("node", flat=True))
        stop_products(rows, reason=reason, at=at, lock=locked.__getitem__)
        statements, keys = erase_held(held, State.WITHDRAWN, reason=reason)
    kept = LegalHold.objects.filter(report__in=rows, lifted_at__isnull=True).count()
    return [("statements", str(statements)), ("keys", str(keys)), ("legal-holds", str(kept))]


def _stop_proposals(rows: QuerySet[Release], *, reason: str) -> None:
    rows.filter(state=Release.State.PROPOSED).update(state=Release.State.STOPPED, reason=reason)


def _note(
    order: OversightOrder,
    verb: str,
    *,
    reason: str,
    details: Sequence[tuple[str, str]],
    by: User,
    at: datetime,
) -> int:
    about = f"report:{order.report_uid}" if order.report_uid else f"partner:{order.partner_id}"
    return record(
        Act.ERASURE if verb == "order-erase" else Act.ALTERATION,
        verb,
        about if order.report_uid or order.partner_id else f"node:{own_node()}",
        by=by.username,
        reason=reason,
        details=[("order", str(order.pk)), ("ground", order.ground), *details],
        at=at,
    )
