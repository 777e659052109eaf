"""Lists of choices come out as Django's own templates write them."""

from __future__ import annotations

import re

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from amana.web.widgets import Renderer

HOSTILE = "\"><script>alert('x')</script>&amp;"


def flat(html: str) -> str:
    return re.sub(r"\s*\n\s*", "", html)


@pytest.mark.parametrize(
    ("choices", "value", "attrs"),
    [
        ([], "", {}),
        ([("", "–"), ("a", "A"), ("b", gettext_lazy("Desk"))], "b", {"class": "narrow", "required": True}),
        ([(1, "one"), (2, "two")], 2, {"disabled": False, "data-x": 5}),
        ([("Group", [("a", "A")]), (HOSTILE, [(HOSTILE, HOSTILE)])], HOSTILE, {"title": HOSTILE}),
        ([("a", mark_safe("<b>A</b>"))], "a", {"id": "id_x"}),
        ([(None, "nothing"), (True, "yes")], None, {"multiple": True}),
    ],
)
@pytest.mark.parametrize("kind", [forms.Select, forms.SelectMultiple])
def test_a_list_of_choices_is_written_as_django_writes_it(
    kind: type[forms.Select], choices: list[object], value: object, attrs: dict[str, object]
) -> None:
    widget = kind(attrs=attrs, choices=choices)  # type: ignore[arg-type]
    given = [value] if kind is forms.SelectMultiple else value
    ours, theirs = (widget.render("a<name", given, renderer=one) for one in (Renderer(), DjangoTemplates()))
    assert flat(ours) == flat(theirs)


def test_it_is_the_one_that_the_pages_use() -> None:
    assert isinstance(forms.renderers.get_default_renderer(), Renderer)
