"""The tokens under which a subject is compared blindly: its identifiers, and its names with its birth dates.

Invariant: a token is of one scope and one kind, equal where two nodes mean the same, and says how much it proves. A
name alone gives none: too many people share it, and all names could be tried. What gives no token is said with its
reason, and no reason holds content. E.164, ISO 13616 (IBAN), IMO A.1117(30), ISO 6346, ISO 8601.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache
from itertools import combinations, islice, product

import phonenumbers
from stdnum import iban, imo, iso6346
from stdnum.exceptions import ValidationError

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.domain.vocabulary import Category
from amana.matching.blind.scope import Scope, join
from amana.matching.coarse import MOST_SKELETONS, VERSION, skeletons
from amana.matching.names import read_name

MOST_WORDS = 8


class TokenKind(StrEnum):
    """What a token is made of."""

    PASSPORT = "passport"
    PHONE = "phone"
    IBAN = "iban"
    VESSEL = "imo"
    CONTAINER = "container"
    NAME_DAY = "name-day"  # two words of a name with the day of birth
    NAME_YEAR = "name-year"  # the whole name with a year of birth


class Grade(StrEnum):
    """What a comparison came to: nothing, a likeness to look into, or reason enough to ask the holder."""

    NO_HIT = "no-hit"
    POSSIBLE = "possible"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Token:
    """What is put into the blind function: `data` is scope, kind and value, each with its length before it."""

    kind: TokenKind
    data: bytes = field(repr=False)

    @property
    def grade(self) -> Grade:
        """What a hit of this token is worth."""
        return Grade.POSSIBLE if self.kind is TokenKind.NAME_YEAR else Grade.ASK


@dataclass(frozen=True, slots=True)
class Subject:
    """Who or what is compared. `category` is None for what is no person; `born` are ISO 8601 days, months or years."""

    category: Category | None
    names: tuple[str, ...] = ()
    born: tuple[str, ...] = ()
    identifiers: tuple[tuple[TokenKind, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """A subject's tokens, each once, and why parts of it gave none."""

    tokens: tuple[Token, ...]
    because: tuple[Reason, ...] = ()


def grade(hits: Iterable[Token]) -> Grade:
    """The grade of a subject by those of its tokens that hit."""
    found = {token.grade for token in hits}
    return Grade.ASK if Grade.ASK in found else Grade.POSSIBLE if found else Grade.NO_HIT


def holding_keys(subject: Subject, scope: Scope, *, categories: AbstractSet[Category]) -> Keys:
    """The tokens under which a holder keeps a subject of the categories that the agreement allows."""
    return _keys(subject, scope, categories, _held_years)


def question_keys(subject: Subject, scope: Scope, *, categories: AbstractSet[Category]) -> Keys:
    """The tokens by which an asker looks for it: years of birth are tried one up and one down."""
    return _keys(subject, scope, categories, _asked_years)


Years = Callable[[int, bool], Iterator[tuple[str, int]]]


def _held_years(year: int, day_known: bool) -> Iterator[tuple[str, int]]:
    yield ("day" if day_known else "open"), year


def _asked_years(year: int, day_known: bool) -> Iterator[tuple[str, int]]:
    """Two subjects are compared by year only where the day is unknown on one side at least."""
    for near in (year - 1, year, year + 1):
        yield "open", near
        if not day_known:
            yield "day", near


def _keys(subject: Subject, scope: Scope, categories: AbstractSet[Category], years: Years) -> Keys:
    if subject.category is not None and subject.category not in categories:
        return Keys((), (Reason("blind-category", _CATEGORY, (("value", str(subject.category)),)),))
    values: list[tuple[TokenKind, tuple[str, ...]]] = []
    because: list[Reason] = []
    for kind, written in subject.identifiers:
        value = "" if kind is TokenKind.PASSPORT and subject.category is None else clean_identifier(kind, written)
        if value:
            values.append((kind, (value,)))
        else:
            because.append(Reason("blind-identifier", _IDENTIFIER, (("value", str(kind)),)))
    if subject.category is not None:
        values += _by_name(subject, years, because)
    if not values:
        because.append(Reason("blind-nothing-to-compare", _NOTHING))
    tag = scope.tag()
    tokens = (Token(kind, tag + _head(kind) + b"".join(map(_part, value))) for kind, value in values)
    return Keys(tuple(dict.fromkeys(tokens)), tuple(dict.fromkeys(because)))


@cache
def _head(kind: TokenKind) -> bytes:
    """The kind, and by which rules names become skeletons."""
    rules = f"rules-{VERSION}" if kind in {TokenKind.NAME_DAY, TokenKind.NAME_YEAR} else ""
    return _part(kind) + _part(rules)


def _part(text: str) -> bytes:
    return join(text.encode())


