"""PDF: the text of each page, in the order the file gives it.

Invariant: a PDF that would run, start or submit something is refused, wherever in the file it says so; nothing is
rendered. ISO 32000-2, 12.6.4 (actions), 7.5.7 (object streams), 7.3.5 (names with #xx).
"""

from __future__ import annotations

import ctypes
import re
import zlib
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

from amana.intake.found import Attachment, Found, attachment, language_code
from amana.intake.limits import MIB, Limits
from amana.intake.pdf_order import in_reading_order
from amana.intake.refusals import ActiveContent, ArchiveBomb, BrokenFile, Encrypted, NoText, TooMuchText

_ACTIVE = (
    (re.compile(rb"/(?:JavaScript|JS)\b"), "JavaScript"),
    (re.compile(rb"/Launch\b"), "a program"),
    (re.compile(rb"/(?:RichMedia|Movie|Sound|Rendition|3D)\b(?!\s*/Width)"), "media"),
    (re.compile(rb"/(?:SubmitForm|ImportData|GoToR|GoToE)\b"), "a remote file"),
    (re.compile(rb"/XFA\b"), "an XFA form"),
)
_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
_STREAM = re.compile(rb"<<(?P<head>.{0,4000}?)>>\s*stream\r?\n", re.S)
_LANGUAGE = re.compile(rb"/Lang\s*\(([A-Za-z]{2})[-_)]")
_OBJECTS_AT_MOST = 8 * MIB
_STREAMS_AT_MOST = 64 * MIB
_SAMPLE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/Lang(en-GB)>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>"
    b"endobj 3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R/Resources<</Font<</F "
    b"5 0 R>>>>>>endobj "
    b"4 0 obj<</Length 24>>stream\nBT /F 1 Tf (A) Tj ET    \nendstream endobj "
    b"5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj trailer<</Root 1 0 R>>"
)


def sample() -> bytes:
    """A small document that makes everything needed be loaded."""
    return _SAMPLE


def read_pdf(data: bytes, limits: Limits) -> Found:
    """The text of all pages, pages parted by a blank line.

    Raises Encrypted, ActiveContent, ArchiveBomb, BrokenFile, NoText, TooMuchText.
    """
    _check_active(data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        wrong = pdfium.FPDF_GetLastError()
        if wrong in {pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY} or b"/Encrypt" in data:
            raise Encrypted from error
        raise BrokenFile from error
    if pdfium.FPDFDoc_GetJavaScriptActionCount(document.raw) > 0:
        raise ActiveContent(what="JavaScript")
    if len(document) > limits.max_pages:
        raise TooMuchText(limit=limits.max_pages, unit="pages")
    if len(document) == 0:
        raise BrokenFile
    pages, length = [], 0
    for number in range(len(document)):
        text = _page_text(document, number)
        length += len(text)
        if length > limits.max_text:
            raise TooMuchText(limit=limits.max_text, unit="characters")
        pages.append(text)
    if not any(sign.isalnum() for text in pages for sign in text):
        raise NoText
    info = dict(document.get_metadata_dict(skip_empty=True))
    hung = tuple(_attachments(document))
    empty = sum(1 for text in pages if not text.strip())
    language = _LANGUAGE.search(data)
    return Found(
        text="\n\n".join(pages),
        title=info.get("Title", ""),
        language_hint=language_code(language[1].decode("ascii") if language else ""),
        metadata=(("pages", str(len(pages))), *((key.casefold(), value) for key, value in info.items())),
        attachments=hung,
        warnings=(("attachments-not-read",) if hung else ()) + (("pages-without-text",) if empty else ()),
    )


def _check_active(data: bytes) -> None:
    """Look for actions in the file itself and in its compressed object streams, before the library sees it."""
    for part in (data, *_object_streams(data)):
        plain = _HASHED.sub(lambda found: bytes([int(found[1], 16)]), part)
        for pattern, what in _ACTIVE:
            if pattern.search(_without_streams(plain) if part is data else plain):
                raise ActiveContent(what=what)


def _without_streams(data: bytes) -> bytes:
    # The words of a page may well speak of JavaScript; only the objects count.
    return re.sub(rb"stream\r?\n.*?endstream", b"", data, flags=re.S)


def _object_streams(data: bytes) -> Iterator[bytes]:
    """The object streams, decompressed; raises ArchiveBomb where any stream grows beyond reason."""
    grown = 0
    for found in _STREAM.finditer(data):
        head = _HASHED.sub(lambda one: bytes([int(one[1], 16)]), found["head"])
        if b"FlateDecode" not in head and b"/Fl" not in head:
            if b"ObjStm" in head:
                yield data[found.end() : data.find(b"endstream", found.end())]
            continue
        objects = b"ObjStm" in head
        end = data.find(b"endstream", found.end())
        opened: bytes | memoryview = memoryview(data)[found.end() : end if end >= 0 else len(data)]
        for _round in range(max(1, head.count(b"/FlateDecode"))):
            opened = _inflate(opened, _OBJECTS_AT_MOST if objects else _STREAMS_AT_MOST)
        grown += len(opened)
        if grown > 2 * _STREAMS_AT_MOST:
            raise ArchiveBomb
        if objects:
            yield bytes(opened)


def _inflate(packed: bytes | memoryview, at_most: int) -> bytes:
    engine = zlib.decompressobj()
    try:
        opened = engine.decompress(packed, at_most)
    except zlib.error:
        return b""
    if engine.unconsumed_tail:
        raise ArchiveBomb
    return opened


def _page_text(document: pypdfium2.PdfDocument, number: int) -> str:
    page = document[number]
    try:
        for index in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
            annotation = pdfium.FPDFPage_GetAnnot(page.raw, index)
            link = pdfium.FPDFAnnot_GetLink(annotation)
            action = pdfium.FPDFLink_GetAction(link) if link else None
            if action and pdfium.FPDFAction_GetType(action) == pdfium.PDFACTION_LAUNCH:
                raise ActiveContent(what="a program")
            pdfium.FPDFPage_CloseAnnot(annotation)
        words = page.get_textpage()
        try:
            return in_reading_order(str(words.get_text_range()), words)
        finally:
            words.close()
    finally:
        page.close()


def _attachments(document: pypdfium2.PdfDocument) -> Iterator[Attachment]:
    for index in range(document.count_attachments()):
        hung = document.get_attachment(index)
        size = ctypes.c_ulong()
        pdfium.FPDFAttachment_GetFile(hung.raw, None, 0, size)
        content = bytes(hung.get_data()) if 0 < size.value <= 32 * MIB else b""
        yield attachment(hung.get_name()[:255], "application/octet-stream", content)
