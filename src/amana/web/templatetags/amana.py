"""Filters and tags that the pages use: words for values, icons, direction of foreign text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django import template
from django.conf import settings
from django.template.base import Parser, Token
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from amana.domain.answers import Reason
from amana.domain.evaluation import Evaluation
from amana.domain.statement import Statement
from amana.services.partners import countries
from amana.services.standings import Asked, clock_in_words
from amana.web.words import word as word_of
from amana.web.zones import zone_of

register = template.Library()
_RTL = {"ar", "fa", "he", "ur"}


class _Address(URLNode):
    """Django's tag for an address, kept once it was made: a page has hundreds, and the same ones come again."""

    def render(self, context: template.Context) -> SafeString:
        """The address, escaped."""
        args = tuple(one.resolve(context) for one in self.args)
        return _address(settings.ROOT_URLCONF, self.view_name.resolve(context), args)


@register.tag(name="url")
def url(parser: Parser, token: Token) -> URLNode:
    """As Django's `{% url %}`, in all its forms."""
    found: URLNode = django_url(parser, token)
    return found if found.kwargs or found.asvar else _Address(found.view_name, found.args, {}, None)


@lru_cache(maxsize=8192)
def _address(_addresses: str, name: str, args: tuple[Any, ...]) -> SafeString:
    return mark_safe(escape(reverse(name, args=args)))


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


@register.filter
def in_order(words: Iterable[str]) -> list[str]:
    """A set's words in order: `{{ nodes|in_order|join:", " }}`."""
    return sorted(words)


@register.filter
def at(table: Mapping[Any, Any], key: object) -> object:
    """What stands under a key: `{{ leads|at:row.pk }}`; nothing where there is none."""
    return table.get(key)


@register.simple_tag(takes_context=True)
def moment(
    context: template.Context, when: datetime | None, form: str = "SHORT_DATETIME_FORMAT", partner: str = ""
) -> str:
    """An instant in the reader's language and zone; on hover to the second, with the partner's clock beside it."""
    if when is None:
        return "–"
    country = _countries(context).get(partner, "") if partner else ""
    return _moment(when, form, country, timezone.get_current_timezone(), get_language() or "")


@lru_cache(maxsize=4096)
def _moment(when: datetime, form: str, country: str, zone: tzinfo, language: str) -> SafeString:
    """The instant as it is written there and in the language that is active; pages show the same instants again."""
    here = when.astimezone(zone)
    exact = [f"{date_format(here, 'DATE_FORMAT')}, {here:%H:%M:%S} ({timezone.get_current_timezone_name()})"]
    there = zone_of(country)
    if there is not None and there.key != timezone.get_current_timezone_name():
        theirs = when.astimezone(there)
        exact.append(f"{date_format(theirs, 'SHORT_DATE_FORMAT')}, {theirs:%H:%M} ({there.key})")
    words = date_format(here, form)
    return format_html('<time datetime="{}" title="{}">{}</time>', here.isoformat(), " · ".join(exact), words)


def _countries(context: template.Context) -> dict[str, str]:
    """The partners' countries, asked for once a page."""
    request = context.get("request")
    if request is None:
        return countries()
    if not hasattr(request, "partner_countries"):
        request.partner_countries = countries()
    found: dict[str, str] = request.partner_countries
    return found


@register.simple_tag
def day(when: date | None) -> str:
    """A day in the reader's language, and how far it is: “9 Jan 2027, in 3 days”."""
    if when is None:
        return "–"
    days = (when - timezone.localdate()).days
    words = date_format(when, "SHORT_DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time> · {}', when.isoformat(), words, _far(days))


def _far(days: int) -> str:
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("overdue by %(number)s day", "overdue by %(number)s days", -days) % {"number": -days}
    return ngettext("in %(number)s day", "in %(number)s days", days) % {"number": days}


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """One of the bundled icons; it says nothing by itself."""
    return _icon(name, extra)


@lru_cache(maxsize=1024)
def _icon(name: str, extra: str = "") -> SafeString:
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        extra,
        static("built/sprite.svg"),
        name,
    )


@register.simple_tag
def evidence_link(report: UUID, version: int, statement: str) -> str:
    """Opens the evidence behind a statement in the drawer, or as a page; nothing where no address can be made of it."""
    return mark_safe(_evidence_link(report, version, statement, get_language() or ""))  # escaped there


def _evidence_link(report: UUID, version: int, statement: str, language: str) -> str:
    if not statement or "\n" in statement:
        return ""
    before, after = _around_evidence(report)
    address = escape(f"{before}{quote(statement)}{after}?version={version}")
    return f'<a class="evidence-link" href="{address}" hx-get="{address}" {_rest_of_evidence_link(language)}'


@lru_cache(maxsize=16)
def _rest_of_evidence_link(language: str) -> str:
    return format_html(
        'title="{0}" hx-target="#drawer" hx-swap="innerHTML">{1}<span class="visually-hidden">{0}</span></a>',
        _("Evidence"),
        _icon("file-search"),
    )


@lru_cache(maxsize=256)
def _around_evidence(report: UUID) -> tuple[str, str]:
    """What stands in an address of evidence before and after the statement's number: a page has hundreds of them."""
    before, _number, after = reverse("evidence", args=[report, "0"]).rpartition("/0/")
    return f"{before}/", f"/{after}"


@register.simple_tag
def begin_statement(report: UUID, version: int, one: Statement, unlinked: bool = False) -> SafeString:
    """A statement's item in the list of its report, up to the end of its marks; the template ends marks and item.

    Property and value, unless `unlinked` the ways to its words and its evidence, grade and nature. It is one tag as
    a report may have hundreds of them.
    """
    tongue, number = get_language() or "", escape(one.id)
    anchor, links = "", ""
    if not unlinked:
        anchor = f' id="s-{number}" data-statement="{number}" tabindex="-1"'
        to_text = f'<a href="#t-{number}" {_rest_of_text_link(tongue)}' if one.place else ""
        links = to_text + _evidence_link(report, version, one.id, tongue)
    return mark_safe(  # what is not ours is escaped
        f'<li{anchor}><span class="prop">{escape(_word("property", one.property, tongue))}</span> '
        f'<span class="value">{foreign(one.value, one.lang)}</span> '
        f'<span class="marks">{links}{_grade(one.evaluation, tongue)}{_nature(one.nature, tongue)}'
    )


@lru_cache(maxsize=16)
def _rest_of_text_link(language: str) -> str:
    rest = 'title="{0}">{1}<span class="visually-hidden">{0}</span></a>'
    return format_html(rest, _("Show in the text"), _icon("highlight"))


@register.simple_tag
def nature(value: str) -> SafeString:
    """Whether a statement is a fact or an assessment, as a mark."""
    return _nature(str(value), get_language() or "")


@lru_cache(maxsize=64)
def _nature(value: str, language: str) -> SafeString:
    return format_html('<span class="nature nature-{}">{}</span>', value, word_of("nature", value))


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
    tongue = f' lang="{escape(lang)}"' if lang and lang != "und" else ""
    return mark_safe(f'<bdi{tongue} dir="{way}">{escape(words)}</bdi>')  # what is not ours is escaped


@register.filter
def way(lang: str) -> str:
    """The direction of a language."""
    return "rtl" if lang in _RTL else "ltr"
