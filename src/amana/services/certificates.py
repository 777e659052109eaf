"""Effect certificates: what a holder signs about an order it obeyed, and what the originator keeps of it.

Invariant: an originator knows of each node down the chain whether it has confirmed, in that node's own signature; a
certificate that answers nothing of ours and nothing that we forwarded is refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.times import instant
from amana.exchange.protocol import CertificateBody, Effect, Type
from amana.records.models import Certificate, Forwarded, OnwardCertificate, Partner, RestrictionCertificate
from amana.services.chain import Lock, Order, pass_up
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import post

OPEN = ["", Effect.LEGAL_HOLD]
Answered = Certificate | RestrictionCertificate


class CertificateUnexpected(BadInput):
    """A certificate answers no recall or restriction of ours."""

    code = "certificate-unexpected"
    sentence = gettext_noop("This certificate answers no recall that this node sent to that partner.")


@dataclass(frozen=True, slots=True)
class Branch:
    """One holder in the originator's tree: `effect` is empty while it is silent; `below` are those it passed it to."""

    partner: str
    effect: str
    certified_at: datetime | None
    details: dict[str, object]
    below: tuple[Branch, ...] = ()


def certify(order: Order, body: CertificateBody, *, at: datetime) -> None:
    """Sign what an order did here and queue it for whoever brought the order."""
    post(
        order.upstream,
        Type.CERTIFICATE,
        body,
        agreement="",
        act=Act.DISCLOSURE,
        verb="certificate-sent",
        subject=f"report:{body.report}",
        by=f"node:{own_node()}",
        reason=str(body.effect),
        at=at,
    )


def note_certificate(
    partner: Partner, body: CertificateBody, jws: str, *, origin: str, at: datetime, lock: Lock
) -> None:
    """Keep a holder's signed answer to an order of ours, or pass it up to whose order it answers.

    `partner` brought it, `origin` signed it: the partner itself or a node further down. The same certificate once more,
    as in reconciling, changes nothing. Raises CertificateUnexpected.
    """
    ours: Answered | None = (
        Certificate.objects.filter(partner=partner, message__hash=body.recall).first()
        or RestrictionCertificate.objects.filter(partner=partner, message__hash=body.recall).first()
    )
    forwarded = Forwarded.objects.filter(sha256=body.recall, partner=partner).first()
    if ours is not None:
        _require_about(ours, body)
        if _comes_again(ours, body, jws, origin, direct=origin == partner.node):
            return
        _keep(ours, partner, body, jws, origin)
    elif forwarded is not None:
        if origin == partner.node:
            if (forwarded.effect, forwarded.certified_at) == (body.effect, body.at):
                return
            Forwarded.objects.filter(pk=forwarded.pk).update(effect=body.effect, certified_at=body.at)
        pass_up(forwarded, jws, at=at, lock=lock)
    else:
        raise CertificateUnexpected
    record(
        Act.ALTERATION,
        "recall-certified" if body.effect is not Effect.RESTRICTED else "restriction-certified",
        f"report:{body.report}",
        by=f"node:{origin}",
        reason="recall",
        details=[("effect", str(body.effect)), ("brought-by", partner.node)],
        at=at,
    )


def _comes_again(ours: Answered, body: CertificateBody, jws: str, origin: str, *, direct: bool) -> bool:
    """Whether this certificate was kept before, or only says that a holder found nothing more when it obeyed again."""
    if direct:
        return ours.jws == jws or (ours.effect not in OPEN and body.effect is Effect.NOT_HELD)
    return OnwardCertificate.objects.filter(**_under(ours), holder=origin, jws=jws).exists()


def _under(ours: Answered) -> dict[str, Any]:
    return {"restriction": ours} if isinstance(ours, RestrictionCertificate) else {"recall": ours}


def _require_about(ours: Answered, body: CertificateBody) -> None:
    order = ours.restriction if isinstance(ours, RestrictionCertificate) else ours.recall
    if str(order.report_uid) != body.report or not set(body.versions) <= set(order.versions):
        raise CertificateUnexpected


def _keep(ours: Answered, partner: Partner, body: CertificateBody, jws: str, origin: str) -> None:
    below = _under(ours)
    values = {"effect": str(body.effect), "certified_at": body.at, "details": _details(body), "jws": jws}
    if origin == partner.node:
        if not type(ours).objects.filter(pk=ours.pk, effect__in=OPEN).update(**values):
            raise CertificateUnexpected
    else:
        waiting = OnwardCertificate.objects.filter(**below, holder=origin, effect__in=OPEN).order_by("pk").first()
        if waiting is None:
            raise CertificateUnexpected
        OnwardCertificate.objects.filter(pk=waiting.pk).update(**values)
    for node in body.passed_on:
        OnwardCertificate.objects.get_or_create(**below, holder=node[:40], via=origin)


def _details(body: CertificateBody) -> dict[str, object]:
    return {
        "versions": list(body.versions),
        "withdrawn_statements": body.withdrawn_statements,
        "key_destroyed": body.key_destroyed,
        "drafts_stopped": body.drafts_stopped,
        "products_flagged": body.products_flagged,
        "passed_on": list(body.passed_on),
        "log_index": body.log_index,
        "at": instant(body.at),
        "reason": body.reason,
    }


def branches_of(rows: Iterable[Answered]) -> list[Branch]:
    """The tree below an order: the partners it was sent to, and the nodes to whom they passed it."""
    return [
        Branch(
            row.partner_id, row.effect, row.certified_at, row.details, _below(list(row.onward.all()), row.partner_id)
        )
        for row in rows
    ]


def _below(rows: list[OnwardCertificate], via: str, above: frozenset[str] = frozenset()) -> tuple[Branch, ...]:
    seen = above | {via}
    return tuple(
        Branch(row.holder, row.effect, row.certified_at, row.details, _below(rows, row.holder, seen))
        for row in sorted(rows, key=lambda row: row.holder)
        if row.via == via and row.holder not in seen
    )


def silent_onward() -> list[OnwardCertificate]:
    """Nodes down the chain that have not confirmed a recall of ours."""
    return list(OnwardCertificate.objects.filter(effect="", recall__isnull=False).select_related("recall__recall")[:50])
