"""Pages of requests: the list under its clocks, asking a partner, and the acts of answering."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.handling import Handling
from amana.domain.report import Kind
from amana.domain.request import RefusalGround
from amana.domain.viewpoint import Viewpoint
from amana.services import answering, reports, request_figures, requests
from amana.services.partners import partners_to_ask
from amana.services.requests import CrossHit, Listed, Stood
from amana.services.rights import Deed, may, require
from amana.services.standings import Column
from amana.services.subjects import name_subjects, take_from_reports
from amana.web.forms_requests import AnswerForm, AskForm, ExtensionForm, RefusalForm, ReplyForm
from amana.web.look import Signed, officer, purpose, viewpoint
from amana.web.paging import cut
from amana.web.places import gather

FORMS: dict[str, type[AnswerForm]] = {
    "reply": ReplyForm,
    "clarify": AnswerForm,
    "refuse": RefusalForm,
    "extend": ExtensionForm,
}


VIEWS = ("board", "table", "figures")
PERIODS = (30, 90, 365)
IN_COLUMN = 15  # how many stand in a column of the board; the table has them all


@login_required
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """What partners ask us and what we ask them, each under its clock: as a board, a table, or in figures.

    The chosen view is remembered in the session.
    """
    view = request.GET.get("view", "")
    if view in VIEWS:
        request.session["requests_view"] = view
    view = request.session.get("requests_view", "board")
    side, partner = request.GET.get("side", ""), request.GET.get("partner", "")[:40]
    context: dict[str, Any] = {
        "view": view,
        "side": side,
        "partner": partner,
        "urgent": bool(request.GET.get("urgent")),
        "partners": partners_to_ask(),
        "filters": urlencode(
            {name: value for name, value in request.GET.items() if value and name not in ("view", "page")}
        ),
    }
    if view == "figures":
        return render(request, "pages/requests.html", context | _figures(request, partner))
    look = viewpoint(request)
    found = requests.list_requests(
        ours={"ours": True, "theirs": False}.get(side), partner=partner, urgent=context["urgent"], viewpoint=look
    )
    if view == "table":
        page = cut(request, found)
        context |= {"found": requests.read_requests(page.rows, viewpoint=look), "beside": page.beside}
    else:
        context |= {"found": found, "columns": _columns(found, look)}
    return render(request, "pages/requests.html", context)


def _columns(found: Sequence[Stood], look: Viewpoint) -> list[tuple[Column, list[Listed], int]]:
    """The board: each column, the requests at its head, and how many stand in it."""
    columns = {column: [one for one in found if one.column is column] for column in Column}
    heads = [one for stood in columns.values() for one in stood[:IN_COLUMN]]
    read = requests.read_requests(heads, viewpoint=look)
    return [(column, [one for one in read if one.column is column], len(stood)) for column, stood in columns.items()]


def _figures(request: HttpRequest, partner: str) -> dict[str, Any]:
    """The figures of a period that ends today."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else PERIODS[1]
    today = timezone.localdate()
    found = request_figures.count_requests(
        today - timedelta(days=days), today, partner=partner, viewpoint=viewpoint(request)
    )
    return {"figures": found, "days": days, "periods": PERIODS}


@login_required
@require_safe
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A request with what we hold beside the form that answers it, so that one can answer without leaving the page."""
    return _show(request, uid)


def _show(request: HttpRequest, uid: UUID, typed: tuple[str, AnswerForm] | None = None) -> HttpResponse:
    look, person = viewpoint(request), officer(request)
    opened = requests.open_request(uid, viewpoint=look, reason="reply" if typed else "reading")
    row, content = opened.shown.row, opened.shown.content
    context: dict[str, Any] = {
        "row": row,
        "content": content,
        "asked": opened.asked,
        "handling": Handling.from_json(row.handling),
    }
    context |= forms_of(opened.asked, opened.hits, look=look, person=person, typed=typed)
    if not opened.asked[0].row.ours and content is not None:
        context["holdings"] = answering.holdings_for(opened, at=timezone.now())
        context["gathered"] = gather(content)
    return render(request, "pages/request.html", context, status=422 if typed else 200)


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
    form = FORMS[deed](_picked(request), auto_id=f"{deed}-%s")
    if not form.is_valid():
        return _show(request, uid, (deed, form))
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


def _picked(request: HttpRequest) -> QueryDict:
    """What was sent, with the reports that were ticked among the sources, one a line as the form reads them."""
    given = request.POST.copy()
    if "pick" in given:
        given["sources"] = "\n".join([*given.getlist("pick"), given.get("sources", "")]).strip()
    return given


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
    return {"asked": asked, "hits": hits} | forms_of(asked, hits, look=look, person=person)


def forms_of(
    asked: Sequence[requests.Asked],
    hits: Sequence[CrossHit],
    *,
    look: Viewpoint,
    person: Signed,
    typed: tuple[str, AnswerForm] | None = None,
) -> dict[str, Any]:
    """The forms that answer an open request of a partner, or clarify one of ours; `typed` stands as it was sent."""
    parts: dict[str, Any] = {}
    if not may(person, Deed.WRITE) or not any(one.standing.open for one in asked):
        return parts
    if asked[0].row.ours:
        waiting = [one.row.partner_id for one in asked if one.waits_for_us]
        parts["clarify"] = [AnswerForm(initial={"partner": node}, auto_id=f"c-{node}-%s") for node in waiting]
        return parts
    own = {str(one.found.report.uid) for one in hits if one.found.report.originator == look.node}
    initial = {"sources": "\n".join(sorted(own))}
    parts["deeds"] = {name: form(auto_id=f"{name}-%s") for name, form in FORMS.items()}
    parts["deeds"]["reply"] = ReplyForm(initial=initial, auto_id="reply-%s")
    if typed is not None:
        parts["deeds"][typed[0]] = typed[1]
        parts["typed"] = typed[0]
    return parts
