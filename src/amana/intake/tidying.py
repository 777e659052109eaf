"""Text as people see it: NFC, LF newlines, without signs that hide or turn what is read.

Invariant: tidying is idempotent, and whatever it leaves out is named in a warning, never lost in silence.
Unicode 15 Annex 9 (bidi controls), UTR 36 and UTS 39 (confusables across scripts).
"""

from __future__ import annotations

import re
import unicodedata

BIDI_CONTROLS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
BIDI_MARKS = "\u200e\u200f\u061c"
ZERO_WIDTH = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u2061\u2062\u2063\u2064"
_LEFT_OUT: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("bidi-controls-removed", re.compile(f"[{BIDI_CONTROLS}]")),
    ("bidi-marks-removed", re.compile(f"[{BIDI_MARKS}]")),
    ("zero-width-removed", re.compile(f"[{ZERO_WIDTH}]")),
    ("tag-characters-removed", re.compile("[\U000e0000-\U000e007f]")),
    ("control-characters-removed", re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufff9-\ufffb]")),
    ("private-characters-removed", re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")),
    ("lone-surrogates-removed", re.compile("[\ud800-\udfff]")),
)
_NEWLINES = re.compile(r"\r\n?|[\x0c\u2028\u2029\x85]")
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u052f])[^\W\d_]{3,}\b")
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf¤¶¼ŸŸ–œ©¨§ª]|â€[œ\u009d™“”–—¦]|Ø§Ù")
_MANY_MARKS = re.compile(r"[\u0300-\u036f\u0489\u1ab0-\u1aff]{4,}")
LONG_LINE = 20_000


def tidy(text: str) -> tuple[str, tuple[str, ...]]:
    """The text in its one form, and warnings about what was left out or looks wrong."""
    warnings = []
    text = _NEWLINES.sub("\n", text)
    for warning, pattern in _LEFT_OUT:
        text, count = pattern.subn("", text)
        if count:
            warnings.append(warning)
    text, stacked = _MANY_MARKS.subn("", unicodedata.normalize("NFC", text))
    text = unicodedata.normalize("NFC", text)
    lines = [line.rstrip() for line in text.split("\n")]
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")
    if stacked:
        warnings.append("stacked-marks-removed")
    if "\ufffd" in text:
        warnings.append("replacement-characters")
    if _MIXED.search(text):
        warnings.append("mixed-scripts")
    if _MOJIBAKE.search(text):
        warnings.append("mojibake-suspected")
    if any(len(line) > LONG_LINE for line in lines):
        warnings.append("very-long-line")
    return text, tuple(warnings)
