"""Pages of reports: list, one report, its preview, and the acts on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.handling import Handling, Tlp
from amana.domain.report import State
from amana.domain.statement import Nature
from amana.domain.vocabulary import Category
from amana.services import history, letters, onward, originals, recalls, receipts, releases, reports
from amana.services.agreements import NoAgreement
from amana.services.keys import own_node
from amana.services.partners import confirmed_partners
from amana.services.posting import PartnerUnknown
from amana.services.rights import Deed, may
from amana.services.tree import control_of
from amana.web.look import officer, viewpoint
from amana.web.middleware import sentence_of
from amana.web.paging import asked, turned
from amana.web.places import gather, pieces
from amana.web.views_requests import parts_of_page
from amana.web.words import choices


@login_required
@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """Our own reports, or what a search finds among all."""
    words = request.GET.get("q", "")[:200]
    received = None if words else False
    page = turned(
        request, reports.list_reports(viewpoint=viewpoint(request), words=words, received=received, **asked(request))
    )
    context = {"reports": page.rows, "beside": page.beside, "words": words, "own": own_node()}
    return render(request, "pages/reports.html", context)


@login_required
@require_safe
def show(request: HttpRequest, uid: UUID, version: int | None = None) -> HttpResponse:
    """One report: text beside its statements, ladders, recalls, and what may be done."""
    look, person = viewpoint(request), officer(request)
    shown = reports.show_report(uid, version=version, viewpoint=look)
    row, content = shown.row, shown.content
    ours = row.originator == own_node()
    versions = reports.versions_of(row, viewpoint=look)
    context: dict[str, Any] = {
        "row": row,
        "content": content,
        "ours": ours,
        "newest": row.pk == versions[0].pk,
        "versions": versions,
        "orders": shown.orders,
        "handling": Handling.from_json(row.handling),
        "ladders": receipts.ladders_of(row),
        "tree": recalls.recall_tree(uid, by=person) if ours else [],
        "told": receipts.told_of(row) if not ours else [],
        "steps": [step for step in receipts.TELLABLE if step != receipts.Step.READ],
        "control": control_of(row, by=person),
        "may_consent": may(person, Deed.CONSENT),
        "may_hold": may(person, Deed.HOLD),
        "marks": {name: choices(name) for name in ("code", "purpose")} | {"tlp": [str(one) for one in Tlp]},
        "thirds": [one for one in confirmed_partners() if one[0] not in (row.originator, row.via)],
        "may_write": may(person, Deed.WRITE),
        "may_release": may(person, Deed.RELEASE),
        "may_recall": may(person, Deed.RECALL),
        "categories": choices("category"),
        "history": history.history_of(row, viewpoint=look),
        "attachments": originals.attachments_of(shown, viewpoint=look),
        "letters_to": letters.recipients_of(shown),
        "tongues": settings.LANGUAGES,
    }
    context |= parts_of_page(shown, look=look, person=person)
    if content is not None:
        places = [(*one.place, one.id) for one in content.statements if one.place is not None]
        gathered = gather(content)
        context |= {
            "pieces": pieces(content.text, places),
            "gathered": gathered,
            "people": [one for one in gathered if one.entity.category is not None],
            "missing": content.missing() if row.state == State.DRAFT else (),
        }
        if row.state == State.AWAITING_RELEASE:
            try:
                context["previews"] = releases.preview_release(uid, by=person)
            except (PartnerUnknown, NoAgreement) as refused:  # the page says why; the preview shows it for each
                context["may_not_leave"] = sentence_of(refused)
        if row.state == State.HELD and row.pk == versions[0].pk:
            context["proposed"] = onward.proposed_onward(row)
    return render(request, "pages/report.html", context)


@login_required
@require_POST
def categorise(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what the people of a draft are."""
    with_grounds = request.POST.get("grounds", "")
    for field, value in request.POST.items():
        entity = field.removeprefix("category-")
        if field.startswith("category-") and value in set(Category):
            reports.give_category(uid, entity, Category(value), grounds=with_grounds, by=officer(request))
    messages.success(request, _("The categories are kept."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def assess(request: HttpRequest, uid: UUID, statement: str) -> HttpResponse:
    """Make a statement an assessment; there is no way back."""
    shown = reports.show_report(uid, viewpoint=viewpoint(request), reason="editing")
    grades = {one.id: one.evaluation for one in shown.content.statements} if shown.content else {}
    if statement not in grades:
        raise reports.StatementUnknown
    reports.grade_statement(uid, statement, grades[statement], Nature.ASSESSMENT, by=officer(request))
    return redirect("report", uid=uid)


@login_required
@require_POST
def act(request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
    """Propose, release, decline, recall, correct or tell: one button each."""
    person, reason = officer(request), request.POST.get("reason", "").strip()
    if deed == "propose":
        releases.propose_release(uid, by=person)
        messages.success(request, _("The report waits for a second person now."))
    elif deed == "release":
        sent = releases.release_report(uid, reason=reason or "release", by=person)
        partners = ", ".join(one.partner_id for one in sent)
        messages.success(request, _("Entrusted to %(partners)s.") % {"partners": partners})
    elif deed == "decline":
        releases.decline_release(uid, reason=reason, by=person)
        messages.success(request, _("The report went back to its author."))
    elif deed == "recall":
        recalls.recall_report(uid, reason=reason, by=person)
        messages.success(request, _("Recalled. Below you see which holders have confirmed."))
    elif deed == "correct":
        reports.correct_report(uid, reason=reason, by=person)
        messages.success(request, _("A new version is open as a draft; its release replaces the old one."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def tell(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Tell the originator how far a held report got here; the page itself tells that it was opened."""
    shown = reports.show_report(uid, viewpoint=viewpoint(request), reason="receipt")
    step = request.POST.get("step", "")
    if step in receipts.TELLABLE:
        told = receipts.tell_step(
            shown.row, receipts.Step(step), note=request.POST.get("note", "")[:1000], by=officer(request)
        )
        if told and step != receipts.Step.READ:
            messages.success(request, _("The originator is told."))
    return redirect("report", uid=uid)
