"""A person's name as words that can be compared: folded, particles apart, compounds joined, in Latin and Arabic.

Invariant: reading is a pure function of the text; names that differ only in case, marks, punctuation, the form of
alef, hamza and ya, or in how particles and compounds are spaced give the same words. Other scripts are romanised
first. The particles are data: `tables/particles.tsv`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from rigour.text.translit import ascii_text

from amana.domain.folding import fold
from amana.matching.tables import words_by_role

MOST_LETTERS = 256
MOST_WORDS = 24

_FOREIGN = re.compile(r"[^\W\d_\u0000-\u024f\u0300-\u036f\u0600-\u06ff\u0750-\u077f\u1e00-\u1eff]")
_DIGIT = re.compile(r"(?![0-9])\d")
_SCRIPTS_MEET = re.compile(r"(?<=[a-z])(?=[\u0620-\u06ff])|(?<=[\u0620-\u06ff])(?=[a-z])")
_GLUE = dict.fromkeys(map(ord, "'`´’‘ʼʿʾʻʽ′\u200c\u200d\u00ad"))
_LETTERS = str.maketrans(
    {
        "ھ": "ه",
        "ہ": "ه",
        "ە": "ه",
        "ۀ": "ه",
        "ۂ": "ه",
        "ے": "ي",
        "ۓ": "ي",
        "ې": "ي",
        "ێ": "ي",
        "ۍ": "ي",
        "ۆ": "و",
        "ۇ": "و",
        "ۈ": "و",
        "ۉ": "و",
        "ۋ": "و",
        "ں": "ن",
        "ټ": "ت",
        "ٹ": "ت",
        "ډ": "د",
        "ڈ": "د",
        "ړ": "ر",
        "ڑ": "ر",
        "ڕ": "ر",
        "ڵ": "ل",
        "ښ": "ش",
        "ځ": "ز",
        "څ": "س",
        "ګ": "گ",
        "ݣ": "گ",
        "ڭ": "گ",
        "ڤ": "ف",
        "ڨ": "ق",
        "ݢ": "گ",
    }
)
_BEFORE = {"of-faith", "of-god"}  # joined to the word before
_LEFT_OUT = {"title", "kin"}
_ROMAN = re.compile(r"x{0,3}(ix|iv|v?i{0,3})")
_GOD = {"allah", "ullah", "الله"}
_SERVANT_OF = re.compile(r"abd(?:[aeiou]+l(?=[^aeiou]|[aeiou].)|[aeiou]+([rsntdzj])(?=\1)|[aeou]+(?=[^aeiouly]))")
_FAITHFUL = re.compile(r"(?<=..)(?:[aeou]dd(?=een$|ine?$)|[aeou]ld(?=een$|ine?$))|(?<=..)الد(?=ين$)")
_LOOSE = re.compile(
    r"[aeui]l(?=...)|[aeu](sh|ch)(?=\1)|[aeu]([rsntdzj])(?=\2..)|l(?=[^aeiouy]..)|la(?=[^aeiouyl]...)"
    r"|b[ei]n(?=...)|ال(?=..)|بن(?=...)"
)
_BARE = re.compile(r"[aeu]l(?=[^aeiouy]..)|[aeu](sh|ch)(?=\1)|[aeu]([rsntdz])(?=\2..)|ال(?=...)")


def is_roman(text: str) -> bool:
    """Whether a folded word is a numeral from II to XXXIX."""
    return len(text) > 1 and _ROMAN.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name. `loose` counts first letters that others may leave out (a glued article or `ben`)."""

    text: str
    loose: int = 0
    weak: bool = False  # an honorific or an initial: its absence says nothing

    @property
    def arabic(self) -> bool:
        """Whether the word is in Arabic letters."""
        return self.text[0] >= "\u0600"

    @property
    def bare(self) -> str:
        """The word without its article, where that is certain."""
        found = _BARE.match(self.text)
        return self.text[found.end() :] if found else self.text


@dataclass(frozen=True, slots=True)
class Name:
    """A read name: its words in order, how they were written, and what stood apart and was left out."""

    words: tuple[Word, ...]
    written: tuple[str, ...]  # each word as it was written, folded
    left_out: tuple[str, ...] = ()
    cut: bool = False  # longer than we read

    @property
    def joined(self) -> tuple[str, ...]:
        """The compounds that were written as several words."""
        return tuple(text for text in self.written if " " in text)


@cache
def _roles() -> dict[str, str]:
    return {word: role for role, words in words_by_role("particles").items() for word in words}


def fold_name(text: str) -> str:
    """Fold a name to lower-case words: apostrophes vanish, digits are ASCII, other scripts are romanised."""
    return " ".join(folded for word in text.split() if (folded := _fold_word(word)))


