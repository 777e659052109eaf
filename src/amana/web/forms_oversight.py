"""Forms of the overseer's room: they read what a person typed; what is allowed is decided by the services."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from amana.services.log_reading import Wanted
from amana.web.words import choices

_FEW_LINES = forms.Textarea({"rows": 3, "dir": "auto"})
_ANY = ("", _("any"))


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **more)


class LogForm(forms.Form):
    """What to look for in the log."""

    template_name = "components/form.html"
    act = forms.ChoiceField(label=_("Act"), choices=lambda: [_ANY, *choices("act")], required=False)
    officer = forms.CharField(label=_("Officer"), max_length=150, required=False)
    report = forms.CharField(label=_("Number of a report"), max_length=36, required=False)
    first = _day(_("From"), required=False)
    last = _day(_("To"), required=False)

    def wanted(self) -> Wanted:
        """What was asked for."""
        return Wanted(**self.cleaned_data)


class DrawForm(forms.Form):
    """A draw at random."""

    template_name = "components/form.html"
    what = forms.ChoiceField(label=_("Draw from"), choices=lambda: choices("check_kind"))
    wanted = forms.IntegerField(label=_("How many"), min_value=1, max_value=200, initial=10)
    number = forms.CharField(
        label=_("A number of your own"),
        max_length=100,
        help_text=_(
            "Any digits or words nobody could know before, as of a dice; with them anybody draws the same again."
        ),
    )


class AccessForm(forms.Form):
    """Who asks for access, and how the identity was checked."""

    template_name = "components/form.html"
    name = forms.CharField(label=_("Name of who asks"), max_length=300, widget=forms.TextInput({"dir": "auto"}))
    born = _day(_("Date of birth, if known"), required=False)
    asked_on = _day(_("Received on"), initial=timezone.localdate)
    identity = forms.CharField(label=_("How the identity was checked"), max_length=300)

    def values(self) -> dict[str, Any]:
        """What was written down."""
        given = self.cleaned_data
        return given | {"born": given["born"].isoformat() if given["born"] else ""}


class DecisionForm(forms.Form):
    """A decision on a request for access."""

    template_name = "components/form.html"
    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=lambda: [("", _("choose")), *(one for one in choices("access_outcome") if one[0])],
    )
    ground = forms.ChoiceField(
        label=_("Ground of a refusal, whole or in part"),
        choices=lambda: [("", _("none")), *choices("access_ground")],
        required=False,
    )
    reason = forms.CharField(label=_("Reason"), widget=_FEW_LINES, max_length=5000)


class OrderForm(forms.Form):
    """An order; of what it is about, only one field is filled in."""

    template_name = "components/form.html"
    what = forms.ChoiceField(label=_("Order"), choices=lambda: choices("order"))
    report = forms.UUIDField(label=_("Number of the report"), required=False)
    partner = forms.ChoiceField(label=_("Or a partner"), required=False, choices=[])
    node = forms.BooleanField(label=_("Or all disclosures of this node"), required=False)
    ground = forms.ChoiceField(label=_("Legal ground"), choices=lambda: choices("order_ground"))
    addressee = forms.CharField(label=_("Addressee"), max_length=200)
    reason = forms.CharField(label=_("Reason"), widget=_FEW_LINES, max_length=5000)

    def __init__(self, *args: Any, partners: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["partner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("none")), *partners]

    def clean(self) -> dict[str, Any]:
        """One thing only; erasing and restricting need a report."""
        given = super().clean() or {}
        about = [name for name in ("report", "partner", "node") if given.get(name)]
        if len(about) != 1 or (given.get("what") != "stop" and about != ["report"]):
            raise forms.ValidationError(
                _("Say what it is about: a report or, for a stop, a report, a partner or the whole node; only one.")
            )
        return given


class MandateForm(forms.Form):
    """A mandate for an overseer."""

    template_name = "components/form.html"
    name = forms.CharField(label=_("Overseer"), max_length=150)
    ground = forms.CharField(label=_("Legal ground"), max_length=2000)
    until = _day(_("Until"))


class PeriodForm(forms.Form):
    """A period of days."""

    template_name = "components/form.html"
    first = _day(_("From"))
    last = _day(_("To"))


def last_quarter(today: date) -> dict[str, date]:
    """The usual period: the ninety days up to today."""
    return {"first": today - timedelta(days=90), "last": today}
