"""The form of a blind question about one subject."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from amana.domain.vocabulary import Category, CrimeArea
from amana.services.blind_subjects import KINDS, Asked, asked_of
from amana.services.matching import Subject
from amana.web.words import choices

NUMBER_KINDS = [
    ("passport", _("Passport")),
    ("phone", _("Phone")),
    ("iban", "IBAN"),
    ("imo", "IMO"),
    ("container", _("Container")),
    ("registration", _("Registration number")),
]
_AUTO = forms.TextInput({"dir": "auto", "autocomplete": "off"})


class BlindForm(forms.Form):
    """Whom to ask about, which partner, for which case and on which ground. What can be compared, the services say."""

    template_name = "components/form.html"
    partner = forms.ChoiceField(label=_("Partner"), choices=[])
    case = forms.CharField(label=_("Case"), max_length=200, help_text=_("The partner reads it."))
    ground = forms.CharField(
        label=_("Legal ground"), max_length=2000, help_text=_("The partner and the overseer read it.")
    )
    name = forms.CharField(label=_("Name"), max_length=1000, required=False, widget=_AUTO)
    category = forms.ChoiceField(
        label=_("What the person is"),
        required=False,
        choices=lambda: [("", "–"), *(one for one in choices("category") if one[0] != Category.UNKNOWN)],
    )
    born = forms.CharField(
        label=_("Born"), max_length=10, required=False, help_text=_("As exact as known: 1980, 1980-05 or 1980-05-17.")
    )
    kind = forms.ChoiceField(
        label=_("Kind of number"), required=False, choices=[one for one in NUMBER_KINDS if one[0] in KINDS]
    )
    number = forms.CharField(label=_("Number"), max_length=64, required=False, widget=_AUTO)

    def __init__(self, *args: Any, partners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = partners

    def asked(self) -> Asked:
        """The subject as it was typed."""
        given = self.cleaned_data
        subject = Subject(
            names=(given["name"],) if given["name"] else (),
            birth_dates=(given["born"],) if given["born"] else (),
            identifiers=((given["kind"], given["number"]),) if given["number"] else (),
        )
        category = Category(given["category"]) if given["category"] else None
        return asked_of(subject, category, label=given["name"] or given["number"])


class HitForm(forms.Form):
    """The crime area under which a hit is asked about."""

    template_name = "components/form.html"
    crime_area = forms.ChoiceField(label=_("Crime area"), choices=lambda: choices("crime_area"))

    def area(self) -> CrimeArea:
        """What was chosen."""
        return CrimeArea(self.cleaned_data["crime_area"])
