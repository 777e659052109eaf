"""Pages of requests: the list under its clocks, asking a partner, and the acts of answering."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.report import Kind
from amana.domain.request import RefusalGround
from amana.domain.viewpoint import Viewpoint
from amana.services import reports, requests
from amana.services.partners import partners_to_ask
from amana.services.rights import Deed, may, require
from amana.services.subjects import name_subjects, take_from_reports
from amana.web.forms_requests import AnswerForm, AskForm, ExtensionForm, RefusalForm, ReplyForm
from amana.web.look import Signed, officer, purpose, viewpoint

FORMS: dict[str, type[AnswerForm]] = {
    "reply": ReplyForm,
    "clarify": AnswerForm,
    "refuse": RefusalForm,
    "extend": ExtensionForm,
}


@login_required
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """What partners ask us and what we ask them, each under its clock."""
    found = requests.list_requests(viewpoint=viewpoint(request))
    context = {
        "theirs": [one for one in found if not one.row.ours],
        "ours": [one for one in found if one.row.ours],
    }
    return render(request, "pages/requests.html", context)


@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """Ask one or several partners; when complete it is proposed in the same step."""
    require(officer(request), Deed.WRITE)
    initial = AskForm.usual(purpose(request), report=request.GET.get("report", ""))
    form = AskForm(request.POST or None, initial=initial, partners=partners_to_ask())
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "pages/ask.html", {"form": form}, status=status)
    given, grade = form.cleaned_data, form.evaluation()
    entities, statements = name_subjects(given["people"], given["things"], evaluation=grade)
    made = requests.ask_partners(
        title=given["title"],
        text=given["text"],
        language=get_language() or "en",
        question=given["question"],
        evaluation=grade,
        handling=form.handling(),
        crime_areas=form.chosen_areas(),
        entities=entities,
        statements=statements,
        taken=take_from_reports(given["sources"], viewpoint=viewpoint(request), reason="request"),
        by=officer(request),
    )
    return _to_draft(request, made)


@login_required
@require_POST
def answer(request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
    """Reply, refuse, extend or clarify: each writes an answer and proposes it."""
    if deed not in FORMS:
        raise Http404
    look, person = viewpoint(request), officer(request)
    form = FORMS[deed](request.POST)
    if not form.is_valid():
        found = requests.open_request(uid, viewpoint=look, reason="reply")
        context = {"form": form, "deed": deed, "opened": found}
        return render(request, "pages/answer.html", context, status=422)
    given = form.cleaned_data
    words = requests.Words(text=given["text"], language=get_language() or "en")
    if deed == "reply":
        made = requests.reply_to_request(
            uid, words, full=given["full"] == "full", sources=given["sources"], viewpoint=look, by=person
        )
    elif deed == "refuse":
        made = requests.refuse_request(uid, RefusalGround(given["ground"]), words, viewpoint=look, by=person)
    elif deed == "extend":
        made = requests.extend_request(uid, given["hours"], words, viewpoint=look, by=person)
    else:
        made = requests.clarify_request(uid, words, partner=given["partner"], viewpoint=look, by=person)
    return _to_draft(request, made)


def _to_draft(request: HttpRequest, made: requests.Drafted) -> HttpResponse:
    if made.missing:
        messages.warning(request, _("A draft is written; something is still missing before it may leave."))
    else:
        messages.success(request, _("Written and proposed: it waits for a second person now."))
    return redirect("report", uid=made.row.uid)


def parts_of_page(shown: reports.Shown, *, look: Viewpoint, person: Signed) -> dict[str, Any]:
    """What the page of a request or an answer shows beside the report; empty for other kinds."""
    row = shown.row
    if row.kind == Kind.REPLY:
        return {"answers": requests.answered_request(row, viewpoint=look)}
    if row.kind != Kind.REQUEST:
        return {}
    asked, hits = requests.stand_of_request(row.uid, viewpoint=look)
    parts: dict[str, Any] = {"asked": asked, "hits": hits}
    if not may(person, Deed.WRITE) or not any(one.standing.open for one in asked):
        return parts
    if asked[0].row.ours:
        waiting = [one.row.partner_id for one in asked if one.waits_for_us]
        parts["clarify"] = [AnswerForm(initial={"partner": node}, auto_id=f"c-{node}-%s") for node in waiting]
    else:
        own = {str(one.found.report.uid) for one in hits if one.found.report.originator == look.node}
        initial = {"sources": "\n".join(sorted(own))}
        parts["deeds"] = {name: form(auto_id=f"{name}-%s") for name, form in FORMS.items()}
        parts["deeds"]["reply"] = ReplyForm(initial=initial, auto_id="reply-%s")
    return parts
