"""Hostile texts and names: nothing at all, far too much, other things named a text, encodings that are not ours."""

from __future__ import annotations

import gzip
from collections.abc import Callable

MIB = 1024 * 1024
_WORDS = "A container waits in Tanger Med."
_PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)

TEXTS: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("a file without a byte", "empty.txt", lambda: b"", "intake-empty"),
    ("a hundred megabytes of nothing", "nothing.txt", lambda: bytes(100_000_000), "intake-too-large"),
    ("forty megabytes of NULs", "nuls.txt", lambda: bytes(40 * MIB), "intake-no-text"),
    ("a megabyte of spaces and lines", "blank.txt", lambda: b" \r\n\t" * (MIB // 4), "intake-no-text"),
    ("nothing but signs", "signs.txt", lambda: b"*** --- ... !!!", "intake-no-text"),
    ("nothing but invisible signs", "unseen.txt", lambda: "\u200b\u202e\u2066\ufeff".encode() * 99, "intake-no-text"),
    ("three million letters", "long.txt", lambda: b"a" * 3_000_000, "intake-too-much-text"),
    ("a program named a text", "program.txt", lambda: b"\x7fELF" + bytes(200), "intake-mislabelled"),
    ("a Windows program named a text", "setup.txt", lambda: b"MZ" + bytes(200), "intake-mislabelled"),
    ("a program by its name", "a.exe", lambda: b"MZ" + bytes(200), "intake-unknown-type"),
    ("a script named a text", "script.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "intake-mislabelled"),
    ("a picture named a text", "picture.txt", lambda: _PNG, "intake-mislabelled"),
    ("a picture named a PDF", "picture.pdf", lambda: _PNG, "intake-mislabelled"),
    ("a picture by its name", "a.png", lambda: _PNG, "intake-unknown-type"),
    ("an RTF named a text", "rtf.txt", lambda: b"{\\rtf1 A}", "intake-mislabelled"),
    ("an archive by its name", "a.zip", lambda: b"PK\x05\x06" + bytes(18), "intake-unknown-type"),
    ("an archive named a text", "zip.txt", lambda: b"PK\x05\x06" + bytes(18), "intake-mislabelled"),
    ("a gzip bomb named a text", "gzip.txt", lambda: gzip.compress(bytes(20 * MIB)), "intake-mislabelled"),
    ("a name without an ending", "report", _WORDS.encode, "intake-unknown-type"),
    ("noise named a text", "noise.txt", lambda: bytes(range(256)) * 40, "intake-mislabelled"),
    ("UTF-32", "utf32.txt", lambda: _WORDS.encode("utf-32"), "intake-encoding"),
    ("UTF-16 without its mark", "unmarked.txt", lambda: _WORDS.encode("utf-16-le"), "intake-mislabelled"),
    ("UTF-16 cut within a sign", "half.txt", lambda: _WORDS.encode("utf-16")[:-1], "intake-encoding"),
    ("a text behind a false mark", "mark.txt", lambda: b"\xff\xfe" + _WORDS.encode(), "intake-encoding"),
    ("overlong UTF-8", "overlong.txt", lambda: b"A \xc0\xaf\xc1\x81 container waits", "intake-encoding"),
    ("surrogates in UTF-8", "surrogates.txt", lambda: b"A \xed\xa0\x80\xed\xb0\x81 container waits", "intake-encoding"),
    ("UTF-8 cut within a sign", "cut.txt", lambda: "Zürich und Gen\u00e8".encode()[:-1] + b" ", "intake-encoding"),
    ("KOI8-R", "koi8.txt", lambda: "Порт Касабланка ждёт груз".encode("koi8-r"), "intake-encoding"),
    ("Shift JIS", "sjis.txt", lambda: "港で待つコンテナ".encode("shift_jis"), "intake-encoding"),
    ("GB 18030", "gb.txt", lambda: "集装箱在港口等待检查".encode("gb18030"), "intake-encoding"),
    ("a name that turns round", "report\u202egpj.txt", _WORDS.encode, "intake-name"),
    ("a name with invisible signs", "re\u200bport.txt", _WORDS.encode, "intake-name"),
    ("a name that is a path", "../../etc/cron.d/a.txt", _WORDS.encode, "intake-name"),
    ("a name that is a Windows path", "..\\a.txt", _WORDS.encode, "intake-name"),
    ("a name with a NUL", "a.exe\x00.txt", _WORDS.encode, "intake-name"),
    ("a name with a line break", "a\n.txt", _WORDS.encode, "intake-name"),
    ("a name of a thousand letters", "a" * 1000 + ".txt", _WORDS.encode, "intake-name"),
]
