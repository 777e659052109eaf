"""Reading a name of unknown kind: whether it is a person's or an organisation's, and its words.

Invariant: an organisation's legal forms (rigour's: Ltd, GmbH, S.A. de C.V., ООО …) are no words of its name, unless it
has no others. Forms of up to three letters without a dot show nothing by themselves: "Ag" and "Sa" are names too.
"""

from __future__ import annotations

from functools import cache

from rigour.names.org_types import extract_org_types, remove_org_types

from amana.matching.names import MOST_LETTERS, Name, read_name
from amana.matching.tables import words_by_role

PERSON, ORGANISATION = 0, 1


@cache
def _typical() -> frozenset[str]:
    return frozenset(words_by_role("organisations")["organisation"])


def read(text: str) -> tuple[Name, int]:
    """The name and its kind: `ORGANISATION` if a legal form or a typical word shows it, else `PERSON`."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()  # half a character, from a wrong encoding, is none
    lower = text[:MOST_LETTERS].casefold()
    forms = [form for form, _ in extract_org_types(lower)]
    name = read_name(text)
    shown = any(len(form) > 3 or "." in form for form in forms)
    if not shown and _typical().isdisjoint(word.text for word in name.words):
        return name, PERSON
    if forms:
        bare = read_name(remove_org_types(lower, " "))
        name = bare if bare.words else name
    return name, ORGANISATION
