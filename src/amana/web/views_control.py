"""Acts of control on a report's page: consents, passing on, late restrictions, legal holds, flags."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.times import parse_day
from amana.services import consent_answers, consents, holds, onward, products, reports, restrictions
from amana.services.rights import Deed, may
from amana.web.look import officer, viewpoint
from amana.web.paging import asked, turned


@login_required
@require_safe
def list_consents(request: HttpRequest) -> HttpResponse:
    """All questions of consent, asked here and of us."""
    person = officer(request)
    page = turned(request, consents.list_consents(by=person, **asked(request)))
    shown = {"consents": page.rows, "beside": page.beside, "may_consent": may(person, Deed.CONSENT)}
    return render(request, "pages/consents.html", shown)


@login_required
@require_POST
def ask(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Ask the originator whether a held report may go on."""
    wanted = request.POST.get("purpose", "")
    if wanted not in set(Purpose):
        raise consents.ConsentPurposeMissing(purpose=wanted[:40])
    recipient, reason = request.POST.get("recipient", ""), request.POST.get("reason", "")
    consents.ask_consent(uid, recipient, Purpose(wanted), reason=reason, by=officer(request))
    messages.success(request, _("The originator is asked."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def answer(request: HttpRequest, number: UUID) -> HttpResponse:
    """Grant, refuse or revoke a consent."""
    person, deed, reason = officer(request), request.POST.get("deed", ""), request.POST.get("reason", "")
    if deed == "revoke":
        restrictions.revoke_consent(number, reason=reason, by=person)
        messages.success(request, _("Revoked; the tree shows when the recipient has confirmed."))
    elif deed in ("grant", "refuse"):
        consent_answers.answer_consent(number, grant=deed == "grant", reason=reason, by=person)
        messages.success(request, _("The holder is answered."))
    found = consents.find_consent(str(number), by=person)
    return redirect("report", uid=found.report_uid)


@login_required
@require_POST
def pass_on(request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
    """Propose, release or send back a step onward."""
    person, reason = officer(request), request.POST.get("reason", "").strip()
    if deed == "propose":
        onward.propose_onward(uid, request.POST.get("recipient", ""), by=person)
        messages.success(request, _("The report waits for a second person now."))
    elif deed == "release":
        sent = onward.release_onward(uid, reason=reason or "consent", by=person)
        partners = ", ".join(one.partner_id for one in sent)
        messages.success(request, _("Passed on to %(partners)s.") % {"partners": partners})
    elif deed == "decline":
        onward.decline_onward(uid, reason=reason, by=person)
        messages.success(request, _("It will not go on."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def restrict(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Narrow the marking at every holder."""
    shown = reports.show_report(uid, viewpoint=viewpoint(request), reason="restriction")
    handling, given = Handling.from_json(shown.row.handling), request.POST
    codes = [Code(one) for one in given.getlist("codes") if one in set(Code)]
    purposes = [Purpose(one) for one in given.getlist("purposes") if one in set(Purpose)]
    erase_by = parse_day(given["erase_by"]) if given.get("erase_by") else handling.erase_by
    tlp = Tlp(given["tlp"]) if given.get("tlp") in set(Tlp) else handling.tlp
    narrowed = replace(
        handling,
        tlp=tlp,
        codes=handling.codes | frozenset(codes),
        purposes=frozenset(purposes),
        erase_by=erase_by,
    )
    restrictions.restrict_report(uid, narrowed, reason=given.get("reason", ""), by=officer(request))
    messages.success(request, _("Restricted. Below you see which holders have confirmed."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def hold(request: HttpRequest, uid: UUID, deed: str) -> HttpResponse:
    """Lay or lift a legal hold."""
    reason, person = request.POST.get("reason", ""), officer(request)
    if deed == "lay":
        holds.hold_report(uid, reason=reason, by=person)
        messages.success(request, _("The legal hold is laid."))
    elif deed == "lift":
        holds.lift_hold(uid, reason=reason, by=person)
        messages.success(request, _("The legal hold is lifted."))
    return redirect("report", uid=uid)


@login_required
@require_POST
def see_flag(request: HttpRequest, uid: UUID, flag: int) -> HttpResponse:
    """Say that a flag was seen."""
    products.see_flag(flag, report=uid, by=officer(request))
    return redirect("report", uid=uid)
