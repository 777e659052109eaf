"""What a file is: by its content first, and its name must agree.

Invariant: nothing is parsed here, only looked at: the first bytes, the last bytes and the archive's table.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePosixPath

from amana.intake.archive import check_archive
from amana.intake.limits import Limits
from amana.intake.refusals import Encrypted, Macros, Mislabelled, NameRefused, NoText, UnknownType

TEXT = "text/plain"
MARKDOWN = "text/markdown"
HTML = "text/html"
MAIL = "message/rfc822"
PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

BY_ENDING = {
    ".txt": TEXT,
    ".text": TEXT,
    ".md": MARKDOWN,
    ".markdown": MARKDOWN,
    ".html": HTML,
    ".htm": HTML,
    ".xhtml": HTML,
    ".eml": MAIL,
    ".pdf": PDF,
    ".docx": DOCX,
}
MACRO_ENDINGS = frozenset({".docm", ".dotm", ".xlsm", ".pptm", ".xlam", ".ppam"})
LONGEST_NAME = 255

# First bytes of what is not read here, so that the refusal can say what it is.
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"\x1f\x8b", "an archive"),
    (b"Rar!", "an archive"),
    (b"7z\xbc\xaf\x27\x1c", "an archive"),
    (b"BZh", "an archive"),
    (b"\xfd7zXZ", "an archive"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"\x00\x00\x01\x00", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"OggS", "a recording"),
    (b"ID3", "a recording"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"#!", "a script"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OOXML = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--.*?-->\s*)*<!?\s*([a-zA-Z]+)[\s>]([^>]{0,200})", re.S
)
_MAIL_HEAD = re.compile(rb"\A(?:From |[!-9;-~]+:[ \t])", re.A)


def checked_name(filename: str) -> str:
    """The file's name, when it is a plain name; raises NameRefused."""
    hidden = any(unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} for sign in filename)
    path = "/" in filename or "\\" in filename or filename in {"", ".", ".."}
    if hidden or path or len(filename.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        raise NameRefused
    return filename


def kind_of(data: bytes, *, filename: str, limits: Limits) -> str:
    """The media type of a file whose name and content agree, with its archive's table checked.

    Raises NameRefused, UnknownType, Mislabelled, Macros, Encrypted, NoText and what `check_archive` raises.
    """
    ending = PurePosixPath(checked_name(filename)).suffix.casefold()
    if ending in MACRO_ENDINGS:
        raise Macros
    named = BY_ENDING.get(ending)
    if not data.strip(b"\x00 \t\r\n\x0c"):
        raise NoText
    found = _look(data)
    if named is None:
        raise UnknownType(found=found if found not in BY_ENDING.values() else ending or "no ending")
    if found == "an archive" and data.startswith(b"PK") and named == DOCX:
        check_archive(data, limits)
        return DOCX
    if found == _plain(named) or (found == HTML and named == MARKDOWN):
        return named
    if found == HTML and named == TEXT:
        raise Mislabelled(named=ending, found="HTML")
    if found == TEXT and named in {HTML, MAIL}:
        return named  # a fragment of HTML, or a mail that the reader itself judges
    raise Mislabelled(named=ending, found=found)


def _plain(media_type: str) -> str:
    return TEXT if media_type in {TEXT, MARKDOWN, MAIL} else media_type


def _look(data: bytes) -> str:
    """What the content is: a media type that is read here, or words for what is not."""
    if b"%PDF-" in data[:1024]:
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "an archive"
    if data.startswith(_OLE):
        if _ENCRYPTED_OOXML in data:
            raise Encrypted
        if (
            b"_VBA_PROJECT" in data
            or "_VBA_PROJECT".encode("utf-16-le") in data
            or b"M\x00a\x00c\x00r\x00o\x00s" in data
        ):
            raise Macros
        return "an old office document"
    for magic, words in _MAGIC:
        if data.startswith(magic) and not (magic in {b"MZ", b"BZh", b"ID3", b"GIF8"} and _reads_as_text(data)):
            return words
    return _markup_or_text(data)


def _markup_or_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    if b"\x00" in data[:4096]:
        return "binary data"
    root = _MARKUP.match(data[:4096])
    if root is None:
        return TEXT if _reads_as_text(data) else "binary data"
    name = root[1].lower()
    if name == b"doctype":
        name = root[2].strip().split()[0].lower() if root[2].strip() else b""
    if name in {b"html", b"head", b"body", b"div", b"p", b"article", b"h1", b"table", b"meta", b"title", b"section"}:
        return HTML
    if name == b"svg":
        return "an SVG drawing"
    return "XML" if data.lstrip().startswith(b"<?xml") or root[0].lstrip().lower().startswith(b"<!doctype") else TEXT


def _reads_as_text(data: bytes) -> bool:
    head = data[:65536]
    controls = sum(head.count(bytes([sign])) for sign in (*range(9), *range(14, 27), *range(28, 32)))
    return controls * 100 <= len(head)
