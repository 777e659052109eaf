"""Filters and tags that the pages use: words for values, icons, direction of foreign text."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amana.domain.answers import Reason
from amana.domain.evaluation import Evaluation
from amana.services.standings import Asked, clock_in_words
from amana.web.words import word as word_of

register = template.Library()
_RTL = {"ar", "fa", "he", "ur"}


@register.filter
def word(value: object, table: str) -> str:
    """The word for a stable value: `{{ report.state|word:"state" }}`."""
    return _word(table, str(value), get_language() or "")


@lru_cache(maxsize=4096)
def _word(table: str, value: str, language: str) -> str:
    """The word in the language that is active; a page of many statements asks for few words often."""
    return word_of(table, value)


@register.simple_tag
def grade(given: Evaluation) -> SafeString:
    """A grade as a chip, its words and its day on hover."""
    return _grade(given, get_language() or "")


@lru_cache(maxsize=4096)
def _grade(given: Evaluation, language: str) -> SafeString:
    words = f"{word_of('source', given.source)} · {word_of('information', given.information)}"
    day = given.as_of.isoformat()
    return format_html('<span class="chip grade" title="{} ({})">{}</span>', words, day, given.grade)


@register.filter
def clock(asked: Asked) -> str:
    """A request's clock in words: `{{ asked|clock }}`."""
    return clock_in_words(asked)


@register.filter
def said(reason: Reason) -> str:
    """A reason's sentence in the reader's language: `{{ why|said }}`."""
    words = _(reason.sentence)
    return words % dict(reason.params) if reason.params else words


@register.filter
def tlp_class(value: object) -> str:
    """The class of a TLP marking's colour."""
    return str(value).lower().replace("tlp:", "tlp-").replace("+", "-")


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One of the bundled icons; it says nothing by itself."""
    return _icon(name, extra, static("built/sprite.svg"))


@lru_cache(maxsize=1024)
def _icon(name: str, extra: str, sprite: str) -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>', extra, sprite, name
    )


def direction_of(text: str) -> str:
    """`rtl` or `ltr` by the first letter with a direction."""
    for sign in text:
        kind = unicodedata.bidirectional(sign)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "auto"


def _has_rtl(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)


@register.simple_tag
def foreign(text: object, lang: str = "") -> SafeString:
    """A value in its own script and direction, kept apart from the text around it."""
    words = str(text)
    way = "rtl" if lang in _RTL and _has_rtl(words) else direction_of(words)
    if not lang and way == "rtl":
        lang = "ar"
    if lang and lang != "und":
        return format_html('<bdi lang="{}" dir="{}">{}</bdi>', lang, way, words)
    return format_html('<bdi dir="{}">{}</bdi>', way, words)


@register.filter
def way(lang: str) -> str:
    """The direction of a language."""
    return "rtl" if lang in _RTL else "ltr"
