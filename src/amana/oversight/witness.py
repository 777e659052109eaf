"""A witness's decision about a new head of somebody's log: C2SP tlog-witness, add-checkpoint.

Invariant: a head is accepted only if it is signed by its log and proved to continue the head the witness last
accepted; the caller stores the new head over the old in one step before it gives its signature.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amana.domain.errors import BadInput, gettext_noop
from amana.oversight.checkpoint import NoteMalformed, NoteUnsigned, VerifierKey, parse_text, split_note, verify
from amana.oversight.merkle import ProofMalformed, ProofWrong, verify_consistency

_MOST_STEPS = 63


class WitnessError(BadInput):
    """A request to witness is refused; `status` is the standard's HTTP status."""

    code = "witness-request"
    sentence = gettext_noop("The witness cannot co-sign this.")
    status = 400


class WitnessRequestMalformed(WitnessError):
    """The request does not have the standard's form."""

    code = "witness-request-malformed"
    sentence = gettext_noop("This is not a request to a witness in its standard form.")


class OriginUnknown(WitnessError):
    """The witness does not know the log."""

    code = "witness-origin-unknown"
    sentence = gettext_noop("This witness does not know the log “%(origin)s”.")
    status = 404


class OriginNotSigned(WitnessError):
    """The head is not signed by its log's key."""

    code = "witness-not-signed"
    sentence = gettext_noop("The checkpoint is not signed with the key that this witness knows for “%(origin)s”.")
    status = 403


class OldSizeWrong(WitnessError):
    """The request starts from another size than the witness last accepted, which `size` names."""

    code = "witness-old-size"
    sentence = gettext_noop("This witness last co-signed this log at %(size)s entries.")
    status = 409

    def __init__(self, *, size: int) -> None:
        super().__init__(size=size)
        self.size = size


class ConsistencyWrong(WitnessError):
    """The new head does not continue the old one."""

    code = "witness-consistency"
    sentence = gettext_noop("The new checkpoint of “%(origin)s” does not continue the one this witness co-signed.")
    status = 422


@dataclass(frozen=True, slots=True)
class Accepted:
    """A head that may be co-signed once it is stored."""

    origin: str
    size: int
    root: bytes
    note: str


def write_request(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """A request to co-sign `note`, whose log the witness last saw at `old` entries."""
    lines = [f"old {old}", *(base64.b64encode(step).decode() for step in proof)]
    return ("\n".join(lines) + "\n\n" + note).encode()


def read_request(request: bytes) -> tuple[int, list[bytes], str]:
    """The old size, the proof and the note of a request. Raises WitnessRequestMalformed."""
    try:
        head, gap, note = request.decode("utf-8").partition("\n\n")
        first, *steps = head.split("\n")
        word, _, number = first.partition(" ")
        proof = [base64.b64decode(step, validate=True) for step in steps]
    except (UnicodeDecodeError, binascii.Error) as error:
        raise WitnessRequestMalformed from error
    if not gap or word != "old" or not (number.isascii() and number.isdigit()) or len(number) > 19:
        raise WitnessRequestMalformed
    if len(proof) > _MOST_STEPS or any(len(step) != 32 for step in proof):
        raise WitnessRequestMalformed
    return int(number), proof, note


def decide(request: bytes, *, known: Mapping[str, tuple[int, bytes]], keys: Mapping[str, VerifierKey]) -> Accepted:
    """Say whether a head may be co-signed. `known` gives size and root last accepted, by origin.

    1. The request's form (WitnessRequestMalformed, 400). 2. A known origin (OriginUnknown, 404). 3. Its signature
    (OriginNotSigned, 403). 4. The old size is ours (OldSizeWrong, 409) and not larger than the new (400). 5. The same
    size has the same root (OldSizeWrong, 409). 6. The proof (ConsistencyWrong, 422).
    """
    old, proof, note = read_request(request)
    try:
        head = parse_text(split_note(note)[0])
    except NoteMalformed as error:
        raise WitnessRequestMalformed from error
    key = keys.get(head.origin)
    if key is None:
        raise OriginUnknown(origin=head.origin)
    try:
        verify(note, key)
    except NoteUnsigned as error:
        raise OriginNotSigned(origin=head.origin) from error
    if old > head.size:
        raise WitnessRequestMalformed
    size, tree_root = known.get(head.origin, (0, b""))
    if old != size:
        raise OldSizeWrong(size=size)
    if size == head.size and size and tree_root != head.root:
        raise OldSizeWrong(size=size)
    _require_consistency(head.origin, size, tree_root, head.size, head.root, proof)
    return Accepted(head.origin, head.size, head.root, note)


def _require_consistency(
    origin: str, old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    if old == 0:
        if proof:
            raise ConsistencyWrong(origin=origin)
        return
    try:
        verify_consistency(old, old_root, new, new_root, proof)
    except (ProofWrong, ProofMalformed) as error:
        raise ConsistencyWrong(origin=origin) from error
