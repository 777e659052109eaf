"""The log taken out of the node: a whole bundle, or the proof of one entry; both are verified without any node.

Invariant: a bundle that verifies holds exactly the entries its checkpoint was signed over, in that order. A bundle is
gzip over JSON lines (a head, then one line an entry), a proof is one JSON object; both are read with limits.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form
from amana.domain.times import parse_instant
from amana.oversight.checkpoint import Checkpoint, VerifierKey, cosigned_by, verify
from amana.oversight.log import SALT_BYTES, Event, commit, event_from_json
from amana.oversight.merkle import EMPTY_ROOT, leaf_hash, node_hash, verify_inclusion

BUNDLE = "amana-log-bundle/1"
PROOF = "amana-log-proof/1"
_LONGEST_HEAD = 16 * 1024 * 1024
_LONGEST_LINE = 256 * 1024


class BundleMalformed(BadInput):
    """The file is neither a bundle nor a proof, or is damaged."""

    code = "log-bundle-malformed"
    sentence = gettext_noop("This file is not a log bundle or proof that Amana wrote, or it is damaged.")


class EntryChanged(BadInput):
    """An entry does not open its commitment."""

    code = "log-entry-changed"
    sentence = gettext_noop("Entry %(index)s is not what was committed to: it was changed afterwards.")


class LogChanged(BadInput):
    """The entries do not have the root that was signed."""

    code = "log-changed"
    sentence = gettext_noop(
        "The entries do not have the root that was signed: one was changed, moved, added or left out."
    )


class LogTruncated(BadInput):
    """The log is shorter than a head that was signed before."""

    code = "log-truncated"
    sentence = gettext_noop("The log has %(entries)s entries, but a checkpoint over %(size)s was signed before.")


class LogForked(BadInput):
    """The log contradicts a head that was signed before."""

    code = "log-forked"
    sentence = gettext_noop("The first %(size)s entries are not those of a checkpoint that was signed before.")


@dataclass(frozen=True, slots=True)
class Leaf:
    """One entry: its commitment, and what opens it unless the salt was erased."""

    commitment: bytes
    salt: bytes | None
    event: bytes | None


@dataclass(frozen=True, slots=True)
class Proof:
    """That one entry stands in the log under a signed head."""

    index: int
    leaf: Leaf
    path: tuple[bytes, ...]
    checkpoint: str


@dataclass(frozen=True, slots=True)
class BundleReport:
    """What was verified: entries counted, how many are erased, the head, and when which witness signed it."""

    head: Checkpoint
    note: str
    entries: int
    erased: int
    witnesses: tuple[tuple[str, datetime], ...]
    first_at: str
    last_at: str
    event: Event | None = None


def write_bundle(path: Path, *, checkpoint: str, leaves: Iterable[Leaf], earlier: Iterable[str] = ()) -> None:
    """Write a bundle: the newest signed head, earlier ones, and all entries in order."""
    part = path.with_name(path.name + ".part")
    with gzip.open(part, "wb", compresslevel=3) as file:
        file.write(_line({"format": BUNDLE, "checkpoint": checkpoint, "earlier": list(earlier)}))
        for leaf in leaves:
            file.write(_line(_leaf_json(leaf)))
    part.replace(path)


def write_proof(path: Path, proof: Proof) -> None:
    """Write the proof of one entry."""
    data = {
        "format": PROOF,
        "index": proof.index,
        "leaf": _leaf_json(proof.leaf),
        "path": [step.hex() for step in proof.path],
        "checkpoint": proof.checkpoint,
    }
    path.write_bytes(_line(data))


def _line(data: object) -> bytes:
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _leaf_json(leaf: Leaf) -> list[str | None]:
    return [
        leaf.commitment.hex(),
        leaf.salt.hex() if leaf.salt is not None else None,
        leaf.event.decode() if leaf.event is not None else None,
    ]


def _leaf_from(data: object) -> Leaf:
    if not isinstance(data, list) or len(data) != 3 or not isinstance(data[0], str):
        raise BundleMalformed
    if not all(part is None or isinstance(part, str) for part in data):
        raise BundleMalformed
    commitment, salt, event = data
    try:
        return Leaf(
            bytes.fromhex(commitment),
            bytes.fromhex(salt) if salt is not None else None,
            event.encode() if event is not None else None,
        )
    except ValueError as error:
        raise BundleMalformed from error


def _open(leaf: Leaf, index: int) -> Event | None:
    """The event that a leaf opens to, None where it was erased. Raises EntryChanged."""
    if leaf.salt is None or leaf.event is None:
        return None
    if len(leaf.salt) != SALT_BYTES or commit(leaf.event, leaf.salt) != leaf.commitment:
        raise EntryChanged(index=index)
    try:
        return event_from_json(json.loads(leaf.event))
    except ValueError as error:
        raise EntryChanged(index=index) from error


class _Tree:
    """The root over leaves as they come, with one hash a level."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        level, digest = 0, leaf
        while self._stack and self._stack[-1][0] == level:
            digest = node_hash(self._stack.pop()[1], digest)
            level += 1
        self._stack.append((level, digest))
        self.size += 1

    @property
    def root(self) -> bytes:
        if not self._stack:
            return EMPTY_ROOT
        digest = self._stack[-1][1]
        for _, left in reversed(self._stack[:-1]):
            digest = node_hash(left, digest)
        return digest


