"""Pages of the desk: documents, partners, log, and the choice of a language."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.handling import Tlp
from amana.domain.report import Kind
from amana.services import agreements, desk, documents, log_proofs, partners, request_figures, roster
from amana.services.keys import own_node
from amana.services.people import choose_language
from amana.services.rights import Deed, may
from amana.web.forms import MarkingForm, UploadForm
from amana.web.look import is_part, officer, purpose, viewpoint
from amana.web.numbers import number_in
from amana.web.paging import asked, turned
from amana.web.places import pieces


@require_POST
def choose_tongue(request: HttpRequest) -> HttpResponse:
    """Read the pages in another language, now and at the next sign-in."""
    chosen = request.POST.get("language", "")
    answer = back_to(request)
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, samesite="Strict", httponly=True)
        if request.user.is_authenticated:
            choose_language(chosen, by=officer(request))
        translation.activate(chosen)
    return answer


def back_to(request: HttpRequest) -> HttpResponse:
    """Back to where a form was, within this node."""
    where = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(where, allowed_hosts={request.get_host()}) and where.startswith("/")
    return redirect(where if safe else "/")


@login_required
@require_safe
def list_documents(request: HttpRequest) -> HttpResponse:
    """Documents that were taken in, and the place to drop another."""
    page = turned(request, documents.list_documents(viewpoint=viewpoint(request), **asked(request)))
    context = {"documents": page.rows, "beside": page.beside, "form": UploadForm()}
    return render(request, "pages/documents.html", context)


@login_required
@require_POST
def take_in(request: HttpRequest) -> HttpResponse:
    """Take in one file."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        found = documents.list_documents(viewpoint=viewpoint(request))
        return render(request, "pages/documents.html", {"documents": found, "form": form}, status=422)
    file = form.cleaned_data["file"]
    document = documents.take_in(
        file.read(),
        filename=file.name,
        viewpoint=viewpoint(request),
        tlp=Tlp(form.cleaned_data["tlp"]),
        by=officer(request),
    )
    return redirect("document", number=document.pk)


@login_required
@require_safe
def document(request: HttpRequest, number: UUID) -> HttpResponse:
    """One document: the text with what was suggested, and the decisions on it."""
    return _document(request, number, MarkingForm(initial=_initial(request), partners=partners.confirmed_partners()))


def _initial(request: HttpRequest) -> dict[str, object]:
    return {
        "purposes": [str(purpose(request))],
        "erase_by": timezone.localdate() + timedelta(days=700),
        "kind": str(Kind.INFORMATION),
    }


def _document(request: HttpRequest, number: UUID, form: MarkingForm, status: int = 200) -> HttpResponse:
    found = documents.show_document(number, viewpoint=viewpoint(request))
    suggestions = list(found.suggestions.all())
    if not form.is_bound:
        form.initial.setdefault("title", found.title)
        form.initial.setdefault("crime_areas", [one.value for one in suggestions if one.kind == "topic"])
    context = {
        "document": found,
        "pieces": pieces(found.text, [(one.start, one.end, str(one.position)) for one in suggestions]),
        "suggestions": suggestions,
        "accepted": any(one.state == "accepted" for one in suggestions),
        "open": any(one.state == "open" for one in suggestions),
        "form": form,
    }
    return render(request, "pages/document.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, number: UUID) -> HttpResponse:
    """Accept or reject suggestions, singly or all."""
    found = documents.show_document(number, viewpoint=viewpoint(request))
    verdict, _dash, place = request.POST.get("decide", "").partition("-")
    number_of = number_in(place)
    chosen = [] if number_of is None else [number_of]
    documents.decide_suggestions(
        found,
        accept=chosen if verdict == "accept" else [],
        reject=chosen if verdict == "reject" else [],
        everything=verdict == "all",
        by=officer(request),
    )
    return redirect("document", number=number)


@login_required
@require_POST
def draw(request: HttpRequest, number: UUID) -> HttpResponse:
    """Draw a draft report from a document's accepted suggestions."""
    form = MarkingForm(request.POST, partners=partners.confirmed_partners())
    if not form.is_valid():
        return _document(request, number, form, status=422)
    found = documents.show_document(number, viewpoint=viewpoint(request))
    row = documents.draft_from_document(
        found,
        title=form.cleaned_data["title"],
        evaluation=form.evaluation(),
        handling=form.handling(),
        crime_areas=form.chosen_areas(),
        kind=Kind(form.cleaned_data["kind"]),
        by=officer(request),
    )
    messages.success(request, _("The draft is written. Nothing of it leaves before a second person releases it."))
    return redirect("report", uid=row.uid)


@login_required
@require_safe
def list_partners(request: HttpRequest) -> HttpResponse:
    """Partners, agreements, and this node's own card."""
    found = [(row, agreements.terms_of(row), agreements.awaits(row)) for row in agreements.list_agreements()]
    context = {
        "partners": desk.list_partners_with_links(by=officer(request)),
        "agreements": found,
        "changes": roster.list_changes(),
        "unreadable": partners.unreadable_partners(),
        "card": partners.show_card(),
        "fingerprint": partners.own_fingerprint(),
        "own": own_node(),
        "may_agree": may(officer(request), Deed.AGREE),
    }
    return render(request, "pages/partners.html", context)


@login_required
@require_safe
def cooperation(request: HttpRequest) -> HttpResponse:
    """The figures of the last twelve months with every partner; a part of their page, or one where scripts are off."""
    today = timezone.localdate()
    found = request_figures.count_requests(today - timedelta(days=365), today, viewpoint=viewpoint(request))
    template = "components/cooperation.html" if is_part(request) else "pages/cooperation.html"
    return render(request, template, {"figures": found})


@login_required
@require_POST
def accept(request: HttpRequest, number: UUID) -> HttpResponse:
    """Counter-sign an agreement."""
    agreements.accept_agreement(number, by=officer(request))
    messages.success(request, _("The agreement is signed and in force."))
    return redirect("partners")


@login_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """The log: entries, newest checkpoint, witnesses."""
    entries = log_proofs.list_entries(by=officer(request), before=number_in(request.GET.get("before", "")))
    state = log_proofs.log_state()
    context = {
        "entries": [(entry, log_proofs.event_of(entry)) for entry in entries],
        "state": state,
        "note": log_proofs.signed_note(state.checkpoint) if state.checkpoint else "",
        "vkey": log_proofs.log_vkey(),
        "stopped": log_proofs.disclosures_stopped(state, at=timezone.now()),
        "last": entries[-1].index if entries and entries[-1].index else None,
    }
    return render(request, "pages/log.html", context)


@login_required
@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """All components in all states, for those who build the pages."""
    return render(request, "pages/style.html", {"tlps": [str(one) for one in Tlp]})