_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_APART = re.compile(r"[\s\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff./-]+")
_PASSPORT = re.compile(r"(?=.*[0-9])[A-Z0-9]{5,15}")
_LONGEST_IDENTIFIER = 64


def clean_identifier(kind: TokenKind, written: str) -> str:
    """The one form of an identifier, or an empty text where it is none: check digits and number ranges must hold."""
    if len(written) > _LONGEST_IDENTIFIER:
        return ""
    plain = _APART.sub("", written.translate(_DIGITS)).upper()
    if not plain.isascii():
        return ""
    try:
        match kind:
            case TokenKind.PASSPORT:
                return plain if _PASSPORT.fullmatch(plain) else ""
            case TokenKind.PHONE:
                number = phonenumbers.parse("+" + plain[2:] if plain.startswith("00") else plain, None)
                valid = phonenumbers.is_possible_number(number)
                return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if valid else ""
            case TokenKind.IBAN:
                return str(iban.validate(plain))
            case TokenKind.VESSEL:
                return str(imo.validate(plain))
            case TokenKind.CONTAINER:
                return str(iso6346.validate(plain))
            case _:
                return ""
    except (ValidationError, phonenumbers.NumberParseException):
        return ""


_BORN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_HIDDEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# Two of these say so little that their pair is used only where a name has no other.
_EVERYWHERE = frozenset({"mmd", "md", "l", "sd"})  # Mohamed, Ahmed, Ali, Said


def _by_name(subject: Subject, years: Years, because: list[Reason]) -> Iterator[tuple[TokenKind, tuple[str, ...]]]:
    births = [birth for written in subject.born if (birth := _birth(written, because))]
    if subject.names and not births:
        because.append(Reason("blind-no-birth-date", _NO_BIRTH_DATE))
    for name in subject.names if births else ():
        words = _words(name, because)
        for year, day in births:
            if day:
                yield from ((TokenKind.NAME_DAY, (day, *pair)) for pair in _pairs(words))
            # The first of January often stands for a day that nobody knows.
            for side, near in years(year, bool(day) and not day.endswith("-01-01")):
                yield from ((TokenKind.NAME_YEAR, (side, str(near), *whole)) for whole in _wholes(words))


def _birth(written: str, because: list[Reason]) -> tuple[int, str] | None:
    """The year, and the whole day or an empty text where it is not known."""
    found = _BORN.fullmatch(written)
    try:
        if found is None:
            raise ValueError
        date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
    except ValueError:
        because.append(Reason("blind-birth-date", _BIRTH_DATE))
        return None
    return int(found[1]), written if found[3] else ""


def _words(name: str, because: list[Reason]) -> list[frozenset[str]]:
    """The skeletons of each word that says something; none for a name of fewer than two or that is too long."""
    read = read_name(_HIDDEN.sub("", name))
    if read.cut:
        because.append(Reason("blind-name-long", _NAME_LONG))
        return []
    strong = [word for word in read.words if not word.weak]
    words = strong if len(strong) > 1 else list(read.words)
    if len(words) < 2:
        because.append(Reason("blind-name-short", _NAME_SHORT))
        return []
    if len(words) > MOST_WORDS:
        words = [*words[: MOST_WORDS - 1], words[-1]]
    return [skeletons(word) for word in words]


def _pairs(words: Sequence[frozenset[str]]) -> set[tuple[str, str]]:
    """Pairs of skeletons in alphabetical order; one of the two is the first word or the last."""
    last = len(words) - 1
    chosen = [(words[a], words[b]) for a, b in combinations(range(len(words)), 2) if a == 0 or b == last]
    found = {(min(pair), max(pair)) for one, other in chosen for pair in product(one, other)}
    return {pair for pair in found if not _EVERYWHERE.issuperset(pair)} or found


def _wholes(words: Sequence[frozenset[str]]) -> set[tuple[str, ...]]:
    """The skeletons of all words in alphabetical order, in the first few ways to choose them."""
    if not words:
        return set()
    return {tuple(sorted(whole)) for whole in islice(product(*map(sorted, words)), MOST_SKELETONS)}


_CATEGORY = gettext_noop("The agreement does not allow people of the category “%(value)s” to be compared blindly.")
_IDENTIFIER = gettext_noop("An identifier of the kind “%(value)s” is not complete or its check digit is wrong.")
_NO_BIRTH_DATE = gettext_noop(
    "Names alone cannot be compared blindly: too many people share them. Give a birth date or an identifier."
)
_BIRTH_DATE = gettext_noop("A birth date must read like 1980-05-17, 1980-05 or 1980.")
_NAME_LONG = gettext_noop("A name is too long to be compared blindly; give it without what is not the name.")
_NAME_SHORT = gettext_noop("A name needs two words, at least, to be compared blindly.")
_NOTHING = gettext_noop("Nothing about this subject can be compared blindly.")
