"""The hostile corpus, made by code: `REFUSED` end in a refusal with its code, `NEUTRALISED` are read with a warning.

`PLAIN` look hostile and are not: they are read whole, and what they could do is not among their words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.intake.corpus_archives import ARCHIVES
from tests.intake.corpus_harmless import HARMLESS
from tests.intake.corpus_mails import MAILS, PAGES
from tests.intake.corpus_pdfs import PDFS
from tests.intake.corpus_texts import TEXTS


@dataclass(frozen=True, slots=True)
class Hostile:
    """One file; `code` is its refusal's (two where a library may die in two ways) or its warning's.

    `gone` is what its text must not hold when it is read.
    """

    name: str
    filename: str
    make: Callable[[], bytes]
    code: str | tuple[str, ...]
    gone: str = ""


REFUSED = tuple(
    Hostile(name, filename, make, tuple(codes.split()))
    for name, filename, make, codes in (*TEXTS, *PAGES, *MAILS, *ARCHIVES, *PDFS)
)
_READ = tuple(Hostile(*one) for one in HARMLESS)
NEUTRALISED = tuple(one for one in _READ if one.code)
PLAIN = tuple(one for one in _READ if not one.code)
