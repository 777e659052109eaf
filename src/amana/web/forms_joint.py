"""The form of a task of a case: what, who by node and person, and by when."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class TaskForm(forms.Form):
    """Something that somebody is to do."""

    template_name = "components/form.html"
    what = forms.CharField(label=_("What is to be done"), max_length=1000, widget=forms.TextInput({"dir": "auto"}))
    node = forms.ChoiceField(label=_("Which node owes it"), choices=[])
    person = forms.CharField(label=_("Who there"), max_length=200, widget=forms.TextInput({"dir": "auto"}))
    due = forms.DateField(label=_("By when"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, *args: Any, nodes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["node"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = nodes
