"""One entry of a public list, such as the UN's or OFAC's, as the vocabulary says it.

Invariant: every value is in the form that its property gives it; what the vocabulary refuses (an unknown country, a
special category of personal data) is left out and counted, never bent to fit.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

from lxml import etree

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.vocabulary import PropertyUnknown, SpecialCategory, ValueRefused, clean

Pair = tuple[str, str]


class ListUnreadable(BadInput):
    """A file is none of the lists that are known, or breaks off."""

    code = "list-unreadable"
    sentence = gettext_noop(
        "This file is no list that can be read: give FollowTheMoney JSON lines, the UN's consolidated XML or OFAC's "
        "SDN XML, whole and unpacked."
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry: its id on the list, its schema, property–value pairs sorted and each once, and how many were left."""

    id: str
    schema: str
    pairs: tuple[Pair, ...]
    left_out: int = 0

    @classmethod
    def of(cls, number: str, schema: str, given: Iterable[Pair]) -> Listed:
        """Clean what a list gives; empty values are nothing. Raises SchemaUnknown."""
        kept, left = set[Pair](), 0
        for name, value in given:
            text = " ".join(value.split())
            if not text:
                continue
            try:
                kept.add((name, clean(schema, name, text)))
            except (ValueRefused, SpecialCategory, PropertyUnknown):
                left += 1
        return cls(number, schema, tuple(sorted(kept)), left)


def entries_of(data: bytes, tags: frozenset[str]) -> Iterator[etree._Element]:
    """The elements of an XML file with one of these names, one after the other; namespaces are taken off.

    No entity is resolved and nothing is fetched. Raises ListUnreadable.
    """
    events = etree.iterparse(
        BytesIO(data), events=("end",), resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True
    )
    try:
        for _, element in events:
            if plain(element) in tags:
                yield element
                element.clear()
    except etree.XMLSyntaxError as error:
        raise ListUnreadable from error


def plain(element: etree._Element) -> str:
    """An element's name without its namespace."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def texts(element: etree._Element, *path: str) -> list[str]:
    """The texts of all descendants at this path of plain names."""
    found = [element]
    for step in path:
        found = [child for one in found for child in one if plain(child) == step]
    return [one.text or "" for one in found]


def children(element: etree._Element, *path: str) -> list[etree._Element]:
    """All descendants at this path of plain names."""
    found = [element]
    for step in path:
        found = [child for one in found for child in one if plain(child) == step]
    return found


_YEAR = re.compile(r"\b(\d{4})\b")


def day_of(text: str) -> str:
    """A date as lists write it ("1962-05-12", "12 May 1962", "May 1962", "circa 1962"), as exact as known."""
    text = text.strip()
    for form, shown in (("%Y-%m-%d", "%Y-%m-%d"), ("%d %b %Y", "%Y-%m-%d"), ("%b %Y", "%Y-%m"), ("%Y", "%Y")):
        try:
            return datetime.strptime(text[:10] if form == "%Y-%m-%d" else text, form).strftime(shown)
        except ValueError:
            continue
    years = _YEAR.findall(text)
    return years[0] if len(years) == 1 else ""
