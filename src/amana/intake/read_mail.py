"""E-mail (.eml): who wrote to whom, the body, and a list of what hung on it.

Invariant: attachments are listed, never opened; a body in a charset that is not ours is refused, not guessed.
RFC 5322, RFC 2045–2049; the standard library's parser with `email.policy.default`.
"""

from __future__ import annotations

import email.parser
import email.policy
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import PurePosixPath

from amana.intake.decoding import decode
from amana.intake.found import Attachment, Found, attachment, language_code
from amana.intake.limits import Limits
from amana.intake.read_html import read_markup
from amana.intake.refusals import BrokenFile, Encrypted, Nesting, NoText, TooMuchText
from amana.intake.tidying import BIDI_CONTROLS

_SHOWN = ("From", "To", "Cc", "Date", "Subject")
_KEPT = ("from", "to", "cc", "date", "subject", "message-id", "reply-to")
_BROKEN = frozenset(
    {
        "StartBoundaryNotFoundDefect",
        "CloseBoundaryNotFoundDefect",
        "NoBoundaryInMultipartDefect",
        "MultipartInvariantViolationDefect",
        "InvalidBase64LengthDefect",
        "InvalidBase64CharactersDefect",
        "FirstHeaderLineIsContinuationDefect",
        "MissingHeaderBodySeparatorDefect",
    }
)
_ENCRYPTED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted"})
_LONGEST_HEAD = 256 * 1024
_SAMPLE = b"""From: =?utf-8?q?A?= <a@example.org>
To: a <a@example.org>, b: c@example.org;
Cc: d@example.org
Date: Tue, 24 Nov 2026 12:00:00 +0000
Message-ID: <a@example.org>
Subject: =?windows-1252?b?QQ==?= =?utf-8?q?B?=
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="-"

---
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

QQ==
---
Content-Type: text/html; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

<p>=41</p>
---
Content-Type: application/pdf; name*=utf-8''A%20B
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: x-uuencode

begin 666 a
!00
`
end
-----
"""


def sample() -> bytes:
    """A small mail that makes everything needed be loaded."""
    return _SAMPLE


def read_mail(data: bytes, limits: Limits) -> Found:
    """The mail as a person reads it: its head, a blank line, its body.

    Raises BrokenFile, Encrypted, Nesting, TooMuchText, NoText, WrongEncoding.
    """
    _check_raw(data, limits)
    message = email.parser.BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(data)
    if not any(message.get(name) for name in ("From", "Date", "Subject", "Received")):
        raise BrokenFile
    parts = list(_walk(message, limits))
    if any(type(defect).__name__ in _BROKEN for part in parts for defect in part.defects):
        raise BrokenFile
    bodies = [part for part in parts if _is_body(part)]
    plain = [part for part in bodies if part.get_content_type() == "text/plain"]
    chosen = plain or [part for part in bodies if part.get_content_type() == "text/html"]
    read = [_body(part) for part in chosen]
    if not any(sign.isalnum() for one in read for sign in one.text):
        raise NoText
    hung = tuple(_attachment(part) for part in parts if not part.is_multipart() and part not in bodies)
    head = [(name, _header(message, name)) for name in _SHOWN]
    shown = "\n".join(f"{name}: {value}" for name, value in head if value)
    warnings = [warning for one in read for warning in one.warnings]
    if hung:
        warnings.append("attachments-not-read")
    if any(sign in BIDI_CONTROLS for one in hung for sign in one.filename):
        warnings.append("attachment-name-deceives")
    return Found(
        text=shown + "\n\n" + "\n\n".join(one.text.strip("\r\n") for one in read),
        title=_header(message, "Subject"),
        language_hint=language_code(_header(message, "Content-Language")),
        metadata=tuple((name, _header(message, name)) for name in _KEPT if _header(message, name)),
        attachments=hung,
        warnings=tuple(warnings),
    )


def _check_raw(data: bytes, limits: Limits) -> None:
    """What would cost the parser more than it is worth, seen in the bytes."""
    head = data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    if b"\x00" in data or len(head) > _LONGEST_HEAD:
        raise BrokenFile
    lowered = data.lower()
    announced = lowered.count(b"boundary=") + lowered.count(b"message/rfc822")
    if announced > limits.max_parts or data.count(b"\n--") > 4 * limits.max_parts:
        raise TooMuchText(limit=limits.max_parts, unit="parts")


def _walk(message: EmailMessage, limits: Limits) -> Iterator[EmailMessage]:
    waiting: list[tuple[EmailMessage, int]] = [(message, 0)]
    count = 0
    while waiting:
        part, depth = waiting.pop(0)
        count += 1
        if depth > limits.max_depth:
            raise Nesting(limit=limits.max_depth)
        if count > limits.max_parts:
            raise TooMuchText(limit=limits.max_parts, unit="parts")
        if part.get_content_type() in _ENCRYPTED:
            raise Encrypted
        # The bytes of a transfer encoding are checked when they are decoded.
        if not part.is_multipart():
            part.get_payload(decode=True)
        yield part
        inside = part.get_payload() if part.is_multipart() else []
        waiting = [(one, depth + 1) for one in inside if isinstance(one, EmailMessage)] + waiting


def _is_body(part: EmailMessage) -> bool:
    text = part.get_content_type() in {"text/plain", "text/html"}
    return (
        text and not part.is_multipart() and part.get_content_disposition() != "attachment" and not part.get_filename()
    )


def _body(part: EmailMessage) -> Found:
    content = part.get_payload(decode=True)
    text, warnings = decode(content if isinstance(content, bytes) else b"", declared=part.get_content_charset("") or "")
    if part.get_content_type() == "text/html":
        return read_markup(text, warnings)
    return Found(text=text, warnings=warnings)


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _attachment(part: EmailMessage) -> Attachment:
    content = part.get_payload(decode=True)
    name = PurePosixPath((part.get_filename() or "").replace("\\", "/")).name
    return attachment(name[:255], part.get_content_type(), content if isinstance(content, bytes) else b"")
