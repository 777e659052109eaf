"""Small real files made by code: PDF, DOCX, zip and mail, whole or broken on purpose."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Sequence

import docx

DOCX_TYPES = (
    b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    b'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    b'<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
DOCX_RELATIONS = (
    b'<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    b'<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    b'Target="word/document.xml"/></Relationships>'
)
DOCX_BODY = (
    b'<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    b"<w:body><w:p><w:r><w:t>Harmless words.</w:t></w:r></w:p></w:body></w:document>"
)


def docx_of(text: str) -> bytes:
    """A whole DOCX with one paragraph a line."""
    document = docx.Document()
    for line in text.split("\n"):
        document.add_paragraph(line)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def docx_parts(**changed: bytes) -> bytes:
    """A minimal DOCX; `changed` names further parts with __ for / and _dot_ for a point."""
    parts = {"[Content_Types].xml": DOCX_TYPES, "_rels/.rels": DOCX_RELATIONS, "word/document.xml": DOCX_BODY}
    return zip_of({**parts, **{name.replace("_dot_", ".").replace("__", "/"): data for name, data in changed.items()}})


def docx_with(parts: dict[str, bytes]) -> bytes:
    """A minimal DOCX with further or other parts."""
    return zip_of(
        {"[Content_Types].xml": DOCX_TYPES, "_rels/.rels": DOCX_RELATIONS, "word/document.xml": DOCX_BODY, **parts}
    )


def zip_of(parts: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of those entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return written.getvalue()


def zip_table(entries: Sequence[tuple[str, bytes, int, int]], *, flags: int = 0, method: int = 8) -> bytes:
    """A zip made by hand: name, packed bytes, claimed size, and how often the table points to the same bytes."""
    body, table, count = b"", b"", 0
    for name, packed, claimed, times in entries:
        head = struct.pack("<5H3I2H", 20, flags, method, 0, 33, zlib.crc32(b""), len(packed), claimed, len(name), 0)
        place = len(body)
        body += b"PK\x03\x04" + head + name.encode() + packed
        for number in range(times):
            alias = name if not number else f"{number}{name}"
            central = struct.pack(
                "<6H3I5H2I", 20, 20, flags, method, 0, 33, zlib.crc32(b""), len(packed), claimed, len(alias),
                0, 0, 0, 0, 0, place,
            )  # fmt: skip
            table += b"PK\x01\x02" + central + alias.encode()
            count += 1
    end = struct.pack("<4H2IH", 0, 0, count, count, len(table), len(body), 0)
    return body + table + b"PK\x05\x06" + end


def pdf_of(text: str) -> bytes:
    """A whole PDF with the lines of a Latin text on one page."""
    lines = "".join(f"({line}) Tj 0 -14 Td " for line in (_escaped(line) for line in text.split("\n")))
    return pdf_with(stream=b"BT /F 10 Tf 40 800 Td " + lines.encode("cp1252", "replace") + b"ET")


def pdf_with(
    *,
    catalog: bytes = b"",
    page: bytes = b"",
    stream: bytes = b"BT /F 12 Tf 72 720 Td (Harmless words.) Tj ET",
    stream_head: bytes = b"",
    objects: Sequence[bytes] = (),
    trailer: bytes = b"",
) -> bytes:
    """A small PDF with further keys in its catalogue, page and trailer, and further objects from number 6 on."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>" + page + b">>",
        b"<</Length %d%s>>\nstream\n" % (len(stream), stream_head) + stream + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        *objects,
    ]
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    return written + b"trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, trailer, table)


def mail_of(body: bytes, *, head: bytes = b"", kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    """A mail with that body."""
    return (
        b"From: a@example.org\nTo: b@example.org\nDate: Tue, 24 Mar 2026 12:00:00 +0000\nSubject: Exercise\n"
        b"MIME-Version: 1.0\nContent-Type: " + kind + b"\n" + head + b"\n" + body
    )


def _escaped(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
