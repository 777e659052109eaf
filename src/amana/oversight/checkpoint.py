"""Signed heads of a log: C2SP signed-note, tlog-checkpoint and tlog-cosignature.

Invariant: what `verify` returns was signed by the named key over exactly the note's text; unknown signatures are
passed over, as the standard asks, but never counted.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from amana.domain.ed25519 import refuse_small_order
from amana.domain.errors import BadInput, gettext_noop

LOG_KEY = 0x01
COSIGNATURE_KEY = 0x04
_DASH = "— "
_MOST_SIGNATURES = 100

Signer = Callable[[bytes], bytes]


class NoteMalformed(BadInput):
    """A note does not have the standard's form."""

    code = "log-note-malformed"
    sentence = gettext_noop("This is not a signed checkpoint in its standard form.")


class NoteUnsigned(BadInput):
    """A note lacks a valid signature of the key that was asked for."""

    code = "log-note-unsigned"
    sentence = gettext_noop("The checkpoint is not signed by “%(name)s” with the key that you named.")


class VerifierKeyMalformed(BadInput):
    """A verifier key does not have the standard's form."""

    code = "log-verifier-key"
    sentence = gettext_noop("This is not a verifier key in its standard form (name+hash+key).")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of the log called `origin`: how many entries, and the tree's root."""

    origin: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A named public key: `kind` is 1 for a log, 4 for a witness."""

    name: str
    kind: int
    public: bytes

    @property
    def hash(self) -> bytes:
        """The four bytes by which a signature line names its key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def verify(self, signature: bytes, message: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def encode_vkey(name: str, public: bytes, *, cosigner: bool = False) -> str:
    """A verifier key as text. Raises VerifierKeyMalformed, KeySmallOrder."""
    refuse_small_order(public)
    if not _is_name(name):
        raise VerifierKeyMalformed
    key = VerifierKey(name, COSIGNATURE_KEY if cosigner else LOG_KEY, public)
    return f"{name}+{key.hash.hex()}+{base64.b64encode(bytes([key.kind]) + public).decode()}"


def decode_vkey(text: str) -> VerifierKey:
    """A verifier key from its text. Raises VerifierKeyMalformed, KeySmallOrder."""
    name, _, rest = text.strip().partition("+")
    digest, _, encoded = rest.partition("+")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise VerifierKeyMalformed from error
    if not _is_name(name) or len(data) != 33 or data[0] not in (LOG_KEY, COSIGNATURE_KEY):
        raise VerifierKeyMalformed
    refuse_small_order(data[1:])
    key = VerifierKey(name, data[0], data[1:])
    if key.hash.hex() != digest:
        raise VerifierKeyMalformed
    return key


def vkey_name(text: str) -> str:
    """The name in a verifier key. Raises VerifierKeyMalformed."""
    return decode_vkey(text).name


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(sign.isspace() for sign in name)


def note_text(checkpoint: Checkpoint) -> str:
    """The text that is signed: origin, size, root in base64, each on its line."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def sign(checkpoint: Checkpoint, key: VerifierKey, signer: Signer) -> str:
    """The signed note of a log's head; `signer` signs bytes with the private half of `key`."""
    text = note_text(checkpoint)
    return f"{text}\n{_line(key, signer(text.encode()))}"


def _line(key: VerifierKey, signature: bytes) -> str:
    return f"{_DASH}{key.name} {base64.b64encode(key.hash + signature).decode()}\n"


def split_note(note: str) -> tuple[str, list[str]]:
    """A note's text (with its last newline) and its signature lines. Raises NoteMalformed."""
    text, gap, signatures = note.rpartition("\n\n")
    if not gap or not signatures.endswith("\n") or any(ord(sign) < 32 and sign != "\n" for sign in note):
        raise NoteMalformed
    lines = signatures[:-1].split("\n")
    if not all(line.startswith(_DASH) for line in lines) or len(lines) > _MOST_SIGNATURES:
        raise NoteMalformed
    if len(set(lines)) != len(lines):
        raise NoteMalformed
    return text + "\n", lines


def parse_text(text: str) -> Checkpoint:
    """The head that a note's text names. Raises NoteMalformed."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not lines[0]:
        raise NoteMalformed
    origin, size, encoded = lines[:3]
    if not (size.isascii() and size.isdigit()) or (size != "0" and size.startswith("0")) or len(size) > 19:
        raise NoteMalformed
    try:
        tree_root = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteMalformed from error
    if len(tree_root) != 32:
        raise NoteMalformed
    return Checkpoint(origin, int(size), tree_root)


def _signature_of(line: str, key: VerifierKey) -> bytes | None:
    """The signature in a line if the line names this key."""
    name, _, encoded = line.removeprefix(_DASH).rpartition(" ")
    try:
        data = base64.b64decode(encoded, validate=True)
    except binascii.Error as error:
        raise NoteMalformed from error
    if name != key.name or data[:4] != key.hash:
        return None
    return data[4:]


def verify(note: str, key: VerifierKey) -> Checkpoint:
    """The head of the log that this key signed.

    1. The note's form (NoteMalformed). 2. Its origin is the key's name (NoteUnsigned). 3. The key's signature
    (NoteUnsigned).
    """
    text, lines = split_note(note)
    checkpoint = parse_text(text)
    signatures = [signature for line in lines if (signature := _signature_of(line, key)) is not None]
    valid = any(key.verify(signature, text.encode()) for signature in signatures)
    if key.kind != LOG_KEY or checkpoint.origin != key.name or not valid:
        raise NoteUnsigned(name=key.name)
    return checkpoint


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def cosign(note: str, key: VerifierKey, signer: Signer, *, at: datetime) -> str:
    """A witness's signature line under a note (cosignature/v1)."""
    text, _ = split_note(note)
    seconds = int(at.timestamp())
    return _line(key, seconds.to_bytes(8, "big") + signer(_cosigned(text, seconds)))


def verify_cosignature(note: str, line: str, key: VerifierKey) -> datetime:
    """When the witness signed this note with this line. Raises NoteMalformed, NoteUnsigned."""
    text, _ = split_note(note)
    if not line.startswith(_DASH):
        raise NoteMalformed
    data = _signature_of(line.rstrip("\n"), key)
    if key.kind != COSIGNATURE_KEY or data is None or len(data) != 72:
        raise NoteUnsigned(name=key.name)
    seconds = int.from_bytes(data[:8], "big")
    if seconds > 2**40 or not key.verify(data[8:], _cosigned(text, seconds)):
        raise NoteUnsigned(name=key.name)
    return datetime.fromtimestamp(seconds, UTC)


def cosigned_by(note: str, key: VerifierKey) -> datetime:
    """When this witness signed the note, by any of its lines. Raises NoteUnsigned."""
    _, lines = split_note(note)
    for line in lines:
        if _signature_of(line, key) is not None:
            return verify_cosignature(note, line, key)
    raise NoteUnsigned(name=key.name)


def add_cosignature(note: str, line: str) -> str:
    """The note with one more signature line, unless it has it already."""
    _, lines = split_note(note)
    line = line.rstrip("\n")
    return note if line in lines else f"{note}{line}\n"
