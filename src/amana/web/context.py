"""What every page's frame shows: who looks, for which purpose, and what waits."""

from __future__ import annotations

from django.http import HttpRequest

from amana.domain.errors import AmanaError
from amana.domain.handling import Purpose
from amana.services.desk import count_waiting
from amana.services.keys import own_card
from amana.services.requests import count_open_requests
from amana.services.rights import Deed, may
from amana.web.look import officer, purpose, viewpoint


def frame(request: HttpRequest) -> dict[str, object]:
    """The frame's values; empty for whoever is not signed in."""
    try:
        card = own_card()
    except AmanaError:
        return {}
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"own_agency": card.agency, "own_node": card.node}
    person = officer(request)
    reads = may(person, Deed.READ)
    return {
        "own_agency": card.agency,
        "own_node": card.node,
        "reads_content": reads,
        "may_write": may(person, Deed.WRITE),
        "may_oversee": may(person, Deed.OVERSEE),
        "purpose": purpose(request),
        "purposes": list(Purpose),
        # Counted when the rail shows them: a part of a page has no rail.
        "open_requests": lambda: count_open_requests(viewpoint=viewpoint(request)) if reads else 0,
        "waiting": lambda: count_waiting(viewpoint=viewpoint(request), by=person) if reads else 0,
    }
