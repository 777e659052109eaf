"""The page of a search across spellings and scripts. What is asked is posted, so that no address holds a name."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amana.services.matching import match_subject
from amana.services.rights import Deed, require
from amana.web.forms_matching import MatchForm
from amana.web.look import officer, viewpoint


@login_required
def match(request: HttpRequest) -> HttpResponse:
    """Whom of our holdings somebody may be, with the reasons."""
    require(officer(request), Deed.READ)
    if request.method != "POST":
        return render(request, "pages/match.html", {"form": MatchForm()})
    form = MatchForm(request.POST)
    if not form.is_valid():
        return render(request, "pages/match.html", {"form": form}, status=422)
    found = match_subject(form.subject(), least=0.3, viewpoint=viewpoint(request))
    return render(request, "pages/match.html", {"form": form, "asked": True, "found": found})
