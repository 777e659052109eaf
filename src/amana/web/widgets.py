"""How Django's forms are written: as its own templates do, but a list of choices at once and not choice by choice.

Django fills a template for each choice and another for its attributes; a page of questions has hundreds of choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

SELECT = "django/forms/widgets/select.html"


class Renderer(DjangoTemplates):
    """The renderer of `FORM_RENDERER`."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None
    ) -> SafeString | str:
        """What a template gives; of a list of choices the same, quicker."""
        if template_name == SELECT:
            return mark_safe("".join(_select(context["widget"])))  # each value is escaped
        return super().render(template_name, dict(context), request)


def _select(widget: Mapping[str, Any]) -> Iterator[str]:
    yield f'<select name="{escape(widget["name"])}"{_attributes(widget["attrs"])}>'
    for group, choices, _index in widget["optgroups"]:
        if group:
            yield f'<optgroup label="{conditional_escape(group)}">'
        for choice in choices:
            yield f'<option value="{escape(str(choice["value"]))}"{_attributes(choice["attrs"])}>'
            yield f"{conditional_escape(choice['label'])}</option>"
        if group:
            yield "</optgroup>"
    yield "</select>"


def _attributes(given: Mapping[str, Any]) -> str:
    """What is true stands alone, what is false does not stand at all."""
    return "".join(
        f" {name}" if value is True else f' {name}="{escape(str(value))}"'
        for name, value in given.items()
        if value is not False
    )
