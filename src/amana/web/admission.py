"""Who may pass the door: every address is shut but to people who came in through both steps.

Invariant: what is not named here is reached only with a listed session, a password of one's own and a second factor
that was asked for in this very session. A page added later is shut without anybody thinking of it.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django_htmx.http import HttpResponseClientRedirect

from amana.services.sessions import stand
from amana.web.look import officer

PASSED = "second-factor"


class Admission(Enum):
    """How far somebody has come."""

    OUTSIDE = "outside"
    PASSWORD_DUE = "password-due"  # noqa: S105 -- a word for the step
    FACTOR_DUE = "factor-due"
    IN = "in"


_OUTSIDE = frozenset({"sign-in", "account_login", "mfa_authenticate", "language"})
_PASSWORD_DUE = _OUTSIDE | {"own-password", "sign-out"}
_FACTOR_DUE = _OUTSIDE | {
    "second-factor",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "account_reauthenticate",
    "sign-out",
}
REACHES = {
    Admission.OUTSIDE: _OUTSIDE,
    Admission.PASSWORD_DUE: _PASSWORD_DUE,
    Admission.FACTOR_DUE: _FACTOR_DUE,
}
_NEXT = {Admission.PASSWORD_DUE: "own-password", Admission.FACTOR_DUE: "second-factor"}


def admission(request: HttpRequest) -> Admission:
    """How far the person behind a request has come; the middleware found out."""
    found = getattr(request, "admission", Admission.OUTSIDE)
    assert isinstance(found, Admission)
    return found


def pass_second_step(request: HttpRequest) -> None:
    """This session's person has shown a second factor, or has just set up their first."""
    request.session[PASSED] = officer(request).pk
    request.admission = Admission.IN  # type: ignore[attr-defined]


class OnlyAdmitted:
    """Let a request go where its person has come, and nowhere else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Find out how far the person has come, then answer."""
        request.admission = self._find(request)  # type: ignore[attr-defined]
        return self.get_response(request)

    def _find(self, request: HttpRequest) -> Admission:
        if not request.user.is_authenticated:
            return Admission.OUTSIDE
        person = officer(request)
        standing = stand(request.session.session_key, person)
        passed = request.session.get(PASSED) == person.pk
        if not standing.listed or passed != standing.has_factor:
            logout(request)
            return Admission.OUTSIDE
        if person.password_once:
            return Admission.PASSWORD_DUE
        return Admission.IN if passed else Admission.FACTOR_DUE

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Send whoever may not go there to the step that is theirs."""
        found = admission(request)
        name = request.resolver_match.view_name if request.resolver_match else ""
        if found is Admission.IN or name in REACHES[found]:
            return None
        if found is Admission.OUTSIDE:
            there = redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
        else:
            there = redirect(_NEXT[found])
        htmx = request.headers.get("HX-Request") == "true"
        return HttpResponseClientRedirect(resolve_url(settings.LOGIN_URL)) if htmx else there
