"""Composing: a file or words become a draft; suggestions, statements, grade and handling on one page.

Every button of that page keeps what stands on it first, so that nothing typed is lost, with or without scripts.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.domain.errors import AmanaError
from amana.domain.handling import Portion, Tlp
from amana.domain.report import State
from amana.domain.statement import Entity, Nature, Statement
from amana.services import composing, documents, drafting, leaving, releases, reports
from amana.services.keys import own_node
from amana.services.partners import confirmed_partners
from amana.services.rights import Deed, require
from amana.web.forms_compose import STAYS, ComposeForm, StartForm, portion_in
from amana.web.look import is_part, officer, purpose, viewpoint
from amana.web.middleware import sentence_of, status_of
from amana.web.places import gather, pieces
from amana.web.words import choices

UPLOADS = "text/plain,.md,.html,.htm,.eml,.pdf,.docx,.txt"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Begin a draft from a file or from words; what is refused says why, and what was typed stays."""
    require(officer(request), Deed.WRITE)
    form = StartForm(request.POST or None, request.FILES or None)
    error, status = "", 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                return redirect("compose-draft", uid=_begun(request, form).uid)
            except AmanaError as refused:
                error, status = sentence_of(refused), status_of(refused)
    context = {"form": form, "error": error, "uploads": UPLOADS}
    return render(request, "pages/compose.html", context, status=status)


def _begun(request: HttpRequest, form: StartForm) -> Any:
    given = form.cleaned_data
    common: dict[str, Any] = {
        "title": given["title"],
        "tlp": Tlp(given["tlp"]),
        "viewpoint": viewpoint(request),
        "by": officer(request),
    }
    if given["file"]:
        return composing.compose_from_file(given["file"].read(), filename=given["file"].name, **common)
    return composing.compose_from_words(given["text"], **common)


@login_required
@require_POST
def from_document(request: HttpRequest, number: UUID) -> HttpResponse:
    """Begin a draft from a document that was taken in."""
    found = documents.show_document(number, viewpoint=viewpoint(request))
    row = composing.compose_from_document(found, viewpoint=viewpoint(request), by=officer(request))
    return redirect("compose-draft", uid=row.uid)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def draft(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One draft: its words, what they suggest, its statements, grade and handling, and what is missing."""
    person = officer(request)
    require(person, Deed.WRITE)
    shown = reports.show_report(uid, viewpoint=viewpoint(request), reason="editing")
    if shown.content is None or shown.row.state != State.DRAFT or shown.row.originator != own_node():
        if request.method == "POST":  # what was typed is not thrown away in silence
            raise reports.ReportNotDraft
        return redirect("report", uid=uid)
    form = ComposeForm(
        request.POST or None, partners=confirmed_partners(), content=shown.content, look=purpose(request)
    )
    if request.method != "POST":
        return _page(request, shown, form)
    if not form.is_valid():
        return _page(request, shown, form, error=_("Not kept yet: look at what is marked below."), status=422)
    deed = request.POST.get("do", "keep")
    try:
        drafting.revise_draft(uid, form.revision(request.POST, deed), by=person)
        return _done(request, uid, deed)
    except AmanaError as refused:
        again = reports.show_report(uid, viewpoint=viewpoint(request), reason="editing")
        return _page(request, again, form, error=sentence_of(refused), status=status_of(refused))


@login_required
@require_safe
def known(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Which of a draft's suggestions are known here; a part of its page, or a page where scripts are off."""
    found = composing.known_offers(uid, viewpoint=viewpoint(request), by=officer(request))
    template = "components/known_here.html" if is_part(request) else "pages/compose_known.html"
    return render(request, template, {"found": found, "uid": uid})


def _done(request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
    """Do what the button says beyond keeping; raises what the services raise."""
    verb, _colon, what = deed.partition(":")
    person = officer(request)
    if verb == "accept":
        composing.accept_offers(uid, [what] if what else None, by=person)
    elif verb == "drop":
        composing.drop_offers(uid, [what], by=person)
    elif verb == "propose":
        releases.propose_release(uid, by=person)
        messages.success(request, _("The report waits for a second person now."))
        return redirect("report", uid=uid)
    elif verb == "preview":
        return redirect("preview", uid=uid)
    return redirect("compose-draft", uid=uid)


@dataclass(frozen=True, slots=True)
class Line:
    """A statement as the page shows it for editing: what was typed, else what is kept."""

    one: Statement
    value: str
    source: str
    information: str
    assessment: bool
    portion: Portion


@dataclass(frozen=True, slots=True)
class About:
    """An entity with its lines, and for a person the category and grounds as typed or kept."""

    entity: Entity
    name: str
    category: str
    grounds: str
    lines: tuple[Line, ...]


def _page(
    request: HttpRequest, shown: reports.Shown, form: ComposeForm, *, error: str = "", status: int = 200
) -> HttpResponse:
    row, content = shown.row, shown.content
    if content is None:
        raise reports.ReportNotDraft
    typed = request.POST
    offers = composing.offers_of(row, content)
    marks = [(*one.place, f"s-{one.id}") for one in content.statements if one.place is not None]
    marks += [(one.start, one.end, f"o-{one.key}") for one in offers]
    gathered = [_about(one.entity, one.name, one.statements, typed, form.known) for one in gather(content)]
    if form.is_bound:
        fresh = request.POST.copy()
        fresh["edition"] = str(row.edition)
        form.data = fresh
    else:
        form.initial["edition"] = row.edition
    context = {
        "row": row,
        "content": content,
        "handling": content.handling,
        "form": form,
        "error": error,
        "pieces": pieces(content.text, marks),
        "offers": offers,
        "offered": {f"o-{one.key}": one for one in offers},
        "gathered": gathered,
        "people": [one for one in gathered if one.entity.category is not None],
        "lacks": leaving.lacks_of(row, content, by=officer(request)),
        "new": {name: typed.get(f"new-{name}", "") for name in ("entity", "property", "value", "passage", "at")},
        "new_assessment": "new-assessment" in typed,
        "new_portion": portion_in(typed, "new", form.known) or Portion(),
        "stays": STAYS,
        "recipients": form.nodes,
        "schemata": choices("schema"),
    }
    return render(request, "pages/compose_draft.html", context, status=status)


def _about(entity: Entity, name: str, statements: tuple[Statement, ...], typed: Any, known: frozenset[str]) -> About:
    return About(
        entity=entity,
        name=name,
        category=typed.get(f"category-{entity.id}", str(entity.category or "")),
        grounds=typed.get(f"grounds-{entity.id}", entity.grounds),
        lines=tuple(_line(one, typed, known) for one in statements),
    )


def _line(one: Statement, typed: Any, known: frozenset[str]) -> Line:
    grade, field = one.evaluation, f"st-{one.id}"
    return Line(
        one=one,
        value=typed.get(f"{field}-value", one.value),
        source=typed.get(f"{field}-source", str(grade.source)),
        information=typed.get(f"{field}-information", str(grade.information)),
        assessment=one.nature is Nature.ASSESSMENT or f"{field}-assessment" in typed,
        portion=(portion_in(typed, field, known) if f"{field}-value" in typed else one.handling) or Portion(),
    )
