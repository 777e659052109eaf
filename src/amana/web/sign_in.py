"""Signing in and out, with a limit on failures by name and by address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from amana.services.people import User, note_sign_in
from amana.services.rights import Deed, may
from amana.web.look import officer

MOST_FAILURES = 5
FORGET_AFTER_S = 15 * 60


class SignInForm(AuthenticationForm):
    """Name and password; after five failures it waits a quarter of an hour."""

    error_messages = {  # noqa: RUF012 -- Django declares it an instance's
        "invalid_login": _("Name and password do not belong together. Nothing was changed; please try again."),
        "inactive": _("This account is closed."),
    }

    def clean(self) -> dict[str, Any]:
        """Check, and count failures by name and by address."""
        keys = self._keys()
        if any(cache.get(key, 0) >= MOST_FAILURES for key in keys):
            raise forms.ValidationError(_("Too many failed attempts. Please wait a quarter of an hour."))
        try:
            cleaned = super().clean()
        except forms.ValidationError:
            for key in keys:
                cache.add(key, 0, FORGET_AFTER_S)
                cache.incr(key)
            raise
        for key in keys:
            cache.delete(key)
        return cleaned

    def _keys(self) -> list[str]:
        address = self.request.META.get("REMOTE_ADDR", "") if self.request is not None else ""
        name = "".join(sign for sign in str(self.cleaned_data.get("username", "")).casefold() if sign.isalnum())
        return [f"failed-name-{name}", f"failed-address-{address}"]


class SignIn(LoginView):
    """The first page of the people's door."""

    template_name = "pages/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponseRedirect:
        """Let the person in; the log says so."""
        answer = super().form_valid(form)
        user = form.get_user()
        assert isinstance(user, User)
        note_sign_in(by=user)
        if user.language:
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Strict", httponly=True)
        return answer  # type: ignore[return-value]


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Where each role begins."""
    person = officer(request)
    if may(person, Deed.READ):
        return redirect("desk")
    if may(person, Deed.INSPECT):
        return redirect("oversight")
    return redirect("log" if may(person, Deed.OVERSEE) else "partners")
