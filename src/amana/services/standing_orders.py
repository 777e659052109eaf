"""Overseers' orders in force, as every disclosure and every use asks for them.

Invariant: who discloses reads the orders after locking the report and the partners, and an order is written under the
same locks; so nothing leaves after an order that was not on its way before, and what was on its way is voided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from amana.domain.errors import NotAllowed, gettext_noop
from amana.exchange.protocol import Type
from amana.records.models import Outbox, OversightOrder, Report

What = OversightOrder.What
DISCLOSES = [Type.REPORT, Type.RELAY, Type.BLIND_ANSWER, Type.BLIND_FILTER, Type.BLIND_ASK]


class ReportRestricted(NotAllowed):
    """An overseer restricted the report."""

    code = "order-report-restricted"
    sentence = gettext_noop(
        "An overseer has restricted this report: it is kept as evidence, opened for a prosecution only, and neither "
        "changed, matched nor passed on."
    )


class ReportStopped(NotAllowed):
    """An overseer stopped disclosures of the report."""

    code = "order-report-stopped"
    sentence = gettext_noop("An overseer has stopped this report: it goes to nobody until an overseer lifts the order.")


class PartnerStopped(NotAllowed):
    """An overseer stopped disclosures to the partner."""

    code = "order-partner-stopped"
    sentence = gettext_noop(
        "An overseer has stopped disclosures to “%(node)s”: nothing goes there until an overseer lifts the order."
    )


class NodeStopped(NotAllowed):
    """An overseer stopped all disclosures of the node."""

    code = "order-node-stopped"
    sentence = gettext_noop(
        "An overseer has stopped all disclosures of this node: nothing leaves until an overseer lifts the order."
    )


@dataclass(frozen=True, slots=True)
class Orders:
    """What is restricted and stopped now."""

    restricted: frozenset[UUID] = frozenset()
    stopped: frozenset[UUID] = frozenset()
    partners: frozenset[str] = frozenset()
    node: bool = False

    def require_open(self, partner: str) -> None:
        """Go on only where anything may go to the partner; raises NodeStopped, PartnerStopped."""
        if self.node:
            raise NodeStopped
        if partner in self.partners:
            raise PartnerStopped(node=partner)

    def require_free(self, uids: Iterable[UUID]) -> None:
        """Go on only where these reports may be disclosed; raises ReportRestricted, ReportStopped."""
        wanted = frozenset(uids)
        if wanted & self.restricted:
            raise ReportRestricted
        if wanted & self.stopped:
            raise ReportStopped

    def require_disclosable(self, row: Report, partner: str, *, resting: bool = True) -> None:
        """Go on only where this report, and what it rests on, may go to the partner.

        `resting` says that it may rest on others. Raises what `require_open` and `require_free` raise.
        """
        self.require_open(partner)
        if not (self.restricted or self.stopped):
            return
        built_on = row.built_on.values_list("uid", flat=True) if resting and row.pk else ()
        self.require_free([row.uid, *built_on])

    def stops(self, uid: UUID | None, partner: str) -> bool:
        """Whether a message that carries this report may not go to the partner."""
        return self.node or partner in self.partners or uid in self.stopped or uid in self.restricted


def read_orders() -> Orders:
    """All orders in force; one query."""
    rows = OversightOrder.objects.filter(lifted_at__isnull=True).exclude(what=What.ERASE)
    found = list(rows.values_list("what", "report_uid", "partner_id"))
    stops = [(uid, partner) for what, uid, partner in found if what == What.STOP]
    return Orders(
        restricted=frozenset(uid for what, uid, _ in found if what == What.RESTRICT and uid),
        stopped=frozenset(uid for uid, _ in stops if uid),
        partners=frozenset(partner for uid, partner in stops if partner and not uid),
        node=any(not uid and not partner for uid, partner in stops),
    )


def orders_on(uid: UUID) -> tuple[OversightOrder, ...]:
    """The orders in force on one report, newest first."""
    rows = OversightOrder.objects.filter(report_uid=uid, lifted_at__isnull=True).exclude(what=What.ERASE)
    return tuple(rows.order_by("-pk"))


def require_unrestricted(uid: UUID) -> None:
    """Go on only where the report is not restricted; raises ReportRestricted."""
    if OversightOrder.objects.filter(report_uid=uid, what=What.RESTRICT, lifted_at__isnull=True).exists():
        raise ReportRestricted


def require_exportable(uid: UUID) -> None:
    """Go on only where a report may leave as a file; raises ReportRestricted, ReportStopped, NodeStopped."""
    orders = read_orders()
    if orders.node:
        raise NodeStopped
    orders.require_free([uid])


def reach_of(order: OversightOrder) -> Q:
    """Which messages an order is about."""
    if order.report_uid:
        return Q(message__report__uid=order.report_uid)
    return Q(partner=order.partner_id) if order.partner_id else Q()


@transaction.atomic
def hold_back(rows: QuerySet[Outbox], partner: str) -> int:
    """Void those of a locked partner's messages that an order in force stops; returns how many.

    The order remembers them, so that they go again when it is lifted.
    """
    orders = OversightOrder.objects.filter(lifted_at__isnull=True).exclude(what=What.ERASE)
    count = 0
    for order in orders.filter(Q(partner=partner) | Q(partner__isnull=True)).order_by("pk"):
        stopped = rows.filter(reach_of(order), void=False, message__type__in=DISCLOSES)
        found = list(stopped.order_by("partner_id", "seq").values_list("pk", flat=True))
        if found:
            Outbox.objects.filter(pk__in=found).update(void=True)
            order.held_back = [*order.held_back, *map(str, found)]
            order.save(update_fields=["held_back"])
            count += len(found)
    return count
