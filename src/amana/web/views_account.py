"""One's own account: second factors, recovery codes, password and sessions.

Invariant: a new or removed factor and its entry in the log are one transaction, and other sessions end with it.
"""

from __future__ import annotations

import json
from typing import Any

from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amana.domain.errors import AmanaError
from amana.services import factors, sessions
from amana.services.people import choose_password
from amana.web.adapters import keys_work
from amana.web.admission import pass_second_step
from amana.web.forms_people import PasswordForm
from amana.web.limits import count_failure, too_many
from amana.web.look import officer
from amana.web.middleware import sentence_of


@login_required
@require_safe
def my_account(request: HttpRequest) -> HttpResponse:
    """One's own factors, password and sessions."""
    person = officer(request)
    context = {
        "factors": factors.factors_of(person),
        "keys_work": keys_work(request),
        "seats": sessions.list_seats(person, key=request.session.session_key),
    }
    return render(request, "pages/account.html", context)


@login_required
@require_safe
def set_up(request: HttpRequest) -> HttpResponse:
    """Choose a second factor; whoever has none reaches nothing else."""
    if factors.has_factor(officer(request)):
        return redirect("mfa_index")
    host = request.get_host()
    local = f"{request.scheme}://localhost:{host.rpartition(':')[2]}/" if host.startswith("127.0.0.1:") else ""
    return render(request, "pages/set_up.html", {"keys_work": keys_work(request), "local": local})


def _added(request: HttpRequest, kind: str) -> None:
    """A factor is there: it is logged, this session has passed, and the others end."""
    factors.note_set_up(kind, by=officer(request))
    sessions.end_other_sessions(request.session.session_key, by=officer(request))
    pass_second_step(request)


def _removed(request: HttpRequest, kind: str) -> None:
    factors.note_removed(kind, by=officer(request))
    sessions.end_other_sessions(request.session.session_key, by=officer(request))


class AddAuthenticator(ActivateTOTPView):  # type: ignore[misc]
    """Connect an authenticator app, by its first code."""

    template_name = "pages/authenticator.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, in one transaction with its entry."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            _added(self.request, "totp")
        messages.success(self.request, _("Your authenticator is set up; from now on the door asks for its code."))
        return answer


class RemoveAuthenticator(DeactivateTOTPView):  # type: ignore[misc]
    """Remove one's authenticator, where a key is left."""

    template_name = "pages/remove_factor.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, in one transaction with its entry. Raises FactorLast."""
        with transaction.atomic():
            factors.require_another(self.authenticator.pk, by=officer(self.request))
            answer: HttpResponse = super().form_valid(form)
            _removed(self.request, "totp")
        messages.success(self.request, _("Your authenticator is removed."))
        return answer


class AddKey(AddWebAuthnView):  # type: ignore[misc]
    """Connect a security key or a passkey."""

    template_name = "pages/key.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What the key is asked to sign."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found.setdefault("form", kwargs.get("form") or self.get_form())
        found["options"] = json.dumps(found["js_data"]["creation_options"])
        found["keys_work"] = keys_work(self.request)
        return found

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep it, in one transaction with its entry."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            _added(self.request, "webauthn")
        messages.success(self.request, _("Your key is set up; from now on the door takes it as the second step."))
        return answer


class RemoveKey(RemoveWebAuthnView):  # type: ignore[misc]
    """Remove one of one's keys, where another factor is left."""

    template_name = "pages/remove_factor.html"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        """Remove it, in one transaction with its entry. Raises FactorLast."""
        with transaction.atomic():
            factors.require_another(self.get_object().pk, by=officer(self.request))
            answer: HttpResponse = super().form_valid(form)
            _removed(self.request, "webauthn")
        messages.success(self.request, _("Your key is removed."))
        return answer


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    """One's recovery codes, shown once."""

    template_name = "pages/recovery_codes.html"


class NewRecoveryCodes(GenerateRecoveryCodesView):  # type: ignore[misc]
    """Make new recovery codes; the old ones are void."""

    template_name = "pages/new_codes.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Make them, in one transaction with their entry."""
        with transaction.atomic():
            answer: HttpResponse = super().form_valid(form)
            factors.note_codes_renewed(by=officer(self.request))
        return answer


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_password(request: HttpRequest) -> HttpResponse:
    """Choose another password; whoever signed in with one that somebody else chose must."""
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _changed(request, form):
        messages.success(request, _("Your password is changed; your other sessions have ended."))
        return redirect("home")
    context = {"form": form, "once": officer(request).password_once}
    return render(request, "pages/password.html", context, status=422 if form.errors else 200)


def _changed(request: HttpRequest, form: PasswordForm) -> bool:
    person, before = officer(request), request.session.session_key
    if too_many(request, person.username):
        form.add_error(None, _("Too many failed attempts. Please wait a quarter of an hour."))
        return False
    try:
        with transaction.atomic():
            changed = choose_password(form.cleaned_data["old"], form.cleaned_data["new"], by=person)
            sessions.end_other_sessions(before, by=person)
            update_session_auth_hash(request, changed)
            sessions.follow_session(before, request.session.session_key)
    except AmanaError as error:
        if error.code == "password-wrong":
            count_failure(request, person.username, step="password")
        form.add_error(None, sentence_of(error))
        return False
    return True


@login_required
@require_POST
def end_session(request: HttpRequest, number: int) -> HttpResponse:
    """End one of one's own sessions."""
    sessions.end_own_session(number, by=officer(request))
    messages.success(request, _("That session has ended."))
    return redirect("mfa_index")


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End all of one's own sessions but this one."""
    sessions.end_other_sessions(request.session.session_key, by=officer(request))
    messages.success(request, _("All your other sessions have ended."))
    return redirect("mfa_index")
