"""Hostile mails and pages: broken and deep MIME, encryption, foreign charsets, entities, endless nesting."""

from __future__ import annotations

import base64
from collections.abc import Callable

_HEAD = b"From: Bob <bob@example.org>\nTo: Alice <alice@example.org>\nSubject: Transit\nMIME-Version: 1.0\n"
_WORDS = b"A container waits in Tanger Med.\n"


def mail(kind: bytes = b"text/plain; charset=utf-8", body: bytes = _WORDS, more: bytes = b"") -> bytes:
    """A mail with that body."""
    return _HEAD + b"Content-Type: " + kind + b"\n" + more + b"\n" + body


def parts(*inside: bytes, kind: bytes = b"mixed", boundary: bytes = b"b", close: bool = True) -> tuple[bytes, bytes]:
    """Content type and body of a mail of several parts."""
    body = b"".join(b"--" + boundary + b"\n" + one + b"\n" for one in inside)
    return b"multipart/" + kind + b'; boundary="' + boundary + b'"', body + (
        b"--" + boundary + b"--\n" if close else b""
    )


_PLAIN = b"Content-Type: text/plain; charset=utf-8\n\n" + _WORDS


def _deep(levels: int) -> bytes:
    kind, body = b"text/plain; charset=utf-8", _WORDS
    for level in range(levels):
        kind, body = parts(b"Content-Type: " + kind + b"\n\n" + body, boundary=b"b%d" % level)
    return mail(kind, body)


def _forwarded(levels: int) -> bytes:
    inner = mail()
    for _level in range(levels):
        inner = mail(b"message/rfc822", inner)
    return inner


MAILS: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("a text that is no mail", "text.eml", lambda: b"Nothing here is a head.\n\nNothing.", "intake-broken"),
    ("a mail cut before its end", "cut.eml", lambda: mail(*parts(_PLAIN, _PLAIN, close=False)), "intake-broken"),
    ("parts without a boundary", "unbound.eml", lambda: mail(b"multipart/mixed", _WORDS), "intake-broken"),
    (
        "a boundary that never comes",
        "never.eml",
        lambda: mail(b"multipart/mixed; boundary=zzz", _WORDS),
        "intake-broken",
    ),
    (
        "base64 that is none",
        "base64.eml",
        lambda: mail(body=b"QUJD$$$$QQ=X\n", more=b"Content-Transfer-Encoding: base64\n"),
        "intake-broken",
    ),
    ("parts forty deep", "deep.eml", lambda: _deep(40), "intake-nesting"),
    ("parts three thousand deep", "abyss.eml", lambda: _deep(3000), "intake-too-much-text"),
    ("mails within mails", "forwarded.eml", lambda: _forwarded(60), "intake-nesting"),
    ("two thousand parts", "parts.eml", lambda: mail(*parts(*[_PLAIN] * 2000)), "intake-too-much-text"),
    (
        "a sealed S/MIME mail",
        "smime.eml",
        lambda: mail(b"application/pkcs7-mime; smime-type=enveloped-data", b"QQ==\n"),
        "intake-encrypted",
    ),
    ("a sealed PGP mail", "pgp.eml", lambda: mail(*parts(_PLAIN, kind=b"encrypted")), "intake-encrypted"),
    (
        "a body in KOI8-R",
        "koi8.eml",
        lambda: mail(b"text/plain; charset=koi8-r", "Порт".encode("koi8-r")),
        "intake-encoding",
    ),
    ("a body in UTF-7", "utf7.eml", lambda: mail(b"text/plain; charset=utf-7", b"+ADw-script+AD4-"), "intake-encoding"),
    ("UTF-8 that is not", "false.eml", lambda: mail(body="Zürich, Genève".encode("cp1252")), "intake-encoding"),
    ("a head of 400 KB", "head.eml", lambda: _HEAD + b"X-A: " + b"a" * 400_000 + b"\n\n" + _WORDS, "intake-broken"),
    (
        "a hundred thousand recipients",
        "to.eml",
        lambda: b"To: " + b"a@example.org, " * 100_000 + b"\n" + mail(),
        "intake-broken",
    ),
    ("NULs in the body", "nul.eml", lambda: mail(body=b"A\x00B"), "intake-mislabelled"),
    (
        "an attachment and nothing else",
        "attached.eml",
        lambda: mail(
            b"application/pdf; name=a.pdf",
            base64.b64encode(b"%PDF-1.7"),
            b"Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n",
        ),
        "intake-no-text",
    ),
    (
        "a body of HTML with entities",
        "entity.eml",
        lambda: mail(b"text/html; charset=utf-8", b'<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]><p>&a;</p>'),
        "intake-entities",
    ),
    ("a PDF named a mail", "pdf.eml", lambda: b"%PDF-1.7\n", "intake-mislabelled"),
]

PAGES: list[tuple[str, str, Callable[[], bytes], str]] = [
    (
        "a page that reads a file",
        "xxe.html",
        lambda: b'<!DOCTYPE html [<!ENTITY a SYSTEM "file:///etc/passwd">]><html><p>&a;</p></html>',
        "intake-entities",
    ),
    (
        "a page with an entity bomb",
        "laughs.html",
        lambda: b'<!DOCTYPE html [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><html><p>&b;</p></html>',
        "intake-entities",
    ),
    ("a page a hundred thousand deep", "deep.html", lambda: b"<html>" + b"<div>" * 100_000 + b"A", "intake-nesting"),
    ("two million open tags", "tags.html", lambda: b"<html>" + b"<b>" * 2_000_000 + b"A", "intake-nesting"),
    ("a page that is one script", "script.html", lambda: b"<html><script>alert(1)</script></html>", "intake-no-text"),
    (
        "a page that hides all it says",
        "hidden.html",
        lambda: b"<html><p style='display:none'>A</p></html>",
        "intake-no-text",
    ),
    (
        "a page in an unknown charset",
        "x.html",
        lambda: b"<html><meta charset='x-user-defined'><p>A</html>",
        "intake-encoding",
    ),
    (
        "a page in UTF-7",
        "utf7.html",
        lambda: b"<html><meta charset=utf-7><p>+ADw-script+AD4-</html>",
        "intake-encoding",
    ),
    ("a page that says UTF-16", "utf16.html", lambda: b"<html><meta charset=utf-16><p>A</html>", "intake-encoding"),
    ("a drawing", "a.svg", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "intake-unknown-type"),
    (
        "a drawing named a page",
        "svg.html",
        lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "intake-mislabelled",
    ),
    (
        "a drawing behind an XML head",
        "xml.html",
        lambda: b"<?xml version='1.0'?><!-- a --><svg xmlns='http://www.w3.org/2000/svg'><text>A</text></svg>",
        "intake-mislabelled",
    ),
    ("a page named a text", "page.txt", lambda: b"<html><p>A</p></html>", "intake-mislabelled"),
]
