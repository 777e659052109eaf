"""One folding for search and recognition, the same on every database.

Invariant: folding is idempotent, and text that differs only in case, vowel signs, tatweel, accents or the written
form of alef, hamza, ya and ta marbuta folds to the same words.
"""

from __future__ import annotations

import unicodedata

_ONE = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ؤ": "و",
        "ئ": "ي",
        "ى": "ي",
        "ی": "ي",
        "ک": "ك",
        "ة": "ه",
        "ء": None,
        "ـ": None,
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ı": "i",
    }
)


_ASCII = "".join(chr(code).lower() if chr(code).isalnum() else " " for code in range(128))


def fold(text: str) -> str:
    """Fold text to lower-case words separated by one space, without marks or punctuation."""
    if text.isascii():
        return " ".join(text.translate(_ASCII).split())
    wide = unicodedata.normalize("NFKC", text).casefold().translate(_ONE)
    apart = unicodedata.normalize("NFD", wide)
    bare = "".join(mark for mark in apart if not unicodedata.combining(mark))
    words = "".join(sign if sign.isalnum() else " " for sign in bare)
    return " ".join(unicodedata.normalize("NFC", words).translate(_ONE).split())
