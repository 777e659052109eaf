"""The overseer's room: what waits, the log with proofs, requests for access, retention, the register."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.services import access_requests, log_proofs, log_reading, mandates, orders, register, retention, spot_checks
from amana.services.keys import own_node
from amana.services.people import User
from amana.services.rights import Deed, may, require
from amana.web.forms_oversight import AccessForm, DecisionForm, LogForm, PeriodForm, last_quarter
from amana.web.look import officer
from amana.web.numbers import number_in


@login_required
@require_safe
def room(request: HttpRequest) -> HttpResponse:
    """What waits for the overseer, and whether all is in order."""
    person, today = officer(request), timezone.localdate()
    require(person, Deed.INSPECT)
    due = retention.list_due(30, by=person)
    state = log_proofs.log_state()
    context = {
        "state": state,
        "stopped": log_proofs.disclosures_stopped(state, at=timezone.now()),
        "access": [one for one in access_requests.list_access(by=person) if not one.outcome],
        "today": today,
        "questions": spot_checks.open_questions(by=person),
        "orders": orders.list_orders(by=person, open_only=True),
        "due": sum(one[2] for one in due.counts),
        "overdue": sum(one[3] for one in due.counts),
        "holds": len(due.holds),
        "mandate": mandates.mandate_of(person),
        "openings": mandates.list_openings(by=person)[:5],
    }
    return render(request, "pages/oversight.html", context)


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log by act, officer, report and period."""
    person = officer(request)
    require(person, Deed.INSPECT)
    form, before = LogForm(request.GET), request.GET.get("before", "")
    wanted = form.wanted() if form.is_valid() else log_reading.Wanted()
    state = log_proofs.log_state()
    query = request.GET.copy()
    query.pop("before", None)
    context = {
        "form": form,
        "found": log_reading.find_entries(wanted, before=number_in(before), most=50, by=person),
        "state": state,
        "stopped": log_proofs.disclosures_stopped(state, at=timezone.now()),
        "vkey": log_proofs.log_vkey(),
        "query": query.urlencode(),
    }
    return render(request, "pages/oversight_log.html", context, status=200 if form.is_valid() else 422)


@login_required
@require_safe
def entry(request: HttpRequest, index: int) -> HttpResponse:
    """One entry with what proves it."""
    person = officer(request)
    require(person, Deed.INSPECT)
    shown = log_reading.show_entry(index, by=person)
    note = log_proofs.signed_note(shown.checkpoint) if shown.checkpoint else ""
    context = {"shown": shown, "note": note, "vkey": log_proofs.log_vkey()}
    return render(request, "pages/oversight_entry.html", context)


@login_required
@require_POST
def proof(request: HttpRequest, index: int) -> HttpResponse:
    """The proof of one entry, to be verified without this node."""
    person = officer(request)
    require(person, Deed.INSPECT)
    return _file(log_reading.proof_file(index, by=person), f"{own_node()}-{index}.proof", "application/json")


@login_required
@require_POST
def bundle(request: HttpRequest) -> HttpResponse:
    """The whole log, to be verified without this node."""
    person = officer(request)
    require(person, Deed.INSPECT)
    return _file(log_reading.bundle_file(by=person), f"{own_node()}.log", "application/octet-stream")


