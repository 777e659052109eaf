"""Which of our languages a text is written in, and how much of it in each.

Invariant: never asked about a name; a text without enough words of ours is "und", not the nearest guess.
ISO 639-1 codes. lingua in its low-accuracy mode, limited to five languages: 24 MB instead of 152 MB when measured,
and whole paragraphs need no more.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from lingua import Language as Lingua
from lingua import LanguageDetector, LanguageDetectorBuilder

UNKNOWN = "und"
_OURS = (Lingua.GERMAN, Lingua.FRENCH, Lingua.ARABIC, Lingua.ENGLISH, Lingua.SPANISH)
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC_WORD = re.compile("[\u0621-\u064a]+")
_LONGEST = 4_000
_SMALL = {
    "de": "der die das und in von mit ist im den dem des auf für nicht ein eine zu sich als auch am wurde nach bei",
    "fr": "le la les et de des du en un une dans est pour que qui sur par au aux a avec il ce pas plus été son",
    "en": "the and of to in a is on for with was that by at from as it be are were has an this which",
    "es": "el la los las y de del en un una que por con para se es al su fue como más lo ha",
    "ar": "في من على إلى أن عن مع التي الذي هذا هذه بين كما بعد قد كان وقد ما لم و",
}
_SMALL_WORDS = {code: frozenset(words.split()) for code, words in _SMALL.items()}
_FEWEST_WORDS = 3
_SMALL_SHARE = 0.06
_CERTAIN = 0.6


@dataclass(frozen=True, slots=True)
class Language:
    """The main language (de, fr, ar, en, es or "und") and each language's share of the words, largest first."""

    code: str
    shares: tuple[tuple[str, float], ...] = ()


def detect(text: str) -> Language:
    """The language of a text, paragraph by paragraph when it is mixed."""
    counts: dict[str, int] = {}
    for paragraph in text.split("\n"):
        words = _WORD.findall(paragraph[:_LONGEST])
        if len(words) >= _FEWEST_WORDS:
            code = _language_of(paragraph[:_LONGEST], words)
            counts[code] = counts.get(code, 0) + len(words)
    if not counts:
        counts[_language_of(text[:_LONGEST], _WORD.findall(text[:_LONGEST]))] = 1
    whole = sum(counts.values())
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    shares = tuple((code, round(count / whole, 3)) for code, count in ordered)
    known = [code for code, _share in shares if code != UNKNOWN]
    enough = known and dict(shares)[known[0]] >= max(0.2, dict(shares).get(UNKNOWN, 0.0) / 2)
    return Language(known[0] if enough else UNKNOWN, shares)


def _language_of(paragraph: str, words: list[str]) -> str:
    """One paragraph's language; its small words must agree where there are enough words to expect them."""
    if len(words) < _FEWEST_WORDS:
        return UNKNOWN
    values = _detector().compute_language_confidence_values(paragraph)
    if not values or values[0].value < _CERTAIN:
        return UNKNOWN
    code = values[0].language.iso_code_639_1.name.casefold()
    small = sum(1 for word in words if word.casefold() in _SMALL_WORDS[code])
    if code == "ar":
        return code if sum(1 for word in words if _ARABIC_WORD.match(word)) * 2 > len(words) else UNKNOWN
    return code if len(words) < 6 or small >= max(1, _SMALL_SHARE * len(words)) else UNKNOWN


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*_OURS).with_low_accuracy_mode().build()
