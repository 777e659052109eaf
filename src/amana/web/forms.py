"""Forms of the pages: they read what a person typed; what is allowed is decided by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.vocabulary import CrimeArea
from amana.services.reports import born_restricted
from amana.web.words import choices

_TLP = [(str(one), str(one)) for one in Tlp]


class UploadForm(forms.Form):
    """A document to be taken in."""

    template_name = "components/form.html"
    file = forms.FileField(label=_("File"))
    tlp = forms.ChoiceField(label=_("Marking"), choices=_TLP, initial=str(Tlp.AMBER_STRICT))


class MarkingForm(forms.Form):
    """Title, grade and handling of a draft. Each field says what it means where it is chosen."""

    template_name = "components/form.html"
    title = forms.CharField(label=_("Title"), max_length=1000)
    kind = forms.ChoiceField(label=_("Kind"), choices=lambda: choices("kind"))
    source = forms.ChoiceField(label=_("Source"), choices=lambda: choices("source"), initial="X")
    information = forms.ChoiceField(label=_("Information"), choices=lambda: choices("information"), initial="4")
    as_of = forms.DateField(
        label=_("Grade as of"), initial=timezone.localdate, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )
    tlp = forms.ChoiceField(label=_("Marking (TLP)"), choices=_TLP, initial=str(Tlp.AMBER_STRICT))
    codes = forms.MultipleChoiceField(
        label=_("Handling codes"),
        choices=lambda: choices("code"),
        initial=["H0"],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    recipients = forms.MultipleChoiceField(
        label=_("Releasable to"), widget=forms.CheckboxSelectMultiple, required=False, choices=[]
    )
    purposes = forms.MultipleChoiceField(
        label=_("May be used for"), choices=lambda: choices("purpose"), widget=forms.CheckboxSelectMultiple
    )
    crime_areas = forms.MultipleChoiceField(
        label=_("Crime areas"), choices=lambda: choices("crime_area"), widget=forms.CheckboxSelectMultiple
    )
    erase_by = forms.DateField(label=_("Erase by"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    caveats = forms.CharField(label=_("Caveats, one a line"), widget=forms.Textarea({"rows": 2}), required=False)

    def __init__(self, *args: Any, partners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["recipients"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = partners

    def evaluation(self) -> Evaluation:
        """The grade that was chosen."""
        given = self.cleaned_data
        return Evaluation(Source(given["source"]), Information(given["information"]), given["as_of"])

    def handling(self) -> Handling:
        """The marking that was chosen."""
        given = self.cleaned_data
        purposes = frozenset(map(Purpose, given["purposes"]))
        born = born_restricted(purposes=purposes, today=timezone.localdate())
        return Handling(
            tlp=Tlp(given["tlp"]),
            codes=frozenset(map(Code, given["codes"])),
            releasable_to=frozenset(given["recipients"]),
            purposes=purposes,
            review_by=born.review_by,
            erase_by=given["erase_by"],
            caveats=frozenset(line.strip() for line in given["caveats"].splitlines() if line.strip()),
        )

    def chosen_areas(self) -> frozenset[CrimeArea]:
        """The crime areas that were chosen."""
        return frozenset(map(CrimeArea, self.cleaned_data["crime_areas"]))
