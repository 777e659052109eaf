"""Which reader reads which kind of file; loading one loads all it needs.

Invariant: after `reader_for` returned, its reader needs no further file and no further import.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable

from amana.intake.decoding import DECLARED, decode
from amana.intake.found import Found
from amana.intake.kinds import DOCX, HTML, MAIL, MARKDOWN, PDF, TEXT
from amana.intake.limits import Limits

Reader = Callable[[bytes, Limits], Found]


def reader_for(media_type: str) -> Reader:
    """The reader of a kind, fully loaded."""
    for codec in (*DECLARED.values(), "utf-8-sig", "utf-16-le", "utf-16-be", "latin-1", "ascii", "unicode_escape"):
        codecs.lookup(codec)
    return _READERS[media_type]()


def _text() -> Reader:
    return read_text


def _markdown() -> Reader:
    return read_markdown


def _html() -> Reader:
    from amana.intake.read_html import read_html  # noqa: PLC0415 - the child loads one parser, not all

    return read_html


def _mail() -> Reader:
    from amana.intake.read_mail import read_mail  # noqa: PLC0415

    return read_mail


def _pdf() -> Reader:
    from amana.intake.read_pdf import read_pdf  # noqa: PLC0415

    return read_pdf


def _docx() -> Reader:
    from amana.intake.read_docx import read_docx  # noqa: PLC0415

    return read_docx


def read_text(data: bytes, limits: Limits) -> Found:
    """Plain text; its title is its first line when that is short. Raises WrongEncoding."""
    text, warnings = decode(data)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return Found(text=text, title=first if len(first) <= 160 else "", warnings=warnings)


def read_markdown(data: bytes, limits: Limits) -> Found:
    """Markdown as it is written, so that places stay true; its title is the first heading. Raises WrongEncoding."""
    text, warnings = decode(data)
    heading = next((line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")), "")
    return Found(text=text, title=heading, warnings=warnings)


_READERS: dict[str, Callable[[], Reader]] = {
    TEXT: _text,
    MARKDOWN: _markdown,
    HTML: _html,
    MAIL: _mail,
    PDF: _pdf,
    DOCX: _docx,
}
