"""Fields that several forms on this wire share: hashes, ids, versions.

Invariant: each has one written form: SHA-256 in small hex, a UUID in small letters (RFC 9562), versions ascending.
"""

from __future__ import annotations

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form
from amana.domain.report import LAST_VERSION

_HEX = frozenset("0123456789abcdef")


class BodyChanged(BadInput):
    """A body does not read back to what was written."""

    code = "protocol-body-not-exact"
    sentence = gettext_noop("The message's body would be kept otherwise than it was signed.")


def is_hash(text: str) -> bool:
    """Whether this is a SHA-256 in hex."""
    return len(text) == 64 and set(text) <= _HEX


def hash_field(form: Form, field: str) -> str:
    """Take a SHA-256 in hex from a form; raises FormMalformed."""
    text = form.text(field, most=64)
    if not is_hash(text):
        raise form.wrong(field)
    return text


def id_field(form: Form, field: str) -> str:
    """Take a UUID from a form; raises FormMalformed."""
    return form.uuid(field)


def versions_field(form: Form) -> tuple[int, ...]:
    """Take ascending version numbers, at least one, from the field `versions`; raises FormMalformed."""

    def read(item: object) -> int:
        if not isinstance(item, int) or isinstance(item, bool) or not 1 <= item <= LAST_VERSION:
            raise form.wrong("versions")
        return item

    versions = form.list_of("versions", read, most=10_000)
    if not versions or list(versions) != sorted(set(versions)):
        raise form.wrong("versions")
    return versions
