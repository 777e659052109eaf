"""Pages of joint work: cases, meetings and the page to read before one, what is to be done, the expertise shelf."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.joint import Shelf
from amana.services import briefing as briefings
from amana.services import case_pages, cases, expertise, meetings, partners, reports, tasks
from amana.services.keys import own_node
from amana.web.forms_joint import TaskForm
from amana.web.look import officer, viewpoint
from amana.web.paging import asked, cut, turned

MEETINGS = 20  # records on one page: each stands there whole


@login_required
@require_safe
def list_cases(request: HttpRequest) -> HttpResponse:
    """Cases of which a sheet may be seen."""
    page = turned(request, cases.list_cases(viewpoint=viewpoint(request), **asked(request)))
    return render(request, "pages/cases.html", {"cases": page.rows, "beside": page.beside})


@login_required
@require_safe
def case(request: HttpRequest, number: UUID) -> HttpResponse:
    """One case: whose sheets, which reports or stubs, whom and what they speak of, its requests and tasks."""
    return _case(request, number)


def _case(request: HttpRequest, number: UUID, form: TaskForm | None = None) -> HttpResponse:
    found = case_pages.open_case_page(number, viewpoint=viewpoint(request))
    given = form or TaskForm(initial={"node": own_node()}, nodes=_nodes())
    context = {"page": found, "case": found.case, "form": given, "today": timezone.localdate()}
    return render(request, "pages/case.html", context, status=422 if form else 200)


def _nodes() -> list[tuple[str, str]]:
    return [(own_node(), own_node()), *partners.confirmed_partners()]


@login_required
@require_POST
def change_case(request: HttpRequest, number: UUID, deed: str) -> HttpResponse:
    """Join a case, put a task or a report on our sheet, or close it: each changes the sheet's draft."""
    person = officer(request)
    if deed == "task":
        form = TaskForm(request.POST, nodes=_nodes())
        if not form.is_valid():
            return _case(request, number, form)
        cases.add_task(number, **form.cleaned_data, by=person)
        messages.success(
            request, _("The task stands on our sheet; it reaches the partners when the sheet is released.")
        )
    elif deed == "report":
        cases.add_report(number, _number(request.POST.get("report", "")), by=person)
        messages.success(request, _("The report stands on our sheet, by its number only."))
    elif deed == "join":
        cases.join_case(number, viewpoint=viewpoint(request), by=person)
        messages.success(request, _("Your node has a sheet of its own now, as a draft."))
    elif deed == "close":
        cases.close_case(number, by=person)
        messages.success(request, _("Closed on our sheet; the other nodes close theirs."))
    else:
        raise Http404
    return redirect("case", number=number)


def _number(text: str) -> UUID:
    """The number of a report, alone or in the address of its page."""
    found = re.search(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower())
    if found is None:
        raise reports.ReportUnknown
    return UUID(found.group())


@login_required
@require_POST
def open_case(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One step from a report or request to a case."""
    row = cases.case_from_report(uid, by=officer(request))
    messages.success(request, _("A case is open as a draft sheet; release it to work on it with partners."))
    return redirect("report", uid=row.uid)


@login_required
@require_safe
def list_meetings(request: HttpRequest) -> HttpResponse:
    """Meeting records of both sides, what is to come at the head, and the way to the page before each."""
    found = meetings.list_meetings(viewpoint=viewpoint(request), **asked(request, MEETINGS))
    page = turned(request, found, MEETINGS)
    context = {
        "meetings": page.rows,
        "beside": page.beside,
        "now": timezone.now(),
        "partners": partners.confirmed_partners(),
    }
    return render(request, "pages/meetings.html", context)


@login_required
@require_safe
def briefing(request: HttpRequest, partner: str) -> HttpResponse:
    """The page to read before a meeting with a partner; it prints on two pages."""
    found = briefings.brief(partner, viewpoint=viewpoint(request), by=officer(request))
    return render(request, "pages/briefing.html", {"brief": found, "today": timezone.localdate()})


@login_required
@require_safe
def list_tasks(request: HttpRequest) -> HttpResponse:
    """What is to be done, ours and partners', the earliest first."""
    page = cut(request, tasks.open_tasks(viewpoint=viewpoint(request)))
    context = {"tasks": page.rows, "beside": page.beside, "today": timezone.localdate()}
    return render(request, "pages/tasks.html", context)


@login_required
@require_POST
def done(request: HttpRequest, uid: UUID, task: str) -> HttpResponse:
    """Draft the notice that a task of ours is done."""
    row = tasks.tell_done(uid, task, note=request.POST.get("reason", "").strip()[:10_000], by=officer(request))
    messages.success(request, _("The notice is drafted; a second person releases it."))
    return redirect("report", uid=row.uid)


@login_required
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    """The expertise shelf, searched."""
    words, chosen = request.GET.get("q", "")[:200], request.GET.get("shelf", "")
    part = Shelf(chosen) if chosen in set(Shelf) else None
    page = turned(request, expertise.search_shelf(words, shelf=part, viewpoint=viewpoint(request), **asked(request)))
    context = {"found": page.rows, "beside": page.beside, "words": words, "chosen": chosen, "shelves": list(Shelf)}
    return render(request, "pages/expertise.html", context)


@login_required
@require_POST
def communique(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Draft a communiqué from a meeting record, in the reader's language."""
    row = meetings.draft_communique(uid, language=request.LANGUAGE_CODE, by=officer(request))
    messages.success(request, _("The communiqué is drafted; read it, mark it, and let a second person release it."))
    return redirect("report", uid=row.uid)
