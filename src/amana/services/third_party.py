"""Products that rest on what third nodes entrusted: to whom they may go, and how they must be marked.

Invariant: a report that rests, through any number of our own reports, on another node's item goes to a third only with
that node's consent for this recipient and purpose, and under a marking at least as strict as the item's: a handling
code such as H2 (not passed on without permission) is carried on. No consent covers what rests on an item of which
a part is kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from amana.domain.errors import AmanaError, NotAllowed, gettext_noop
from amana.domain.handling import Handling, Purpose
from amana.domain.report import State
from amana.exchange.protocol import verify_token
from amana.records.models import Report
from amana.services.chain import keys_of
from amana.services.consents import granted_for, is_revoked, step_of
from amana.services.contents import content_of
from amana.services.keys import own_node

IN_USE = (State.HELD, State.SUPERSEDED)


class ThirdPartyMaterial(NotAllowed):
    """The report rests on what another node entrusted."""

    code = "release-third-party"
    sentence = gettext_noop("This rests on what “%(node)s” entrusted to you; it may not go on without its consent.")


class MarkingLaxer(NotAllowed):
    """A product is marked laxer than what it rests on."""

    code = "release-marking-laxer"
    sentence = gettext_noop(
        "This rests on what “%(node)s” entrusted to you under a stricter marking; mark it at least as strictly."
    )


def third_party_items(row: Report) -> list[Report]:
    """What other nodes entrusted and this report rests on, directly or through reports of ours."""
    found: dict[int, Report] = {}
    layer = [row]
    while layer:
        sources = Report.objects.filter(products__in=layer).exclude(pk__in=found).distinct()
        layer = list(sources)
        found |= {one.pk: one for one in layer}
    return sorted((one for one in found.values() if one.originator != own_node()), key=lambda one: one.originator)


def require_consents(row: Report, recipients: Iterable[str], *, at: datetime) -> None:
    """Go on only where every third node has consented for every recipient; what goes back to its origin needs none.

    Raises ThirdPartyMaterial, MarkingLaxer.
    """
    items = third_party_items(row)
    if not items:
        return
    handling = Handling.from_json(row.handling)
    for recipient in recipients:
        for item in items:
            if item.originator == recipient:
                continue
            consented = item.state in IN_USE and handling.purposes <= _purposes(item, recipient, at=at)
            if not consented or _kept_in_part(item):
                raise ThirdPartyMaterial(node=item.originator)
            if not _as_strict(handling, Handling.from_json(item.handling)):
                raise MarkingLaxer(node=item.originator)


def _kept_in_part(item: Report) -> bool:
    """Whether a held item has a statement that was kept to us and fewer; of a replaced one nothing is left to tell."""
    return item.state == State.HELD and content_of(item).kept_in_part


def _purposes(item: Report, recipient: str, *, at: datetime) -> set[Purpose]:
    """The purposes for which the item's originator has signed that it may go to this recipient."""
    found = set()
    for consent in granted_for(item, recipient, at=at):
        try:
            token = verify_token(consent.token, step_of(item, recipient), keys_of=keys_of, now=at, revoked=is_revoked)
        except AmanaError:
            continue
        found.add(token.purpose)
    return found


def _as_strict(product: Handling, item: Handling) -> bool:
    """Whether a product's marking honours an item's; who may get it is said by consents, review is the holder's own."""
    floor = replace(item, releasable_to=product.releasable_to, review_by=product.review_by)
    return product.narrows(floor)
