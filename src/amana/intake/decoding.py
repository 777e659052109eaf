"""Bytes into characters, without guessing more than can be known.

Invariant: UTF-8 and UTF-16 with its mark are read strictly; windows-1252 and windows-1256 only when every byte fits
the letters that our languages use; everything else is refused.
"""

from __future__ import annotations

import codecs
import re

from amana.intake.refusals import WrongEncoding

GUESSED = "encoding-guessed"

# Names a document may declare, and the codec each means (WHATWG: ISO-8859-1 is read as windows-1252).
DECLARED: dict[str, str] = {
    **dict.fromkeys(("utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1", "latin-1", "iso8859-1", "x-cp1252"), "cp1252"),
    **dict.fromkeys(("windows-1256", "cp1256", "x-cp1256"), "cp1256"),
    **dict.fromkeys(("iso-8859-15", "latin-9", "iso8859-15"), "iso8859-15"),
    **dict.fromkeys(("iso-8859-6", "arabic", "iso8859-6"), "iso8859-6"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
}
_WESTERN = frozenset("äöüßÄÖÜéèêëÉÈÊËàâÀÂáÁçÇîïÎÏíÍôÔóÓûùÛÙúÚœŒæÆñÑÿ¿¡«»„“”‚‘’‹›–—…€£°§·ªº²³½\u00a0•×±´¨©®™")
_ARABIC_BESIDE = frozenset("àâçèéêëîïôùûüœ«»“”‘’–—…،؛؟\u00a0€•÷×ـ\u200c\u200d\u200e\u200f")
_ARABIC = re.compile("[\u0621-\u0652]+")
_COMMON = frozenset("اليمنورتبةعد")


def decode(data: bytes, *, declared: str = "") -> tuple[str, tuple[str, ...]]:
    """The characters, and a warning where the encoding was inferred; `declared` is the document's own word.

    Raises WrongEncoding.
    """
    try:
        return _decode(data, declared.strip().strip("\"'").casefold())
    except (UnicodeDecodeError, LookupError) as error:
        raise WrongEncoding from error


def _decode(data: bytes, declared: str) -> tuple[str, tuple[str, ...]]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise WrongEncoding
    if data.startswith(codecs.BOM_UTF8):
        return data.decode("utf-8-sig"), ()
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _plausible(data.decode("utf-16")), ()
    if declared:
        codec = DECLARED.get(declared)
        if codec is None or codec == "utf-16":
            raise WrongEncoding  # UTF-16 without its mark reads both ways round
        return data.decode(codec), ()
    if b"\x00" in data:
        raise WrongEncoding
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _eight_bit(data), (GUESSED,)


def _plausible(text: str) -> str:
    """UTF-16 read with a false mark gives signs of no script of ours."""
    letters = [sign for sign in text if sign.isalpha()]
    foreign = sum(1 for sign in letters if ord(sign) > 0x0700 and not 0x1E00 <= ord(sign) <= 0x1FFF)
    if "\x00" in text or foreign * 2 > len(letters):
        raise WrongEncoding
    return text


def _eight_bit(data: bytes) -> str:
    high = bytes(byte for byte in data if byte >= 0x80)
    western = high.decode("cp1252", "replace")
    if all(sign in _WESTERN for sign in western) and len(high) * 5 <= len(data):
        return data.decode("cp1252")
    text = data.decode("cp1256")
    arabic = sum(1 for sign in text if "\u0621" <= sign <= "\u0652")
    beside = sum(1 for sign in text if ord(sign) >= 0x80 and not "\u0621" <= sign <= "\u0652")
    words = _ARABIC.findall(text)
    letters = "".join(words)
    with_article = sum(1 for word in words if "ال" in word[:4])
    common = sum(1 for sign in letters if sign in _COMMON)
    strange = any(ord(sign) >= 0x80 and sign not in _ARABIC_BESIDE and not _ARABIC.match(sign) for sign in text)
    if strange or beside * 3 > arabic or with_article * 12 < len(words) or common * 2 < len(letters):
        raise WrongEncoding
    return text
