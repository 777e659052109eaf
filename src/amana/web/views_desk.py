"""Pages of the frame: the desk, the inbox, the viewpoint and its reason, the search for anything, the keys."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amana.domain.errors import AmanaError
from amana.domain.handling import Purpose
from amana.services import cases, looking
from amana.services import desk as desks
from amana.services.rights import Deed, may, require
from amana.web.look import case, is_part, look_from, officer, purpose, viewpoint
from amana.web.middleware import sentence_of
from amana.web.paging import asked, turned
from amana.web.rail import address_of, commands
from amana.web.views import back_to


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What needs this person now, what runs out first at the head; each row with the act that answers it."""
    whole = request.GET.get("all", "")
    found = desks.open_desk(whole=whole, viewpoint=viewpoint(request), by=officer(request))
    return render(
        request,
        "pages/desk.html",
        {"desk": found, "today": timezone.localdate(), "compose_address": address_of("compose")},
    )


@login_required
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """How it stands with each partner; a part of the desk, or a page where scripts are off."""
    found = desks.lines_of_desk(viewpoint=viewpoint(request), by=officer(request))
    template = "components/lines.html" if is_part(request) else "pages/desk_lines.html"
    return render(request, template, {"lines": found})


@login_required
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What partners entrusted to us, a page at a time."""
    new = "new" in request.GET
    found = desks.open_inbox(viewpoint=viewpoint(request), by=officer(request), unread=new, **asked(request))
    page = turned(request, found.rows)
    return render(request, "pages/inbox.html", {"inbox": found, "rows": page.rows, "beside": page.beside, "new": new})


@login_required
def change_viewpoint(request: HttpRequest) -> HttpResponse:
    """Look for another purpose or case, with a reason; every read's log entry names both from here on."""
    person, before = officer(request), viewpoint(request)
    context = {
        "cases": cases.open_cases(viewpoint=before),
        "chosen": {"purpose": str(purpose(request)), "case": request.GET.get("case", case(request))},
        "next": request.POST.get("next") or request.GET.get("next", "/"),
    }
    if request.method != "POST":
        return render(request, "pages/viewpoint.html", context)
    wanted, number = request.POST.get("purpose", ""), request.POST.get("case", "")
    chosen = Purpose(wanted) if wanted in set(Purpose) else purpose(request)
    try:
        about = UUID(number) if number else None
        after = looking.change_viewpoint(
            before, purpose=chosen, case=about, reason=request.POST.get("reason", ""), by=person
        )
    except (AmanaError, ValueError) as error:
        context["problem"] = sentence_of(error if isinstance(error, AmanaError) else cases.CaseUnknown())
        context["chosen"] = {"purpose": str(chosen), "case": number}
        return render(request, "pages/viewpoint.html", context, status=422)
    look_from(request, after)
    messages.success(request, _("You look from there now; the log says why."))
    return back_to(request)


@login_required
def find(request: HttpRequest) -> HttpResponse:
    """Go to, create, or find by a few words; what is asked is posted, so that no address holds a name."""
    person, words = officer(request), request.POST.get("words", "").strip()[: looking.LONGEST]
    require(person, Deed.SEE_PARTNERS)
    context: dict[str, object] = {"words": words, "commands": commands(request, words)}
    if words and may(person, Deed.READ):
        context["found"] = looking.find_anything(words, viewpoint=viewpoint(request), by=person)
    elif words:
        context["found"] = looking.find_partners(words, by=person)
    return render(request, "components/found.html" if is_part(request) else "pages/find.html", context)


@login_required
@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the keyboard, on a page of their own."""
    return render(request, "pages/keys.html")
