"""Pages of joint work: cases, what is to be done, and the expertise shelf."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.joint import Shelf
from amana.services import cases, expertise, meetings, tasks
from amana.web.look import officer, viewpoint
from amana.web.paging import asked, cut, turned


@login_required
@require_safe
def list_cases(request: HttpRequest) -> HttpResponse:
    """Cases of which a sheet may be seen."""
    page = turned(request, cases.list_cases(viewpoint=viewpoint(request), **asked(request)))
    return render(request, "pages/cases.html", {"cases": page.rows, "beside": page.beside})


@login_required
@require_safe
def case(request: HttpRequest, number: UUID) -> HttpResponse:
    """One case: whose sheets, which reports or stubs, which tasks."""
    found = cases.show_case(number, viewpoint=viewpoint(request))
    return render(request, "pages/case.html", {"case": found})


@login_required
@require_POST
def open_case(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One step from a report or request to a case."""
    row = cases.case_from_report(uid, by=officer(request))
    messages.success(request, _("A case is open as a draft sheet; release it to work on it with partners."))
    return redirect("report", uid=row.uid)


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
