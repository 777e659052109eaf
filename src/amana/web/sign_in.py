"""The door: name and password, then the second step; asking again before what is delicate; and signing out."""

from __future__ import annotations

import json
from typing import Any

from allauth.account.adapter import get_adapter as account_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from allauth.account.views import LoginView, ReauthenticateView
from allauth.core import context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm
from django import forms
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from amana.services.factors import factors_of
from amana.services.rights import Deed, may
from amana.services.sessions import leave
from amana.web.adapters import keys_work
from amana.web.limits import count_failure, too_many
from amana.web.look import officer


class SignInForm(LoginForm):  # type: ignore[misc]
    """Name and password; the adapter checks them and keeps the limit."""


class AgainForm(ReauthenticateForm):  # type: ignore[misc]
    """One's own password, once more."""


class _Limited(forms.Form):
    """A second step under the same limit as the first."""

    user: Any

    def _checked(self, clean: Any, step: str) -> Any:
        adapter, name = account_adapter(), self.user.username
        if too_many(context.request, name):
            raise adapter.validation_error("too_many_login_attempts")
        try:
            return clean()
        except forms.ValidationError:
            count_failure(context.request, name, step=step)
            raise


class CodeForm(AuthenticateForm, _Limited):  # type: ignore[misc]
    """A code of the authenticator, or a recovery code."""

    def clean_code(self) -> str:
        """Check the code, and count a wrong one."""
        code: str = self._checked(super().clean_code, "second step")
        return code


class KeyForm(AuthenticateWebAuthnForm, _Limited):  # type: ignore[misc]
    """What a security key answered."""

    def clean_credential(self) -> Any:
        """Check the answer, and count a wrong one."""
        return self._checked(super().clean_credential, "security key")


class SignIn(LoginView):  # type: ignore[misc]
    """The first page of the people's door."""

    template_name = "pages/sign_in.html"


class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The second page: a code, or a security key."""

    template_name = "pages/second_step.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """What this person has to show, and what their key is asked."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        kinds = {one.kind for one in factors_of(self.stage.login.user)}
        found["takes_code"] = "totp" in kinds
        found["takes_key"] = "webauthn" in kinds
        found["keys_work"] = keys_work(self.request)
        found["options"] = json.dumps(found["js_data"]["request_options"])
        return found


class AskAgain(ReauthenticateView):  # type: ignore[misc]
    """The password once more, before factors are changed."""

    template_name = "pages/again.html"


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.user.is_authenticated:
        leave(request.session.session_key, by=officer(request))
    logout(request)
    return redirect("sign-in")


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where each role begins."""
    person = officer(request)
    if may(person, Deed.READ):
        return redirect("inbox")
    return redirect("log" if may(person, Deed.OVERSEE) else "partners")
