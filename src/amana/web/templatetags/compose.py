"""Filters of the compose page: what a choice means, and where a lack is mended."""

from __future__ import annotations

from django import template

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
