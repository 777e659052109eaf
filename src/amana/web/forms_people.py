"""Forms of one's own account and of the administration of people."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.web.words import choices

_TLP = [(str(one), str(one)) for one in Tlp]


class TotpForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code of a new authenticator."""


class AddKeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A new security key, and what its owner calls it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].max_length = 60
        self.fields["name"].label = _("What you call it")


class PasswordForm(forms.Form):
    """The present password and another, twice."""

    template_name = "components/form.html"
    old = forms.CharField(
        label=_("Present password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password", "dir": "ltr"}),
    )
    new = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "dir": "ltr"}),
        help_text=_("At least 12 characters, not common and not like your name."),
    )
    again = forms.CharField(
        label=_("The new password again"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password", "dir": "ltr"}),
    )

    def clean(self) -> dict[str, Any]:
        """Both new passwords are the same."""
        given = super().clean() or {}
        if given.get("new") != given.get("again"):
            self.add_error("again", _("The two new passwords differ."))
        return given


class RightsForm(forms.Form):
    """What an account may: roles, clearance, desk; and why."""

    template_name = "components/form.html"
    roles = forms.MultipleChoiceField(
        label=_("Roles"), choices=lambda: choices("role"), widget=forms.CheckboxSelectMultiple
    )
    clearance = forms.ChoiceField(label=_("Cleared to"), choices=_TLP, initial=str(Tlp.AMBER_STRICT))
    desk = forms.CharField(label=_("Desk"), max_length=100, required=False)
    reason = forms.CharField(
        label=_("Reason"), max_length=2000, help_text=_("It stands in the log; the overseer reads it.")
    )

    def chosen_roles(self) -> list[Role]:
        """The roles that were chosen."""
        return [Role(one) for one in self.cleaned_data["roles"]]


class PersonForm(RightsForm):
    """A new account."""

    name = forms.CharField(
        label=_("Name to sign in with"),
        max_length=40,
        widget=forms.TextInput({"dir": "ltr", "autocomplete": "off", "autocapitalize": "none"}),
    )
    full_name = forms.CharField(label=_("Full name"), max_length=150)
    field_order = ("name", "full_name", "roles", "clearance", "desk", "reason")
