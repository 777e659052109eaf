"""How allauth is fitted into this house: its doors shut, its secrets locked, its steps limited and logged.

Invariant: nobody signs up, nothing is mailed, and nobody comes in without an entry in the log.
"""

from __future__ import annotations

from ipaddress import ip_address
from time import time
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amana.services.factor_key import lock_secret, unlock_secret
from amana.services.factors import is_last, note_code_used
from amana.services.keys import own_card
from amana.services.people import User, note_sign_in
from amana.web.admission import pass_second_step
from amana.web.limits import count_failure, forget_failures, too_many

FRESH_S = 300


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Name and password, the limit on both steps, and the entry in the log."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _(
            "Name and password do not belong together. Nothing was changed; please try again."
        ),
        "incorrect_password": _("This is not your password. Nothing was changed; please try again."),
        "too_many_login_attempts": _("Too many failed attempts. Please wait a quarter of an hour."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are given, never taken."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Nothing is mailed from a node."""

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **kwargs: Any
    ) -> None:
        """Our pages say what happened, in their own words."""

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse to look while the name or the address has to wait."""
        if too_many(request, str(credentials.get("username", ""))):
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count a wrong password."""
        count_failure(request, str(credentials.get("username", "")), step="password")

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Ask for the password again, unless it was given at the door a moment ago."""
        given = [
            one["at"]
            for one in get_authentication_records(context.request, context.request.user)
            if one.get("method") == "password"
        ]
        return not given or time() - given[-1] >= FRESH_S

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """A closed account stands before the door like one that is not there."""
        return redirect("sign-in")

    def login(self, request: HttpRequest, user: User) -> None:
        """Let a person in after all steps; the log says so, and by which factor."""
        user.refresh_from_db()
        if not user.is_active:
            raise ImmediateHttpResponse(redirect("sign-in"))
        records = [one for one in get_authentication_records(request, user) if one.get("method") == "mfa"]
        factor = str(records[-1].get("type", "")) if records else ""
        with transaction.atomic():
            super().login(request, user)
            note_sign_in(factor=factor, by=user)
            if factor == "recovery_codes":
                note_code_used(by=user)
        if factor:
            pass_second_step(request)
        forget_failures(request, user.username)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Go on in the person's language."""
        answer: HttpResponse = super().post_login(request, user, **kwargs)
        if user.language:
            answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, samesite="Strict", httponly=True)
        return answer


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors under the node's key; names that an authenticator shows."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or was used already. Please wait for the next one and try again."),
    }

    def encrypt(self, text: str) -> str:
        """Lock a secret before it is stored."""
        return lock_secret(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Read a secret for a check."""
        return unlock_secret(encrypted_text)

    def can_delete_authenticator(self, authenticator: Any) -> bool:
        """Nobody is left without a factor."""
        return not is_last(authenticator.user, authenticator.pk)

    def get_totp_issuer(self) -> str:
        """What an authenticator app shows above the code."""
        return f"Amana {own_card().node}"

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        """What a key is called that its owner gave no name."""
        return gettext("Security key")

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """For whom a key signs: the host in the address, one of the node's allowed hosts."""
        return {"id": host_of(context.request), "name": f"Amana {own_card().agency}"}


def host_of(request: HttpRequest) -> str:
    """The host in a request's address, checked against the node's allowed hosts, without its port."""
    host = request.get_host()
    return host[: host.rindex("]") + 1] if host.startswith("[") else host.partition(":")[0]


def keys_work(request: HttpRequest) -> bool:
    """Whether a browser lets a security key sign here: under a name, over HTTPS or on this machine itself."""
    host = host_of(request)
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return request.is_secure() or host == "localhost" or host.endswith(".localhost")
    return False
