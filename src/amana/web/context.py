"""What every page's frame shows: who looks, for which purpose and case, and what waits."""

from __future__ import annotations

from django.http import HttpRequest

from amana.domain.errors import AmanaError
from amana.domain.handling import Purpose
from amana.services.cases import name_of_case
from amana.services.desk import count_waiting
from amana.services.keys import own_card
from amana.services.requests import count_open_requests
from amana.services.rights import Deed, may
from amana.web.admission import Admission, admission
from amana.web.look import case, officer, purpose, viewpoint
from amana.web.rail import rail_of


def frame(request: HttpRequest) -> dict[str, object]:
    """The frame's values; of a part of a page (htmx) only what its words need."""
    try:
        card = own_card()
    except AmanaError:
        return {}
    user = getattr(request, "user", None)
    if user is None or admission(request) is not Admission.IN:
        return {"own_agency": card.agency, "own_node": card.node}
    person = officer(request)
    values: dict[str, object] = {
        "own_agency": card.agency,
        "own_node": card.node,
        "admitted": True,
        "reads_content": may(person, Deed.READ),
        "may_write": may(person, Deed.WRITE),
        "may_oversee": may(person, Deed.OVERSEE),
        "may_inspect": may(person, Deed.INSPECT),
        "purpose": purpose(request),
        "purposes": list(Purpose),
        "part": bool(request.headers.get("HX-Request")),
    }
    return values if values["part"] else values | _around(request)


def _around(request: HttpRequest) -> dict[str, object]:
    """The rail with what waits, and the viewpoint's case by its name."""
    person = officer(request)
    if not may(person, Deed.READ) or getattr(request, "uncounted", False):
        return {"rail": rail_of(request, {})}
    look = viewpoint(request)
    counts = count_waiting(viewpoint=look, by=person)
    counts["requests"] = count_open_requests(viewpoint=look)
    number = case(request)
    return {
        "rail": rail_of(request, counts),
        "waiting": counts["desk"],
        "open_requests": counts["requests"],
        "case_number": number,
        "case_name": name_of_case(number, viewpoint=look) if number else "",
    }