def verify_bundle(
    path: Path, *, origin: VerifierKey, witnesses: Sequence[VerifierKey] = (), seen: Sequence[str] = ()
) -> BundleReport:
    """Verify a bundle offline. `seen` are signed heads that the verifier kept from before.

    1. The file's form (BundleMalformed). 2. The head is signed by the log (NoteUnsigned). 3. And co-signed by every
    named witness (NoteUnsigned). 4. So is every earlier head and every one in `seen` by the log. 5. Each entry opens
    its commitment (EntryChanged). 6. No head seen before is larger (LogTruncated). 7. Each earlier head is the root of
    as many entries (LogForked). 8. The entries have the head's number and root (LogChanged).
    """
    lines = _lines(path)
    head_data = next(lines, None)
    with Form(head_data, "bundle") as form:
        if form.text("format") != BUNDLE:
            raise BundleMalformed
        note = form.text("checkpoint", most=_LONGEST_LINE)
        earlier = form.texts("earlier", most=1_000_000)
    head = verify(note, origin)
    cosigned = tuple((key.name, cosigned_by(note, key)) for key in witnesses)
    heads: dict[int, set[bytes]] = {}
    for one in (*earlier, *seen):
        checkpoint = verify(one, origin)
        heads.setdefault(checkpoint.size, set()).add(checkpoint.root)
    largest = max(heads, default=0)
    if largest > head.size:
        raise LogTruncated(entries=head.size, size=largest)
    return _verify_entries(lines, head, note, heads, cosigned)


def _verify_entries(
    lines: Iterator[object],
    head: Checkpoint,
    note: str,
    heads: dict[int, set[bytes]],
    cosigned: tuple[tuple[str, datetime], ...],
) -> BundleReport:
    tree, erased, first_at, last_at = _Tree(), 0, "", ""
    for line in lines:
        leaf = _leaf_from(line)
        event = _open(leaf, tree.size)
        if event is None:
            erased += 1
        else:
            first_at, last_at = first_at or event.at, event.at
        tree.add(leaf_hash(leaf.commitment))
        if tree.size in heads and heads[tree.size] != {tree.root}:
            raise LogForked(size=tree.size)
        if tree.size > head.size:
            raise LogChanged
    if tree.size != head.size or tree.root != head.root:
        raise LogChanged
    return BundleReport(head, note, tree.size, erased, cosigned, first_at, last_at)


def verify_proof(data: bytes, *, origin: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> BundleReport:
    """Verify the proof of one entry offline.

    1. Its form (BundleMalformed). 2. The head is signed by the log, and 3. by every named witness (NoteUnsigned).
    4. The entry opens its commitment (EntryChanged). 5. It is included (ProofWrong, ProofMalformed).
    """
    try:
        read = json.loads(data)
    except ValueError as error:
        raise BundleMalformed from error
    with Form(read, "proof") as form:
        if form.text("format") != PROOF:
            raise BundleMalformed
        index = form.number("index")
        leaf = form.part("leaf", _leaf_from)
        steps = form.texts("path", most=64)
        note = form.text("checkpoint", most=_LONGEST_LINE)
    head = verify(note, origin)
    cosigned = tuple((key.name, cosigned_by(note, key)) for key in witnesses)
    event = _open(leaf, index)
    try:
        path = [bytes.fromhex(step) for step in steps]
    except ValueError as error:
        raise BundleMalformed from error
    verify_inclusion(leaf_hash(leaf.commitment), index, head.size, path, head.root)
    at = event.at if event is not None else ""
    if at:
        parse_instant(at)
    return BundleReport(head, note, 1, 0 if event is not None else 1, cosigned, at, at, event)


def verify_any(
    path: Path, *, origin: VerifierKey, witnesses: Sequence[VerifierKey] = (), seen: Sequence[str] = ()
) -> BundleReport:
    """Verify a file that is a bundle or a proof, whichever it is."""
    with path.open("rb") as file:
        start = file.read(_LONGEST_LINE * 2)
    if start.startswith(b"\x1f\x8b"):
        return verify_bundle(path, origin=origin, witnesses=witnesses, seen=seen)
    return verify_proof(start, origin=origin, witnesses=witnesses)


def _lines(path: Path) -> Iterator[object]:
    """The JSON values of a bundle, line by line and never more than a line in memory. Raises BundleMalformed."""
    longest = _LONGEST_HEAD
    try:
        with gzip.open(path, "rb") as file:
            while line := file.readline(longest + 1):
                if len(line) > longest or not line.endswith(b"\n"):
                    raise BundleMalformed
                longest = _LONGEST_LINE
                yield json.loads(line)
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise BundleMalformed from error
