"""The table of a zip archive, judged before anything is unpacked (DOCX is one).

Invariant: what passes has non-overlapping entries inside the file, unique plain names, a bounded sum and bounded
ratios; no entry is decompressed here. APPNOTE.TXT 4.3.7 and 4.3.12; the attack is Fifield's overlapping bomb.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile

from amana.intake.limits import MIB, Limits
from amana.intake.refusals import ArchiveBomb, ArchiveNames, BrokenFile, Encrypted, Macros, Mislabelled, TooMuchText

_LOCAL = struct.Struct("<4s5H3I2H")
_DRIVE = re.compile(r"^[A-Za-z]:")
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_NEEDED = {"[content_types].xml", "word/document.xml"}
_SYMLINK = 0o120000


def check_archive(data: bytes, limits: Limits) -> None:
    """Check the table of an archive that should be a DOCX.

    Checks, each named in its test: 1 the table reads; 2 not too many entries; 3 none encrypted; 4 plain, unique names
    and no links; 5 methods that Word uses; 6 no macros; 7 sum and ratio bounded; 8 entries lie one after the other
    and their own headers agree with the table; 9 the parts of a DOCX are there.
    Raises BrokenFile, TooMuchText, Encrypted, ArchiveNames, Macros, ArchiveBomb, Mislabelled.
    """
    entries = _table(data)
    if len(entries) > limits.max_parts:
        raise TooMuchText(limit=limits.max_parts, unit="parts")
    if any(entry.flag_bits & 0x41 for entry in entries):
        raise Encrypted
    _check_names(entries)
    if any(entry.compress_type not in _METHODS for entry in entries):
        raise BrokenFile
    names = {entry.filename.casefold() for entry in entries}
    if any(name.rpartition("/")[2].startswith("vba") for name in names):
        raise Macros
    _check_sizes(entries, limits)
    _check_places(data, entries)
    if not names >= _NEEDED:
        raise Mislabelled(named=".docx", found="an archive")


def _table(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    except (zipfile.BadZipFile, ValueError, struct.error, OSError, NotImplementedError, UnicodeDecodeError) as error:
        raise BrokenFile from error


def _check_names(entries: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for entry in entries:
        name = entry.filename
        plain = name.isprintable() and "\\" not in name and not name.startswith("/") and not _DRIVE.match(name)
        link = (entry.external_attr >> 16) & 0o170000 == _SYMLINK
        # zipfile cuts a name at its first NUL; the original tells.
        if not plain or link or ".." in name.split("/") or entry.orig_filename != name or name.casefold() in seen:
            raise ArchiveNames
        seen.add(name.casefold())


def _check_sizes(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if sum(entry.file_size for entry in entries) > limits.max_unpacked:
        raise ArchiveBomb
    for entry in entries:
        if entry.file_size > MIB and entry.file_size > limits.max_ratio * max(entry.compress_size, 1):
            raise ArchiveBomb


def _check_places(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        start = entry.header_offset
        if start < end:
            raise ArchiveBomb
        try:
            head = _LOCAL.unpack_from(data, start)
        except struct.error as error:
            raise BrokenFile from error
        if head[0] != b"PK\x03\x04" or head[3] != entry.compress_type:
            raise BrokenFile
        end = start + _LOCAL.size + head[9] + head[10] + entry.compress_size
        if end > len(data):
            raise BrokenFile
