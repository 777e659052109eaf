"""The forms of the entities' room: a search across spellings and scripts, and a judgement with its reason."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from amana.domain.judgement import Verdict
from amana.services.entities import Asked
from amana.web.words import choices

_TYPED = {"dir": "auto", "autocomplete": "off"}


class SearchForm(forms.Form):
    """A name or a number, and what else is known; nothing at all asks for the newest."""

    template_name = "components/form.html"
    q = forms.CharField(
        label=_("Name or number"),
        max_length=300,
        required=False,
        widget=forms.TextInput(_TYPED | {"type": "search", "autofocus": True, "spellcheck": "false"}),
        help_text=_("In any spelling and script; or a phone, plate, IMO, account, container or document number."),
    )
    group = forms.ChoiceField(label=_("Kind"), required=False, choices=lambda: [("", _("Any")), *choices("group")])
    birth = forms.RegexField(
        r"\A\d{4}(-\d{2}(-\d{2})?)?\Z",
        label=_("Born"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "1980-05-17"}),
        help_text=_("As exact as known: 1980, 1980-05 or 1980-05-17."),
    )
    country = forms.RegexField(
        r"\A[A-Za-z]{2}\Z",
        label=_("Country"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "placeholder": "ma"}),
        help_text=_("Two letters, such as ma."),
    )
    page = forms.IntegerField(required=False, min_value=1, max_value=1000, widget=forms.HiddenInput)
    beside = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)

    def asked(self) -> Asked:
        """What was asked."""
        given = self.cleaned_data
        return Asked(
            words=given["q"].strip(),
            births=(given["birth"],) if given["birth"] else (),
            countries=(given["country"].lower(),) if given["country"] else (),
            group=given["group"],
        )


class JudgementForm(forms.Form):
    """A decision on two entities."""

    verdict = forms.ChoiceField(choices=[(str(one), str(one)) for one in Verdict])
    reason = forms.CharField(max_length=2000)
