"""A log in memory, with its key, its witness and the files it exports; tests bend it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from amana.oversight import merkle
from amana.oversight.bundle import Leaf, Proof, write_bundle, write_proof
from amana.oversight.checkpoint import COSIGNATURE_KEY, LOG_KEY, Checkpoint, VerifierKey, add_cosignature, cosign, sign
from amana.oversight.log import Act, Event, commit, event_bytes

ORIGIN = "rabat.example/log"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def key_of(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


def verifier(name: str, seed: str, *, kind: int = LOG_KEY) -> VerifierKey:
    return VerifierKey(name, kind, key_of(seed).public_key().public_bytes_raw())


LOG = verifier(ORIGIN, "log")
WITNESS = verifier("overseer", "witness", kind=COSIGNATURE_KEY)


def event(number: int, reason: str = "investigation") -> Event:
    return Event(Act.CONSULTATION, "report-read", "alice", "2026-03-01T11:00:00.000Z", reason, f"report:{number}:1")


def leaf(number: int, reason: str = "investigation") -> Leaf:
    written, salt = event_bytes(event(number, reason)), hashlib.sha256(f"salt {number}".encode()).digest()
    return Leaf(commit(written, salt), salt, written)


@dataclass(slots=True)
class Log:
    """Entries, and the heads signed over them. Nothing stops a test from changing the entries afterwards."""

    leaves: list[Leaf] = field(default_factory=list)

    @classmethod
    def of(cls, count: int) -> Log:
        return cls([leaf(number) for number in range(count)])

    def nodes(self) -> merkle.MemoryNodes:
        store = merkle.MemoryNodes()
        store.add(merkle.grow(0, [merkle.leaf_hash(one.commitment) for one in self.leaves], store))
        return store

    def head(self, size: int | None = None) -> Checkpoint:
        size = len(self.leaves) if size is None else size
        return Checkpoint(ORIGIN, size, merkle.root(size, self.nodes()))

    def note(self, size: int | None = None, *, witnessed: bool = False, seed: str = "log") -> str:
        note = sign(self.head(size), verifier(ORIGIN, seed), key_of(seed).sign)
        if not witnessed:
            return note
        return add_cosignature(note, cosign(note, WITNESS, key_of("witness").sign, at=AT))

    def bundle(self, path: Path, *, note: str | None = None, earlier: tuple[str, ...] = ()) -> Path:
        write_bundle(path, checkpoint=note or self.note(), leaves=self.leaves, earlier=earlier)
        return path

    def proof(self, path: Path, index: int) -> Path:
        steps = merkle.inclusion_proof(index, len(self.leaves), self.nodes())
        write_proof(path, Proof(index, self.leaves[index], tuple(steps), self.note(witnessed=True)))
        return path
