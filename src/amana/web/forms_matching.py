"""The form of a search for a subject across spellings and scripts."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from amana.services.matching import Subject

NUMBER_KINDS = [
    ("passport", _("Passport")),
    ("phone", _("Phone")),
    ("iban", "IBAN"),
    ("imo", "IMO"),
    ("container", _("Container")),
    ("registration", _("Registration number")),
]
_AUTO = forms.TextInput({"dir": "auto", "autocomplete": "off"})


class MatchForm(forms.Form):
    """A name, and what else is known; each part may be empty, but not name and number both."""

    template_name = "components/form.html"
    name = forms.CharField(
        label=_("Name"), max_length=1000, required=False, widget=_AUTO, help_text=_("In any spelling and script.")
    )
    birth = forms.RegexField(
        r"\A\d{4}(-\d{2}(-\d{2})?)?\Z",
        label=_("Born"),
        required=False,
        help_text=_("As exact as known: 1980, 1980-05 or 1980-05-17."),
    )
    country = forms.RegexField(
        r"\A[A-Za-z]{2}\Z", label=_("Country"), required=False, help_text=_("Two letters, such as ma.")
    )
    kind = forms.ChoiceField(
        label=_("Kind of number"),
        required=False,
        choices=NUMBER_KINDS,
    )
    number = forms.CharField(label=_("Number"), max_length=200, required=False, widget=_AUTO)

    def clean(self) -> dict[str, object]:
        """Refuse an empty search."""
        given = super().clean() or {}
        if not given.get("name") and not given.get("number"):
            raise forms.ValidationError(_("Give a name or a number."))
        return given

    def subject(self) -> Subject:
        """What was asked."""
        given = self.cleaned_data
        return Subject(
            names=(given["name"],) if given["name"] else (),
            birth_dates=(given["birth"],) if given["birth"] else (),
            countries=(given["country"].lower(),) if given["country"] else (),
            identifiers=((given["kind"], given["number"]),) if given["number"] else (),
        )