def _file(data: bytes | str, name: str, kind: str) -> HttpResponse:
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_access(request: HttpRequest) -> HttpResponse:
    """All requests for access with their deadlines, and the place to record one."""
    person = officer(request)
    form = AccessForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = access_requests.record_access(**form.values(), by=person)
        messages.success(request, _("Recorded. It is due on %(day)s.") % {"day": row.due})
        return redirect("oversight-access", number=row.pk)
    context = {
        "form": form,
        "rows": access_requests.list_access(by=person),
        "today": timezone.localdate(),
        "inspects": may(person, Deed.INSPECT),
    }
    return render(request, "pages/oversight_access_list.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def access(request: HttpRequest, number: int) -> HttpResponse:
    """One request for access: the search, what the originators say, the decision."""
    return _access(request, number, DecisionForm())


def _access(request: HttpRequest, number: int, form: DecisionForm, status: int = 200) -> HttpResponse:
    person = officer(request)
    row, findings = access_requests.show_access(number, by=person)
    context = {
        "row": row,
        "findings": findings,
        "own": own_node(),
        "today": timezone.localdate(),
        "inspects": may(person, Deed.INSPECT),
        "may_write": may(person, Deed.WRITE),
        "mandate": mandates.mandate_of(person),
        "says_held": access_requests.says_held(row),
        "form": form,
    }
    return render(request, "pages/oversight_access.html", context, status=status)


@login_required
@require_POST
def access_act(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Search, extend, ask an originator, note its answer, or decide."""
    person, given = officer(request), request.POST
    reason = given.get("reason", "")
    if deed == "search":
        access_requests.search_access(number, by=person)
        messages.success(request, _("The holdings were searched."))
    elif deed == "extend":
        row = access_requests.extend_access(number, reason=reason, by=person)
        messages.success(request, _("Extended; it is due on %(day)s.") % {"day": row.due})
    elif deed == "ask":
        notice = _ask(number, _report(request), by=person)
        messages.success(request, _("The notice is drafted. It goes out when a second person has released it."))
        return redirect("report", uid=notice)
    elif deed == "note":
        consented = given.get("consented") == "yes"
        access_requests.note_originator(number, _report(request), consented=consented, words=reason, by=person)
    elif deed == "decide":
        form = DecisionForm(given)
        if not form.is_valid():
            return _access(request, number, form, status=422)
        ground = access_requests.Ground(form.cleaned_data["ground"]) if form.cleaned_data["ground"] else None
        outcome = access_requests.Outcome(form.cleaned_data["outcome"])
        access_requests.decide_access(number, outcome, ground=ground, reason=form.cleaned_data["reason"], by=person)
        messages.success(request, _("Decided."))
    else:
        raise Http404
    return redirect("oversight-access", number=number)


def _report(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("report", ""))
    except ValueError as error:
        raise access_requests.AccessUnknown from error


def _ask(number: int, uid: UUID, *, by: User) -> UUID:
    row, findings = access_requests.show_access(number, by=by)
    found = next((one for one, _state in findings if one.report_uid == uid), None)
    if found is None:
        raise access_requests.AccessUnknown
    title = _("A person asks for access to data that you entrusted")
    text = _(
        "Somebody has asked this node for access to data about them. Your report %(report)s, version %(version)s, "
        "may be about this person. May it be told, wholly or in part? Please answer before %(day)s; without your "
        "agreement nothing of it is told, nor that it is held."
    ) % {"report": uid, "version": found.version, "day": row.due.isoformat()}
    language = translation.get_language() or "en"
    notice = access_requests.ask_originator(number, uid, title=title, text=text, language=language, by=by)
    return notice.uid


@login_required
@require_safe
def retained(request: HttpRequest) -> HttpResponse:
    """What reaches its day of erasure, and what is overdue."""
    days = number_in(request.GET.get("days", ""))
    asked = 30 if days is None else days
    found = retention.list_due(asked, by=officer(request))
    return render(request, "pages/oversight_retention.html", {"found": found, "days": asked, "spans": (7, 30, 90, 365)})


@login_required
@require_safe
def registered(request: HttpRequest) -> HttpResponse:
    """The register of processing, on the page or as a file."""
    person = officer(request)
    require(person, Deed.INSPECT)
    usual = last_quarter(timezone.localdate())
    form = PeriodForm(request.GET if "first" in request.GET else None, initial=usual)
    period = form.cleaned_data if form.is_bound and form.is_valid() else usual
    made = register.make_register(period["first"], period["last"], by=person)
    name = f"{own_node()}-register-{made.first}-{made.last}"
    if request.GET.get("as") == "csv":
        return _file(made.to_csv(), f"{name}.csv", "text/csv; charset=utf-8")
    if request.GET.get("as") == "json":
        return _file(json.dumps(made.to_json(), ensure_ascii=False, indent=2), f"{name}.json", "application/json")
    context = {"form": form, "made": made, "node": own_node()}
    return render(request, "pages/oversight_register.html", context, status=422 if form.errors else 200)
