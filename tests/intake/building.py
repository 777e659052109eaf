"""Builders of small well-formed and malformed files, with every field of an archive's table in the caller's hand."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an archive; what is left at None is what a well-behaved writer would put."""

    name: bytes
    content: bytes = b""
    method: int = zipfile.ZIP_DEFLATED
    flags: int = 0
    crc: int | None = None
    claimed_size: int | None = None
    claimed_packed: int | None = None
    offset: int | None = None
    table_method: int | None = None
    attributes: int = 0
    local: bool = True


def archive(entries: list[Entry], *, table: bool = True) -> bytes:
    """An archive whose table says what the entries say it should."""
    body, central = io.BytesIO(), io.BytesIO()
    for entry in entries:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = (
            packer.compress(entry.content) + packer.flush() if entry.method == zipfile.ZIP_DEFLATED else entry.content
        )
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.claimed_size is None else entry.claimed_size
        packed_size = len(packed) if entry.claimed_packed is None else entry.claimed_packed
        offset = body.tell() if entry.offset is None else entry.offset
        table_method = entry.method if entry.table_method is None else entry.table_method
        common = (entry.flags, entry.method, 0, 33, crc, packed_size, size, len(entry.name), 0)
        listed = (entry.flags, table_method, 0, 33, crc, packed_size, size, len(entry.name), 0, 0, 0, 0)
        if entry.local:
            body.write(struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, *common) + entry.name + packed)
        central.write(
            struct.pack("<4s6H3I5H2I", b"PK\x01\x02", 0x314, 20, *listed, entry.attributes, offset) + entry.name
        )
    start, listing = body.tell(), central.getvalue()
    end = struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, len(entries), len(entries), len(listing), start, 0)
    return body.getvalue() + (listing + end if table else b"")


def content_types(main: str = _MAIN) -> Entry:
    """The list of a DOCX's content types."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_TYPES}">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )
    return Entry(b"[Content_Types].xml", xml.encode())


def relations() -> Entry:
    """The relation from the package to its main part."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>'
    )
    return Entry(b"_rels/.rels", xml.encode())


def document_xml(
    inside: str = "<w:p><w:r><w:t>A container waits in Tanger Med.</w:t></w:r></w:p>", head: str = ""
) -> bytes:
    """The main part of a DOCX."""
    root = f'<w:document xmlns:w="{_W}"><w:body>{inside}</w:body></w:document>'
    return f'<?xml version="1.0" encoding="UTF-8"?>{head}{root}'.encode()


def docx(*more: Entry, body: bytes | None = None, main: str = _MAIN, table: bool = True) -> bytes:
    """A DOCX with further entries."""
    written = document_xml() if body is None else body
    return archive([content_types(main), relations(), Entry(b"word/document.xml", written), *more], table=table)


def outside(kind: str, target: str) -> Entry:
    """A relation of the main part to something outside the package."""
    xml = (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_RELATIONS}">'
        f'<Relationship Id="r9" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="External"/></Relationships>'
    )
    return Entry(b"word/_rels/document.xml.rels", xml.encode())


def pdf(
    *objects: bytes, catalog: bytes = b"", page: bytes = b"", content: bytes | None = None, trailer: bytes = b""
) -> bytes:
    """A PDF of one page; `objects` are numbered from 6, `catalog` and `page` go into these dictionaries."""
    drawn = b"BT /F 12 Tf 9 9 Td (A container waits in Tanger Med) Tj ET" if content is None else content
    stream = drawn if drawn.startswith(b"<<") else b"<</Length %d>>stream\n" % len(drawn) + drawn + b"\nendstream"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R" + catalog + b">>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>" + page + b">>",
        stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *objects,
    ]
    return written_pdf(parts, trailer)


def written_pdf(parts: list[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, the first of which is the catalog, with a true cross-reference table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, part in enumerate(parts, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Root 1 0 R/Size %d" % (len(parts) + 1) + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def flate(content: bytes, more: bytes = b"", filters: bytes = b"/FlateDecode", times: int = 1) -> bytes:
    """A compressed stream of a PDF, compressed `times` times."""
    for _time in range(times):
        content = zlib.compress(content, 9)
    return b"<</Length %d/Filter" % len(content) + filters + more + b">>stream\n" + content + b"\nendstream"
