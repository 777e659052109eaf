"""Hostile DOCX files: bombs, lying tables, forbidden names, macros, entities, things that load or run."""

from __future__ import annotations

import zipfile
from collections.abc import Callable

from tests.intake.building import Entry, archive, content_types, document_xml, docx, outside, relations

MIB = 1024 * 1024
_ENTITY_BOMB = (
    "<!DOCTYPE a [<!ENTITY a 'aaaaaaaaaa'>"
    + "".join(f"<!ENTITY {chr(98 + n)} '{f'&{chr(97 + n)};' * 10}'>" for n in range(9))
    + "]>"
)
_XXE = "<!DOCTYPE a [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)

ARCHIVES: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("a bomb in one entry", "bomb.docx", lambda: docx(Entry(b"word/a.xml", bytes(40 * MIB))), "intake-archive-bomb"),
    (
        "a table that claims more than the limit",
        "sum.docx",
        lambda: docx(*[Entry(b"word/%d.xml" % n, b"a", claimed_size=MIB - 1) for n in range(200)]),
        "intake-archive-bomb",
    ),
    (
        "overlapping entries, all at one place",
        "overlap.docx",
        lambda: docx(*[Entry(b"word/%d.xml" % n, b"a" * 999, offset=0, local=n == 0) for n in range(300)]),
        "intake-archive-bomb",
    ),
    (
        "overlapping entries, one quoted inside the other",
        "quoted.docx",
        lambda: docx(Entry(b"word/a.xml", bytes(900), 0), Entry(b"word/b.xml", b"b", offset=0)),
        "intake-archive-bomb",
    ),
    (
        "ten thousand entries",
        "many.docx",
        lambda: docx(*[Entry(b"%d.xml" % n) for n in range(10_000)]),
        "intake-too-much-text",
    ),
    ("an archive cut in half", "half.docx", lambda: docx()[:-200], "intake-broken"),
    ("an archive without its table", "no-table.docx", lambda: docx(table=False), "intake-broken"),
    ("an empty archive", "empty.docx", lambda: archive([]), "intake-mislabelled"),
    ("a path upwards", "up.docx", lambda: docx(Entry(b"../../etc/passwd", b"a")), "intake-archive-names"),
    ("an absolute path", "root.docx", lambda: docx(Entry(b"/etc/passwd", b"a")), "intake-archive-names"),
    ("a path with backslashes", "back.docx", lambda: docx(Entry(b"..\\..\\a", b"a")), "intake-archive-names"),
    ("a path on a drive", "drive.docx", lambda: docx(Entry(b"C:a.xml", b"a")), "intake-archive-names"),
    (
        "two entries of one name",
        "twice.docx",
        lambda: docx(Entry(b"word/document.xml", b"<a/>")),
        "intake-archive-names",
    ),
    (
        "two names alike but for case",
        "case.docx",
        lambda: docx(Entry(b"WORD/document.xml", b"<a/>")),
        "intake-archive-names",
    ),
    (
        "an entry with a NUL in its name",
        "nul.docx",
        lambda: docx(Entry(b"word/a.xml\x00.png", b"a")),
        "intake-archive-names",
    ),
    (
        "a link to a file of the machine",
        "link.docx",
        lambda: docx(Entry(b"word/media/a.png", b"/etc/passwd", attributes=0o120777 << 16)),
        "intake-archive-names",
    ),
    ("an encrypted entry", "locked.docx", lambda: docx(Entry(b"word/a.xml", b"a", flags=1)), "intake-encrypted"),
    (
        "a method nobody uses",
        "bzip.docx",
        lambda: docx(Entry(b"a.xml", b"a", method=zipfile.ZIP_BZIP2)),
        "intake-broken",
    ),
    (
        "headers that disagree on the method",
        "disagree.docx",
        lambda: docx(Entry(b"word/a.xml", b"a", method=0, table_method=8)),
        "intake-broken",
    ),
    ("a wrong checksum", "crc.docx", lambda: docx(Entry(b"word/a.xml", b"<a/>", crc=7)), "intake-broken"),
    (
        "a size that lies low",
        "low.docx",
        lambda: docx(Entry(b"word/a.xml", bytes(30 * MIB), claimed_size=10)),
        "intake-broken",
    ),
    (
        "compressed data that is noise",
        "noise.docx",
        lambda: docx(Entry(b"word/a.xml", b"\xff" * 99, method=0, table_method=0), body=b"\x00\xff" * 50),
        "intake-broken",
    ),
    ("a VBA project", "macro.docx", lambda: docx(Entry(b"word/vbaProject.bin", _OLE)), "intake-macros"),
    ("a name that says macros", "macro.docm", docx, "intake-macros"),
    (
        "a macro-enabled main part",
        "enabled.docx",
        lambda: docx(main="application/vnd.ms-word.document.macroEnabled.main+xml"),
        "intake-macros",
    ),
    (
        "an old office file with macros",
        "old.docx",
        lambda: _OLE + "_VBA_PROJECT".encode("utf-16-le"),
        "intake-macros",
    ),
    (
        "an office file under a password",
        "password.docx",
        lambda: _OLE + "EncryptedPackage".encode("utf-16-le"),
        "intake-encrypted",
    ),
    ("an old office file", "old-plain.docx", lambda: _OLE, "intake-mislabelled"),
    (
        "an entity that reads a file",
        "xxe.docx",
        lambda: docx(body=document_xml("<w:p><w:r><w:t>&a;</w:t></w:r></w:p>", _XXE)),
        "intake-entities",
    ),
    (
        "an entity bomb",
        "laughs.docx",
        lambda: docx(body=document_xml("<w:p><w:r><w:t>&j;</w:t></w:r></w:p>", _ENTITY_BOMB)),
        "intake-entities",
    ),
    (
        "an entity in a part beside the text",
        "styles.docx",
        lambda: docx(Entry(b"word/styles.xml", _XXE.encode() + b"<a>&a;</a>")),
        "intake-entities",
    ),
    (
        "an entity hidden by UTF-16",
        "utf16.docx",
        lambda: docx(Entry(b"word/styles.xml", (_XXE + "<a>&a;</a>").encode("utf-16"))),
        "intake-broken",
    ),
    (
        "a template from elsewhere",
        "template.docx",
        lambda: docx(outside("attachedTemplate", "https://example.org/a.dotm")),
        "intake-active-content",
    ),
    (
        "a picture from elsewhere",
        "beacon.docx",
        lambda: docx(outside("image", "https://example.org/a.png")),
        "intake-active-content",
    ),
    (
        "an embedded object",
        "object.docx",
        lambda: docx(Entry(b"word/embeddings/oleObject1.bin", _OLE)),
        "intake-active-content",
    ),
    (
        "an ActiveX control",
        "activex.docx",
        lambda: docx(Entry(b"word/activeX/activeX1.bin", _OLE)),
        "intake-active-content",
    ),
    (
        "a workbook named a text",
        "book.docx",
        lambda: archive([Entry(b"xl/workbook.xml", b"<a/>")]),
        "intake-mislabelled",
    ),
    (
        "elements ten thousand deep",
        "deep.docx",
        lambda: docx(body=document_xml("<w:p>" * 10_000 + "</w:p>" * 10_000)),
        "intake-broken",
    ),
    ("a document without words", "blank.docx", lambda: docx(body=document_xml("<w:p/>")), "intake-no-text"),
    ("XML that ends early", "cut.docx", lambda: docx(body=document_xml()[:-30]), "intake-broken"),
    (
        "a main part that is missing",
        "headless.docx",
        lambda: archive([content_types(), relations()]),
        "intake-mislabelled",
    ),
]
