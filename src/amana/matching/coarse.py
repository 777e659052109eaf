"""The coarse skeleton of a name's word, for blind comparison: equal or not, with nothing in between.

Invariant: spellings of one Arabic name in Arabic letters and in English, French, German or Spanish share a skeleton
as often as ten consonant classes can make them. The classes are data: `tables/coarse.tsv`; a row with two classes
gives two skeletons. Vowels, w, y, h and ayn say nothing here. Nodes must agree on this to the letter: whoever changes
a skeleton raises `VERSION`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice, product

from amana.matching.names import Word
from amana.matching.tables import rows

VERSION = 1
MOST_SKELETONS = 4

_BEN = ("ben", "bin", "بن")
_GLUED_ARTICLE = re.compile(r"l(?=aa...)")
_AFFRICATE = "تش"


@cache
def _classes() -> tuple[dict[str, str], re.Pattern[str]]:
    """The classes of each sign of both scripts, and what finds signs: long Latin ones first, else each letter."""
    table = rows("coarse")
    classes = {sign: row["classes"] for row in table for script in ("latin", "arabic") for sign in row[script].split()}
    latin = sorted((sign for row in table for sign in row["latin"].split()), key=lambda sign: (-len(sign), sign))
    return classes, re.compile("|".join([*latin, "."]))


@lru_cache(maxsize=65536)
def skeletons(word: Word) -> frozenset[str]:
    """The skeletons that a word may have, one to eight; the word is folded, as `names.read_name` gives it."""
    return frozenset(found for spelling in _spellings(word) for found in _skeletons(spelling))


def _spellings(word: Word) -> set[str]:
    """The word without its article, and without what may be glued to it: another article or `ben`."""
    begin, rest = word.text[: word.loose], word.text[word.loose :]
    found = {word.text if begin in _BEN else word.bare}
    if begin and len(rest) > 2:
        found.add(rest)
    if len(word.text) > 5 and _GLUED_ARTICLE.match(word.text):
        found.add(word.text[1:])
    return found


def _skeletons(text: str) -> set[str]:
    classes, signs = _classes()
    read = signs.findall(text.replace(_AFFRICATE, "ش"))
    # A doubled sign is one: Latin doubles it at will, Arabic in few words.
    once = [sign for place, sign in enumerate(read) if place == 0 or sign != read[place - 1]]
    choices = islice(product(*[classes[sign] for sign in once if sign in classes]), MOST_SKELETONS)
    return {"".join(choice) or "-" for choice in choices}
