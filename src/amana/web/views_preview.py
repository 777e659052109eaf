"""The preview of a report's exit: for each recipient what it would hold and could infer; the second person decides."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amana.domain.report import State
from amana.services import inferring, leaving, onward, releases, reports
from amana.services.keys import own_node
from amana.services.releases import Preview
from amana.services.rights import Deed, may
from amana.web.look import officer, viewpoint
from amana.web.places import gather, pieces


@login_required
@require_safe
def preview(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Exactly what each recipient would hold, what is cut, what could be inferred, and the decision.

    `to` names the node to which another's report would be passed on.
    """
    to, person = request.GET.get("to", ""), officer(request)
    if to:
        rows = [_row(to, onward.preview_onward(uid, to, by=person))]
    shown = reports.show_report(uid, viewpoint=viewpoint(request), reason="release")
    row, content = shown.row, shown.content
    context: dict[str, Any] = {"row": row, "content": content, "to": to, "may_release": may(person, Deed.RELEASE)}
    if not to:
        if row.originator != own_node():
            raise reports.ReportNotOurs(node=row.originator)
        rows = [_row(one.partner, one.preview) | {"because": one.because} for one in leaving.exits_of(shown, by=person)]
    if content is not None and not to:
        ground = inferring.ground_of(row, content, by=person)
        for one in rows:
            one["hints"] = inferring.hints_for(ground, one["partner"])
            one["withheld"] = content.withheld_from(one["partner"])
        context["lacks"] = leaving.lacks_of(row, content, by=person) if row.state == State.DRAFT else []
    waits = onward.waits(uid) if to else row.state == State.AWAITING_RELEASE
    context |= {"rows": rows, "waits": waits, "may_decide": waits and releases.may_decide(row, by=person)}
    return render(request, "pages/preview.html", context)


def _row(partner: str, found: Preview | None) -> dict[str, Any]:
    """One recipient's part of the page; `data` are the very bytes, `bytes` the same with line breaks for the eye."""
    if found is None:
        return {"partner": partner, "preview": None}
    content = found.content
    return {
        "partner": partner,
        "preview": found,
        "data": found.data.decode(),
        "bytes": json.dumps(json.loads(found.data), ensure_ascii=False, indent=1),
        "pieces": pieces(content.text, [(*one.place, one.id) for one in content.statements if one.place]),
        "gathered": gather(content),
        "handling": content.handling,
    }
