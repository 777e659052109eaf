"""Which reader reads which kind of file; loading one loads all it needs, and no other parser.

Invariant: after `reader_for` returned, its reader needs no further file and no further import: a small sample of
our own is read first, because the libraries load parts of themselves late.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from importlib import import_module

from amana.intake.decoding import DECLARED
from amana.intake.found import Found
from amana.intake.kinds import DOCX, HTML, MAIL, MARKDOWN, PDF, TEXT
from amana.intake.limits import Limits

Reader = Callable[[bytes, Limits], Found]

_READERS = {
    TEXT: "read_text.read_text",
    MARKDOWN: "read_text.read_markdown",
    HTML: "read_html.read_html",
    MAIL: "read_mail.read_mail",
    PDF: "read_pdf.read_pdf",
    DOCX: "read_docx.read_docx",
}


def reader_for(media_type: str) -> Reader:
    """The reader of a kind, fully loaded."""
    for codec in (*DECLARED.values(), "utf-8-sig", "utf-16-le", "utf-16-be", "latin-1", "ascii", "cp437"):
        codecs.lookup(codec)
    name = _READERS[media_type]
    module = import_module(f"amana.intake.{name.partition('.')[0]}")
    reader: Reader = getattr(module, name.partition(".")[2])
    reader(module.sample(), Limits())
    return reader
