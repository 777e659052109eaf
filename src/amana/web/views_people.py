"""Administration: people, their roles, clearances, desks, factors and sessions. No content is shown here.

Invariant: each act asks for its reason in the same place, and the service decides whether it is done or waits.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.domain.errors import AmanaError
from amana.domain.handling import Tlp
from amana.services import accounts, factors, people, sessions
from amana.services.rights import Deed, require
from amana.web.forms_people import PersonForm, RightsForm
from amana.web.look import officer
from amana.web.middleware import sentence_of


@login_required
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """Everybody with an account, and what waits for a second person."""
    rows = accounts.list_accounts(by=officer(request))
    return render(request, "pages/people.html", {"rows": rows, "proposals": accounts.list_waiting(by=officer(request))})


@login_required
@require_safe
def list_changes(request: HttpRequest) -> HttpResponse:
    """Changes of accounts that wait for a second person, for whoever may be one."""
    return render(request, "pages/people_changes.html", {"proposals": accounts.list_waiting(by=officer(request))})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new_person(request: HttpRequest) -> HttpResponse:
    """Give somebody an account, with a password for the first sign-in."""
    require(officer(request), Deed.MANAGE_PEOPLE)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            outcome = accounts.open_account(
                given["name"],
                roles=form.chosen_roles(),
                clearance=Tlp(given["clearance"]),
                desk=given["desk"],
                full_name=given["full_name"],
                reason=given["reason"],
                by=officer(request),
            )
        except AmanaError as error:
            form.add_error(None, sentence_of(error))
        else:
            return _person(request, outcome.officer.username, outcome=outcome)
    return render(request, "pages/person_new.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_safe
def person(request: HttpRequest, name: str) -> HttpResponse:
    """One account, and what can be done with it."""
    return _person(request, name)


def _person(
    request: HttpRequest,
    name: str,
    *,
    form: RightsForm | None = None,
    outcome: accounts.Outcome | None = None,
    status: int = 200,
) -> HttpResponse:
    by = officer(request)
    require(by, Deed.MANAGE_PEOPLE)
    found = people.find_officer(name)
    initial = {"roles": found.roles, "clearance": found.clearance, "desk": found.desk}
    context = {
        "person": found,
        "factors": factors.factors_of(found),
        "seats": sessions.list_seats(found),
        "change": accounts.waiting_for(found),
        "second_person": accounts.needs_second_person(found, by=by),
        "form": form or RightsForm(initial=initial),
        "outcome": outcome,
    }
    return render(request, "pages/person.html", context, status=status)


@login_required
@require_POST
def change_rights(request: HttpRequest, name: str) -> HttpResponse:
    """Give an account other roles, another clearance or desk."""
    require(officer(request), Deed.MANAGE_PEOPLE)
    form = RightsForm(request.POST)
    if not form.is_valid():
        return _person(request, name, form=form, status=422)
    outcome = accounts.change_account(
        name,
        roles=form.chosen_roles(),
        clearance=Tlp(form.cleaned_data["clearance"]),
        desk=form.cleaned_data["desk"],
        reason=form.cleaned_data["reason"],
        by=officer(request),
    )
    return _told(request, outcome, _("Changed; it holds from this moment, and its sessions have ended."))


_ACTS: dict[str, tuple[Callable[..., accounts.Outcome], Callable[[], str]]] = {
    "close": (accounts.close_account, lambda: _("The account is closed and its sessions have ended.")),
    "reopen": (accounts.reopen_account, lambda: _("The account is open again.")),
    "reset-factor": (
        accounts.reset_factors,
        lambda: _("The second factors are taken away; the next sign-in sets up new ones."),
    ),
    "end-sessions": (accounts.end_account_sessions, lambda: _("The sessions have ended.")),
}


@login_required
@require_POST
def act_on_person(request: HttpRequest, name: str, deed: str) -> HttpResponse:
    """Close, open again, reset factors or end sessions, for a reason."""
    if deed not in _ACTS:
        raise Http404
    act, words = _ACTS[deed]
    outcome = act(name, reason=request.POST.get("reason", ""), by=officer(request))
    return _told(request, outcome, words())


@login_required
@never_cache
@require_POST
def new_password(request: HttpRequest, name: str) -> HttpResponse:
    """Make a password for one sign-in, and show it once."""
    outcome = accounts.replace_password(name, reason=request.POST.get("reason", ""), by=officer(request))
    if outcome.waiting is not None:
        return _told(request, outcome, "")
    return _person(request, name, outcome=outcome)


@login_required
@require_POST
def end_session(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """End one of an officer's sessions, for a reason."""
    reason = request.POST.get("reason", "")
    outcome = accounts.end_account_sessions(name, session=number, reason=reason, by=officer(request))
    return _told(request, outcome, _("That session has ended."))


def _told(request: HttpRequest, outcome: accounts.Outcome, words: str) -> HttpResponse:
    if outcome.waiting is not None:
        words = _("Nothing is changed yet: another officer must confirm it.")
    messages.success(request, words)
    return redirect("person", name=outcome.officer.username)


@login_required
@never_cache
@require_POST
def decide_change(request: HttpRequest, number: int, deed: str) -> HttpResponse:
    """Confirm what another officer proposed for an account, or drop it."""
    by = officer(request)
    if deed == "decline":
        accounts.decline_account_change(number, by=by)
        messages.success(request, _("The proposal is dropped; nothing was changed."))
    elif deed == "confirm":
        outcome = accounts.confirm_change(number, by=by)
        if outcome.password:
            return render(request, "pages/person_password.html", {"outcome": outcome})
        messages.success(request, _("Done, as it was proposed."))
    else:
        raise Http404
    return redirect("people-changes")
