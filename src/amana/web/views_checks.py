"""Spot checks and their questions, content under a mandate, orders, and what officers and the head see of them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Handling
from amana.services import access_requests, mandates, orders, spot_checks
from amana.services.partners import confirmed_partners
from amana.services.rights import Deed, may, require
from amana.web.forms_oversight import DrawForm, MandateForm, OrderForm
from amana.web.look import officer
from amana.web.numbers import number_in
from amana.web.places import gather, pieces


class FindingMalformed(BadInput):
    """A finding is one of three."""

    code = "check-finding"
    sentence = gettext_noop("Say whether it is in order, a question or an objection.")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_checks(request: HttpRequest) -> HttpResponse:
    """All spot checks, and the draw of another."""
    person = officer(request)
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        drawn = spot_checks.draw_check(**form.cleaned_data, by=person)
        return redirect("oversight-check", number=drawn.pk)
    context = {"form": form, "checks": spot_checks.list_checks(by=person)}
    return render(request, "pages/oversight_checks.html", context, status=422 if form.errors else 200)


@login_required
@require_safe
def check(request: HttpRequest, number: int) -> HttpResponse:
    """What was drawn, each entry with the place for a finding."""
    person = officer(request)
    found, drawn = spot_checks.show_check(number, by=person)
    context = {"check": found, "drawn": drawn, "mandate": mandates.mandate_of(person)}
    return render(request, "pages/oversight_check.html", context)


@login_required
@require_POST
def find(request: HttpRequest, number: int, place: int) -> HttpResponse:
    """Record a finding."""
    chosen = request.POST.get("finding", "")
    if chosen not in set(spot_checks.Finding):
        raise FindingMalformed
    words = request.POST.get("reason", "")
    spot_checks.give_finding(number, place, spot_checks.Finding(chosen), words, by=officer(request))
    return redirect("oversight-check", number=number)


@login_required
@require_POST
def answer(request: HttpRequest, number: int, place: int) -> HttpResponse:
    """Answer an overseer's question."""
    spot_checks.answer_question(number, place, request.POST.get("reason", ""), by=officer(request))
    messages.success(request, _("The overseer reads your answer."))
    return redirect("oversight-desk")


@never_cache
@login_required
@require_POST
def content(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A report's content, for a check or a request for access; the opening is logged and shown to the head."""
    numbers = {name: number_in(request.POST.get(name, "")) for name in ("check", "access")}
    shown = mandates.open_content(uid, check=numbers.get("check"), access=numbers.get("access"), by=officer(request))
    context: dict[str, object] = {
        "row": shown.row,
        "content": shown.content,
        "orders": shown.orders,
        "handling": Handling.from_json(shown.row.handling),
        "numbers": numbers,
    }
    if shown.content is not None:
        places = [(*one.place, one.id) for one in shown.content.statements if one.place is not None]
        context |= {"pieces": pieces(shown.content.text, places), "gathered": gather(shown.content)}
    return render(request, "pages/oversight_content.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def list_orders(request: HttpRequest) -> HttpResponse:
    """All orders, and the place to give one."""
    person = officer(request)
    require(person, Deed.INSPECT)
    initial = {name: request.GET[name] for name in ("report", "partner") if request.GET.get(name)}
    if "partner" in initial:
        initial["what"] = str(orders.What.STOP)
    form = OrderForm(request.POST or None, partners=confirmed_partners(), initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        made = orders.give_order(
            orders.What(given["what"]),
            report=given["report"],
            partner=given["partner"],
            ground=orders.Ground(given["ground"]),
            reason=given["reason"],
            addressee=given["addressee"],
            by=person,
        )
        messages.success(
            request,
            _("Order %(number)s is in force; entry %(index)s of the log.")
            % {"number": made.pk, "index": made.log_index},
        )
        return redirect("oversight-orders")
    context = {"form": form, "orders": orders.list_orders(by=person)}
    return render(request, "pages/oversight_orders.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def lift(request: HttpRequest, number: int) -> HttpResponse:
    """Lift an order."""
    orders.lift_order(number, reason=request.POST.get("reason", ""), by=officer(request))
    messages.success(request, _("The order is lifted; what it held back goes again."))
    return redirect("oversight-orders")


@login_required
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """What oversight asks of this officer, and what the head sees of it."""
    return _desk(request, MandateForm())


def _desk(request: HttpRequest, form: MandateForm, status: int = 200) -> HttpResponse:
    person = officer(request)
    oversees = may(person, Deed.OVERSEE)
    context = {
        "questions": spot_checks.questions_for(person),
        "felt": orders.orders_felt_by(person),
        "oversees": oversees,
        "all_questions": spot_checks.open_questions(by=person) if oversees else [],
        "openings": mandates.list_openings(by=person) if oversees else [],
        "mandates": mandates.list_mandates(by=person) if oversees else [],
        "access": access_requests.list_access(by=person) if may(person, Deed.HOLD) else [],
        "gives_mandate": may(person, Deed.GIVE_MANDATE),
        "today": timezone.localdate(),
        "form": form,
    }
    return render(request, "pages/oversight_desk.html", context, status=status)


@login_required
@require_POST
def give_mandate(request: HttpRequest) -> HttpResponse:
    """Propose a mandate for an overseer."""
    form = MandateForm(request.POST)
    if not form.is_valid():
        return _desk(request, form, status=422)
    given = form.cleaned_data
    mandates.propose_mandate(given["name"], ground=given["ground"], until=given["until"], by=officer(request))
    messages.success(request, _("Proposed; another officer must confirm it."))
    return redirect("oversight-desk")


@login_required
@require_POST
def confirm_mandate(request: HttpRequest, number: int) -> HttpResponse:
    """Confirm a mandate that another officer proposed."""
    mandates.confirm_mandate(number, by=officer(request))
    messages.success(request, _("The mandate is in force."))
    return redirect("oversight-desk")
