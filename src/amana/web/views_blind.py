"""Pages of blind comparisons: asking, what came of it, a hit made a request, alarms."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amana.services import blind_desk
from amana.services.blind_asking import ask_blindly
from amana.services.partners import partners_to_ask
from amana.services.rights import Deed, may, require
from amana.web.forms_blind import BlindForm, HitForm
from amana.web.look import officer, purpose, viewpoint
from amana.web.paging import cut

SHOWN = 25  # each with the form that makes a request of a hit


@login_required
def blind(request: HttpRequest) -> HttpResponse:
    """What was asked blindly and what came of it, and the place to ask."""
    person = officer(request)
    require(person, Deed.READ)
    form = BlindForm(request.POST if request.method == "POST" else None, partners=partners_to_ask())
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        ask_blindly(
            [form.asked()],
            partner=given["partner"],
            purpose=purpose(request),
            case=given["case"],
            ground=given["ground"],
            by=person,
        )
        messages.success(request, _("Asked. The partner learns that you asked, not about whom."))
        return redirect("blind")
    page = cut(request, blind_desk.list_questions(viewpoint=viewpoint(request), by=person), SHOWN)
    context = {
        "form": form,
        "found": page.rows,
        "beside": page.beside,
        "alarms": blind_desk.open_alarms(by=person),
        "may_see": may(person, Deed.MANAGE_PARTNERS),
        "hit_form": HitForm(auto_id="hit-%s"),
    }
    return render(request, "pages/blind.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_POST
def ask_about_hit(request: HttpRequest, number: UUID, place: int) -> HttpResponse:
    """Write the request about a hit and propose it."""
    form = HitForm(request.POST)
    if not form.is_valid():
        return redirect("blind")
    made = blind_desk.request_from_hit(
        number, place, crime_area=form.area(), viewpoint=viewpoint(request), by=officer(request)
    )
    messages.success(request, _("The request is written and proposed; it leaves when a second person has released it."))
    return redirect("report", uid=made.row.uid)


@login_required
@require_POST
def see_alarms(request: HttpRequest, partner: str) -> HttpResponse:
    """Say that a partner's alarms were seen to."""
    blind_desk.see_alarms(partner, by=officer(request))
    return redirect("blind")
