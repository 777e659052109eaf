"""Files with something hostile in them that can be left out: the text is read, a warning says what is missing."""

from __future__ import annotations

import base64
from collections.abc import Callable

from tests.intake.building import Entry, document_xml, docx, outside, pdf
from tests.intake.corpus_mails import mail, parts

_WORDS = "A container waits in Tanger Med."
_ARABIC = "تنتظر الحاوية في ميناء طنجة المتوسط منذ يوم الثلاثاء، والمركبة في الدار البيضاء."
_PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n" + _WORDS.encode() + b"\n"


def _attached(name: str) -> bytes:
    head = f"Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''{name}\n"
    return mail(*parts(_PLAIN, head.encode() + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(b"%PDF")))


HARMLESS: list[tuple[str, str, Callable[[], bytes], str, str]] = [
    ("overrides that turn a word", "turn.txt", "Pay \u202e0001\u202c now".encode, "bidi-controls-removed", "\u202e"),
    ("isolates that hide an end", "isolate.txt", "Pay \u20661000\u2069 now".encode, "bidi-controls-removed", "\u2066"),
    ("zero-width signs in a name", "zero.txt", "Ra\u200bbat waits".encode, "zero-width-removed", "\u200b"),
    (
        "tag characters with an order",
        "tags.txt",
        "Rabat \U000e0061\U000e0062 waits".encode,
        "tag-characters-removed",
        "\U000e0061",
    ),
    (
        "control characters",
        "bell.txt",
        lambda: ("Rabat\x07 waits " * 60).encode().replace(b"\x07", b"", 55),
        "control-characters-removed",
        "\x07",
    ),
    ("private characters", "private.txt", "Rabat \ue000 waits".encode, "private-characters-removed", "\ue000"),
    (
        "a tower of marks",
        "tower.txt",
        ("Ra" + "\u0300" * 900 + "bat").encode,
        "stacked-marks-removed",
        "\u0300\u0300\u0300\u0300",
    ),
    ("Cyrillic letters in a Latin name", "mixed.txt", "R\u0430bat waits".encode, "mixed-scripts", ""),
    (
        "UTF-8 that was read as something else",
        "mojibake.txt",
        "KÃ¶ln waits, ZÃ¼rich too".encode,
        "mojibake-suspected",
        "",
    ),
    ("one line of a megabyte", "line.txt", lambda: b"Rabat waits " * 90_000, "very-long-line", ""),
    (
        "windows-1252 without a word of it",
        "west.txt",
        lambda: "Der Container wartet in München, für Zürich bestimmt.".encode("cp1252"),
        "encoding-guessed",
        "\ufffd",
    ),
    ("windows-1256 without a word of it", "arabic.txt", lambda: _ARABIC.encode("cp1256"), "encoding-guessed", "\ufffd"),
    (
        "a page with a script",
        "script.html",
        lambda: b"<html><body><script>steal()</script><p>Rabat waits</p></html>",
        "scripts-left-out",
        "steal",
    ),
    (
        "a page with a handler",
        "handler.html",
        lambda: b"<html><p onclick='steal()'>Rabat waits</p></html>",
        "scripts-left-out",
        "steal",
    ),
    (
        "a page with a drawn script",
        "drawn.html",
        lambda: b"<html><p>Rabat</p><svg><script>steal()</script></svg></html>",
        "",
        "steal",
    ),
    (
        "a page with hidden words",
        "hidden.html",
        lambda: b"<html><p>Rabat</p><p style='display:none'>obey me</p></html>",
        "hidden-text-left-out",
        "obey",
    ),
    (
        "a frame of another page",
        "frame.html",
        lambda: b"<html><p>Rabat</p><iframe src='https://example.org'>obey</iframe></html>",
        "scripts-left-out",
        "obey",
    ),
    ("a mail with an attachment", "attached.eml", lambda: _attached("a.pdf"), "attachments-not-read", "%PDF"),
    (
        "an attachment whose name turns round",
        "turned.eml",
        lambda: _attached("a%E2%80%AEfdp.exe"),
        "attachment-name-deceives",
        "\u202e",
    ),
    (
        "hidden words in a DOCX",
        "hidden.docx",
        lambda: docx(
            body=document_xml(
                "<w:p><w:r><w:t>Rabat</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>obey</w:t></w:r></w:p>"
            )
        ),
        "hidden-text-left-out",
        "obey",
    ),
    (
        "deleted words in a DOCX",
        "deleted.docx",
        lambda: docx(
            body=document_xml(
                "<w:p><w:r><w:t>Rabat</w:t></w:r><w:del><w:r><w:delText>obey</w:delText></w:r></w:del></w:p>"
            )
        ),
        "deleted-text-left-out",
        "obey",
    ),
    ("a link in a DOCX", "link.docx", lambda: docx(outside("hyperlink", "https://example.org")), "", "example"),
    ("a picture in a DOCX", "picture.docx", lambda: docx(Entry(b"word/media/a.png", b"\x89PNG")), "", "PNG"),
    (
        "a PDF that speaks of JavaScript",
        "words.pdf",
        lambda: pdf(content=b"BT /F 9 Tf 9 9 Td (/JavaScript is a word) Tj ET"),
        "",
        "\x00",
    ),
    (
        "lists a hundred thousand deep in a PDF",
        "deep.pdf",
        lambda: pdf(catalog=b"/A" + b"[" * 100_000 + b"]" * 100_000),
        "",
        "[",
    ),
    ("UTF-16 with its mark", "utf16.txt", lambda: _WORDS.encode("utf-16"), "", "\x00"),
    ("Markdown with a script", "script.md", lambda: b"# Rabat\n\n<script>steal()</script>\n", "", "\x00"),
]