@lru_cache(maxsize=65536)
def _fold_word(text: str) -> str:
    if text.isascii():
        return fold(text.replace("'", "").replace("`", ""))
    glued = unicodedata.normalize("NFKC", text).translate(_GLUE)
    if _FOREIGN.search(glued):
        glued = " ".join(ascii_text(word) if _FOREIGN.search(word) else word for word in glued.split())
    folded = fold(glued.translate(_GLUE)).translate(_LETTERS)
    return _SCRIPTS_MEET.sub(" ", _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), folded))


@lru_cache(maxsize=65536)
def word_of(text: str, weak: bool = False) -> Word:
    """The word with the letters of its beginning that may be left out."""
    found = _LOOSE.match(text)
    return Word(text, found.end() if found else 0, weak or (len(text) == 1 and text.isalpha()))


def _servant(rest: str) -> str:
    """`abd` and what follows, as one word without the article."""
    if rest in _GOD or rest in {"lah", "له", "la"}:
        return "عبدالله" if rest[0] >= "\u0600" else "abdallah"
    if rest[0] >= "\u0600":
        return "عبد" + word_of(rest).bare
    return "abd" + word_of(rest).bare


@lru_cache(maxsize=65536)
def _glued(text: str) -> str:
    """The same for a word in which it is glued already; other words stay as they are."""
    text = _FAITHFUL.sub(lambda found: "د" if found[0][0] == "ا" else "d", text)
    if text.startswith("عبدال") and len(text) > 6:
        return _servant(text[3:])
    if not text.startswith("abd") or len(text) < 6:
        return text
    if re.fullmatch(r"abd[aeou]+l+[ae]h?", text):
        return "abdallah"
    found = _SERVANT_OF.match(text)
    if found is None:
        return text
    rest = text[found.end() :]
    return "abdl" + rest if rest.startswith("ati") else "abd" + rest


def _after_articles(folded: Sequence[str], place: int) -> int:
    """The first place from `place` on that holds no article; the length if there is none."""
    while place < len(folded) and _is_article(folded, place):
        place += 1
    return place


def _is_article(folded: Sequence[str], place: int) -> bool:
    """Whether an article stands here; one that took on the next letter (ash-Shaykh) only before that letter."""
    role = _roles().get(folded[place])
    if role != "sun-article":
        return role == "article"
    return place + 1 < len(folded) and folded[place + 1][0] == folded[place][1]


def _joined(first: str, second: str) -> str:
    """A compound as one word, without the article between its parts."""
    if _roles().get(first) == "servant":
        return _servant(second)
    if second in _GOD:
        return first + second
    stem = first[:-1] if first in {"abul", "aboul", "abol"} else first
    return stem + word_of(second).bare


def _read(folded: Sequence[str], numbered: bool) -> Name:
    """Take words one by one: particles and titles are left out, compounds joined with what follows or stands before.

    Of what is `numbered`, II and III are words.
    """
    roles, words, written, left_out = _roles(), list[Word](), list[str](), list[str]()
    place = 0
    while place < len(folded):
        text = folded[place]
        role = roles.get(text)
        after = _after_articles(folded, place if role not in {"servant", "kunya"} else place + 1)
        follows = roles.get(folded[after]) if after < len(folded) else None
        if follows in _BEFORE and words and not words[-1].weak:
            written[-1] += " " + " ".join(folded[place : after + 1])
            words[-1] = word_of(_joined(words[-1].text, folded[after]))
            place = after + 1
        elif role in {"servant", "kunya"} and after < len(folded):
            written.append(" ".join(folded[place : after + 1]))
            words.append(word_of(_joined(text, folded[after])))
            place = after + 1
        elif role in _LEFT_OUT or _is_article(folded, place) or (role == "suffix" and words and not numbered):
            left_out.append(text)
            place += 1
        else:
            written.append(text)
            words.append(word_of(_glued(text), role == "honorific"))
            place += 1
    return Name(tuple(words), tuple(written), tuple(left_out))


def read_name(text: str, *, numbered: bool = False) -> Name:
    """Read a name in any script. Empty text has no words; particles alone are words; only the first letters count.

    A person's II or III is left out; of something `numbered`, as companies and funds are, it is a word.
    """
    folded = fold_name(text[:MOST_LETTERS]).split()
    cut = len(text) > MOST_LETTERS or len(folded) > MOST_WORDS
    folded = folded[:MOST_WORDS]
    if _roles().keys().isdisjoint(folded):
        return Name(tuple(word_of(_glued(word)) for word in folded), tuple(folded), cut=cut)
    name = _read(folded, numbered)
    if not name.words:
        name = Name(tuple(map(word_of, folded)), tuple(folded))
    return replace(name, cut=True) if cut else name
