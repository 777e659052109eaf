"""One partner: its card and fingerprint, the agreements, how the link stands, and changes by two officers."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.spelling import spelled
from amana.services import agreements, link_health, partners, request_figures, roster
from amana.services.keys import own_card, own_node
from amana.services.rights import Deed, may
from amana.web.look import officer, viewpoint


@login_required
@require_safe
def partner(request: HttpRequest, node: str) -> HttpResponse:
    """All that this node knows of a partner."""
    person = officer(request)
    health = link_health.health_of(node, by=person)
    found = [one for one in agreements.list_agreements() if one.partner_id == node]
    context = {
        "health": health,
        "partner": health.partner,
        "change": health.open_change,
        "theirs": spelled(health.partner.fingerprint),
        "ours": spelled(partners.own_fingerprint()),
        "agreements": [(one, agreements.terms_of(one), agreements.awaits(one)) for one in found],
        "own": own_node(),
        "own_card": own_card(),
        "may_agree": may(person, Deed.AGREE),
        "may_manage": may(person, Deed.MANAGE_PARTNERS),
        "may_inspect": may(person, Deed.INSPECT),
        "officer_name": person.username,
        "figures": _figures(request, node),
        "now": timezone.now(),
    }
    return render(request, "pages/partner.html", context)


def _figures(request: HttpRequest, node: str) -> list[request_figures.Figures]:
    if not may(officer(request), Deed.READ):
        return []
    today = timezone.localdate()
    look = viewpoint(request)
    return request_figures.count_requests(today - timedelta(days=365), today, partner=node, viewpoint=look)


@login_required
@require_POST
def change(request: HttpRequest, node: str, deed: str) -> HttpResponse:
    """Propose, confirm or decline a change of who is trusted."""
    person, reason = officer(request), request.POST.get("reason", "")
    if deed == "suspend":
        roster.propose_state(node, roster.What.SUSPEND, reason=reason, by=person)
        messages.success(request, _("Proposed; another officer must confirm it."))
    elif deed == "resume":
        roster.propose_state(node, roster.What.RESUME, reason=reason, by=person)
        messages.success(request, _("Proposed; another officer must confirm it."))
    elif deed == "confirm-suspend":
        roster.confirm_state(node, roster.What.SUSPEND, by=person)
        messages.success(request, _("Suspended: nothing goes there and nothing comes from there any more."))
    elif deed == "confirm-resume":
        roster.confirm_state(node, roster.What.RESUME, by=person)
        messages.success(request, _("Resumed: what waited goes now."))
    elif deed == "confirm-card":
        roster.confirm_partner(node, request.POST.get("fingerprint", ""), by=person)
        messages.success(request, _("The card is confirmed."))
    elif deed == "decline":
        what = roster.decline_change(node, by=person).what
        messages.success(request, _("The change is dropped."))
        if what == roster.What.INTRODUCE:
            return redirect("partners")
    else:
        raise Http404
    return redirect("partner", node=node)
