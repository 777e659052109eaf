"""Tags of the compose page: the choices of a table, what a choice means, and where a lack is mended."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from html import escape

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from amana.domain.handling import Portion
from amana.web.words import choices
from amana.web.words_compose import EXPLAINED, mended_at

register = template.Library()


@register.filter
def explain(value: object, field: str) -> str:
    """What choosing this value of a field means: `{{ option.data.value|explain:"tlp" }}`."""
    return str(EXPLAINED.get(field, {}).get(str(value), ""))


@register.filter
def mended(code: str) -> str:
    """Where on the page a lack is mended, as an address within it."""
    return f"#{mended_at(code)}"


@register.simple_tag
def options(table: str, chosen: object) -> SafeString:
    """The choices of a table for a select, one of them chosen: `{% options "source" line.source %}`."""
    return _options(table, str(chosen), get_language() or "")


@lru_cache(maxsize=1024)
def _options(table: str, chosen: str, language: str) -> SafeString:
    """The same in the language that is active; a page with many statements asks for few of them often."""
    selected = SafeString(" selected")
    rows = ((value, selected if value == chosen else "", words) for value, words in choices(table))
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@register.simple_tag
def own_handling(field: str, portion: Portion, recipients: Sequence[tuple[str, str]], stays: str) -> SafeString:
    """The choices of one statement's own handling; `field` is the beginning of their names.

    Most statements have none, and differ in their names alone: these are written once.
    """
    if portion != Portion():
        return _own_handling(field, portion, tuple(recipients), stays)
    blank = _blank_handling(tuple(recipients), stays, get_language() or "")
    return mark_safe(blank.replace(_FIELD, escape(field)))  # the field is escaped, as the template escapes it


_FIELD = "\ue001"  # stands where the field's name will; in a recipient's name it would show that name


@lru_cache(maxsize=64)
def _blank_handling(recipients: tuple[tuple[str, str], ...], stays: str, _language: str) -> str:
    return _own_handling(_FIELD, Portion(), recipients, stays)


def _own_handling(field: str, portion: Portion, recipients: tuple[tuple[str, str], ...], stays: str) -> SafeString:
    context = {"field": field, "portion": portion, "recipients": recipients, "stays": stays}
    return mark_safe(render_to_string("components/choose_portion.html", context))  # a template's output


@register.simple_tag
def boxes(table: str, name: str, chosen: Collection[str]) -> SafeString:
    """The choices of a table as boxes of one name, some of them ticked: `{% boxes "code" name portion.codes %}`."""
    ticked = SafeString(" checked")
    rows = ((name, value, ticked if value in chosen else "", words) for value, words in choices(table))
    return format_html_join("", '<label><input type="checkbox" name="{}" value="{}"{}>{}</label>', rows)
