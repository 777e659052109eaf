"""Reading a name of unknown kind: whether it is a person's or an organisation's, and its words.

Invariant: an organisation's legal forms (rigour's: Ltd, GmbH, S.A. de C.V., ООО …) are no words of its name, unless it
has no others. Forms of up to three letters without a dot show nothing by themselves: "Ag" and "Sa" are names too. What
form it is, of those that rigour takes together (GmbH, Ltd and S.à r.l.; AG, plc and ОАО), is kept as the name's kind.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from rigour.names.org_types import extract_org_types, remove_org_types

from amana.matching.names import MOST_LETTERS, Name, is_roman, read_name
from amana.matching.tables import words_by_role

PERSON, ORGANISATION = 0, 1
FORMS = {"llc": 2, "jsc": 3}  # an organisation of one form is none of another
_ARTICLE = "the"  # before an organisation's name; a person may be called so


@cache
def _typical() -> frozenset[str]:
    return frozenset(words_by_role("organisations")["organisation"])


def _with_numerals(bare: Name, whole: Name) -> Name:
    """The name without its forms, and with the numerals that were taken for one of them (“II” is a form in Finland)."""
    lost = [word for word in whole.words if is_roman(word.text) and word not in bare.words]
    if not lost:
        return bare
    return replace(bare, words=(*bare.words, *lost), written=(*bare.written, *(word.text for word in lost)))


def _whole(text: str) -> str:
    """The text without half characters, which a wrong encoding leaves: they are none."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def read(text: str) -> tuple[Name, int]:
    """The name and its kind: `ORGANISATION` or one of `FORMS` if a form or a typical word shows it, else `PERSON`."""
    text = _whole(text)
    lower = text[:MOST_LETTERS].casefold()
    forms = [form for form, _ in extract_org_types(lower)]
    name = read_name(text)
    shown = any(len(form) > 3 or "." in form for form in forms)
    if not shown and _typical().isdisjoint(word.text for word in name.words):
        return name, PERSON
    name = read_name(text, numbered=True)
    if forms:
        bare = read_name(remove_org_types(lower, " "), numbered=True)
        name = _with_numerals(bare, name) if bare.words else name
    if len(name.words) > 1 and name.words[0].text == _ARTICLE:
        name = replace(name, words=name.words[1:], written=name.written[1:], left_out=(_ARTICLE, *name.left_out))
    known = {FORMS[form] for _, form in extract_org_types(lower, generic=True) if form in FORMS}
    return name, known.pop() if len(known) == 1 else ORGANISATION


def read_as(text: str, kind: int) -> Name:
    """The name again, whose kind `read` has told before."""
    return read_name(_whole(text)) if kind == PERSON else read(text)[0]
