"""Pages of entities: search, profile, leads, two side by side, judgements; and the evidence behind a statement.

What is searched is posted, so that no address holds a name; an address with `?q=` is understood as well.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.domain.errors import AmanaError
from amana.domain.judgement import Verdict
from amana.services.beside import put_beside
from amana.services.entities import search_entities
from amana.services.entity_leads import list_leads
from amana.services.evidence import open_evidence
from amana.services.judgements import judge, undo_judgement
from amana.services.profiles import open_profile
from amana.services.rights import Deed, may, require
from amana.web.forms_entities import JudgementForm, SearchForm
from amana.web.look import is_part, officer, viewpoint
from amana.web.middleware import sentence_of, status_of
from amana.web.numbers import number_in
from amana.web.paging import LAST

SHORTEST = 2  # letters from which a name is looked up while it is typed


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Whom or what somebody means: by a name in any script or a number, ranked, with the reasons."""
    require(officer(request), Deed.READ)
    form = SearchForm(request.POST if request.method == "POST" else request.GET)
    part = is_part(request)
    context: dict[str, Any] = {"form": form, "part": part}
    status = 200
    if not form.is_valid():
        status = 200 if part else 422
    elif part and 0 < len(form.asked().words) < SHORTEST:
        context["typing"] = True
    else:
        page = form.cleaned_data["page"] or 1
        context["results"] = search_entities(form.asked(), page=page, viewpoint=viewpoint(request))
        context["asked"] = not form.asked().empty
        context["beside"] = form.cleaned_data["beside"]
    return render(request, "components/entity_results.html" if part else "pages/entities.html", context, status=status)


@login_required
@require_safe
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One profile: what is said, by whom, what contradicts, when, and who else."""
    page = number_in(request.GET.get("page", "")) or 1
    profile = open_profile(number, page=min(page, LAST), viewpoint=viewpoint(request))
    context = {"profile": profile, "handling": profile.handling, "may_judge": may(officer(request), Deed.JUDGE)}
    return render(request, "pages/entity.html", context)


@login_required
@require_safe
def leads(request: HttpRequest, number: int) -> HttpResponse:
    """Who else it may be; a part of the profile, or a page where scripts are off."""
    found = list_leads(number, viewpoint=viewpoint(request))
    template = "components/entity_leads.html" if is_part(request) else "pages/entity_leads.html"
    return render(request, template, {"leads": found, "number": number})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def beside(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """Two profiles side by side, and the decision on them with its reason."""
    person, look = officer(request), viewpoint(request)
    context: dict[str, Any] = {"may_judge": may(person, Deed.JUDGE)}
    status = 200
    if request.method == "POST":
        form = JudgementForm(request.POST)
        context["reason"] = request.POST.get("reason", "")
        if form.is_valid():
            verdict = Verdict(form.cleaned_data["verdict"])
            try:
                judge(number, other, verdict, reason=form.cleaned_data["reason"], viewpoint=look, by=person)
            except AmanaError as error:
                context["refused"], status = sentence_of(error), status_of(error)
            else:
                messages.success(request, _told(verdict))
                return redirect("entity", number)
        else:
            context["refused"], status = _("Choose what you decide, and say why."), 422
    found = put_beside(number, other, viewpoint=look)
    context |= {"beside": found, "sides": (found.one, found.other), "handling": found.handling}
    return render(request, "pages/entity_beside.html", context, status=status)


def _told(verdict: Verdict) -> str:
    if verdict is Verdict.SAME:
        return _("Kept: they are the same. Both entries show as one profile; no report was changed.")
    if verdict is Verdict.DIFFERENT:
        return _("Kept: they are not the same. This lead will not come up again.")
    return _("Kept: it cannot be told yet. The lead stays, with your reason.")


@login_required
@require_POST
def undo(request: HttpRequest, number: int, judgement: UUID) -> HttpResponse:
    """Take a judgement back, with the reason."""
    reason = request.POST.get("reason", "")
    undo_judgement(judgement, of=number, reason=reason, viewpoint=viewpoint(request), by=officer(request))
    messages.success(request, _("Undone: what stood before stands again, and the history keeps both."))
    return redirect("entity", number)


@login_required
@require_safe
def evidence(request: HttpRequest, report: UUID, statement: str) -> HttpResponse:
    """What stands behind one statement; in the drawer, or a page where scripts are off."""
    version = number_in(request.GET.get("version", ""))
    found = open_evidence(report, statement, version=version, viewpoint=viewpoint(request))
    template = "components/evidence.html" if is_part(request) else "pages/evidence.html"
    return render(request, template, {"evidence": found, "handling": found.handling})
