"""Forms of asking and answering: they read what a person typed; what is allowed is decided by the services."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amana.domain.errors import AmanaError
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Purpose
from amana.domain.request import LONGEST_EXTENSION_HOURS, Access, Question, Urgency
from amana.domain.vocabulary import Category, clean
from amana.web.forms import MarkingForm
from amana.web.middleware import sentence_of
from amana.web.words import choices

_FEW_LINES = forms.Textarea({"rows": 3})
_ONE_A_LINE = forms.Textarea({"rows": 2, "dir": "auto"})


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _numbers(text: str) -> list[UUID]:
    try:
        return [UUID(line) for line in _lines(text)]
    except ValueError as error:
        raise forms.ValidationError(_("Each line holds the number of one report of ours.")) from error


class AnswerForm(forms.Form):
    """What every answer says: words that the partner reads."""

    template_name = "components/form.html"
    text = forms.CharField(label=_("What the partner will read"), widget=_FEW_LINES, max_length=100_000)
    partner = forms.CharField(widget=forms.HiddenInput, required=False)


class ReplyForm(AnswerForm):
    """A reply in words, with the statements of reports of ours, or both."""

    field_order = ("full", "text", "sources")
    full = forms.ChoiceField(label=_("How much is answered?"), choices=lambda: choices("reply"))
    sources = forms.CharField(
        label=_("Answer with the statements of these reports of ours, one number a line"),
        widget=_ONE_A_LINE,
        required=False,
    )

    def clean_sources(self) -> list[UUID]:
        """The numbers of the reports."""
        return _numbers(self.cleaned_data["sources"])


class RefusalForm(AnswerForm):
    """A refusal on one ground of the closed list."""

    field_order = ("ground", "text")
    ground = forms.ChoiceField(label=_("The ground"), choices=lambda: choices("ground"))


class ExtensionForm(AnswerForm):
    """Notice that the clock stops for a judicial authorisation."""

    field_order = ("hours", "text")
    hours = forms.IntegerField(
        label=_("For how many hours the clock stops"), min_value=1, max_value=LONGEST_EXTENSION_HOURS
    )


class AskForm(MarkingForm):
    """A request: what is asked, about whom and what, why the partner is believed to hold it, and how urgent it is."""

    field_order = (
        "title", "text", "people", "things", "sources", "grounds", "urgency", "urgency_reason", "access", "recipients",
        "crime_areas", "purposes", "tlp", "codes", "erase_by", "caveats",
    )  # fmt: skip
    text = forms.CharField(label=_("What is asked"), widget=_FEW_LINES, max_length=100_000)
    people = forms.CharField(
        label=_("People asked about, one a line, such as Karim Belkadi = suspect"), widget=_ONE_A_LINE, required=False
    )
    things = forms.CharField(
        label=_("Things asked about, one a line, such as Phone:number = +212661234567"),
        widget=_ONE_A_LINE,
        required=False,
    )
    sources = forms.CharField(
        label=_("Ask about the entities of these reports of ours, one number a line"),
        widget=_ONE_A_LINE,
        required=False,
    )
    grounds = forms.CharField(label=_("Why the partner is believed to hold it"), widget=_FEW_LINES)
    urgency = forms.ChoiceField(label=_("Urgency"), choices=lambda: choices("urgency"))
    urgency_reason = forms.CharField(label=_("Why that reason of urgency applies here"), required=False)
    access = forms.ChoiceField(label=_("How the partner reaches it"), choices=lambda: choices("access"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("kind", "source", "information", "as_of"):
            del self.fields[name]

    @staticmethod
    def usual(purpose: Purpose, *, report: str) -> dict[str, object]:
        """How the form stands at first."""
        return {"purposes": [str(purpose)], "erase_by": timezone.localdate() + timedelta(days=365), "sources": report}

    def clean_people(self) -> list[tuple[str, Category]]:
        """Names with what each person is."""
        found = []
        for line in _lines(self.cleaned_data["people"]):
            name, equals, category = (part.strip() for part in line.rpartition("="))
            if not equals or not name or category not in set(Category):
                known = ", ".join(sorted(Category))
                raise forms.ValidationError(
                    _("After the name and “=” stands one of: %(known)s."), params={"known": known}
                )
            found.append((name, Category(category)))
        return found

    def clean_things(self) -> list[tuple[str, str, str]]:
        """Kind, property and value of each thing."""
        found = []
        for line in _lines(self.cleaned_data["things"]):
            kind, _equals, value = (part.strip() for part in line.partition("="))
            schema, _colon, name = kind.partition(":")
            try:
                found.append((schema, name, clean(schema, name, value)))
            except AmanaError as error:
                raise forms.ValidationError(sentence_of(error)) from error
        return found

    def clean_sources(self) -> list[UUID]:
        """The numbers of the reports."""
        return _numbers(self.cleaned_data["sources"])

    def clean(self) -> dict[str, Any]:
        """Urgency and its reason go together."""
        given = super().clean() or self.cleaned_data
        try:
            given["question"] = Question(
                grounds=given.get("grounds", ""),
                urgency=Urgency(given.get("urgency", "")),
                urgency_reason=given.get("urgency_reason", ""),
                access=Access(given.get("access", "")),
            )
        except AmanaError as error:
            self.add_error("urgency_reason", sentence_of(error))
        return given

    def evaluation(self) -> Evaluation:
        """A question vouches for nothing: it cannot be assessed."""
        return Evaluation(Source.UNKNOWN, Information.UNKNOWN, timezone.localdate())
