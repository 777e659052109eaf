"""Bob, who does not die: what he sent, was answered, and received stands in a ledger beside the node's folder.

Each line is written before its effect leaves him, as his own node would commit it; so a process that is killed while it
plays him loses nothing of his, and the next one goes on where he was.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.utils import timezone

from amana.domain.times import cut
from amana.exchange.client import PartnerUnreachable
from amana.exchange.envelope import open_sealed
from amana.exchange.identity import load, save
from amana.exchange.protocol import (
    Accepted,
    Body,
    CertificateBody,
    Effect,
    Message,
    RecallBody,
    Refused,
    Type,
    chain_hash,
    message_hash,
    sign_answer,
)
from amana.oversight.checkpoint import COSIGNATURE_KEY, VerifierKey, cosign
from amana.oversight.witness import WitnessError, decide
from amana.services.keys import log_key, log_origin, witness_name
from tests.counterpart import Counterpart

Line = dict[str, Any]


@dataclass
class Bob:
    """Bob's node over its ledger. `losing` makes the line drop his next answer or ours; `refusing` makes him take no
    report."""

    folder: Path
    hand: Counterpart
    lines: list[Line] = field(default_factory=list)
    losing: bool = False
    refusing: bool = False

    @classmethod
    def found(cls, hand: Counterpart, folder: Path, **base: object) -> Bob:
        """Put Bob's node as it stands into a folder."""
        save(hand.secrets, folder / "keys")
        bob = cls(folder, hand)
        bob.write("base", seq=hand.seq, prev=hand.prev, **base)
        return bob

    @classmethod
    def back(cls, folder: Path, *, losing: bool = False) -> Bob:
        """Bob from his folder, as he was."""
        lines = [json.loads(line) for line in (folder / "ledger").read_text("utf-8").splitlines()]
        sent = [line for line in lines if line["what"] in ("base", "sent")][-1]
        hand = Counterpart(load(folder / "keys"), seq=sent["seq"], prev=sent["prev"])
        return cls(folder, hand, lines, losing)

    def write(self, what: str, **values: object) -> None:
        """Write a line into the ledger; the kernel has it before this returns."""
        line = {"what": what, **values}
        with (self.folder / "ledger").open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        self.lines.append(line)

    def all(self, what: str) -> list[Line]:
        """The lines of one sort, in order."""
        return [line for line in self.lines if line["what"] == what]

    # What he sends.
    def say(self, name: str, kind: Type, body: Body, *, agreement: str = "") -> None:
        """Put a message on his link, once under each name; `push` carries it."""
        if any(line["name"] == name for line in self.all("sent")):
            return
        message = self.hand.message(kind, body, agreement=agreement)
        data, digest = self.hand.sealed(message)
        self.hand.seq, self.hand.prev = message.seq, chain_hash(message, digest)
        kept = {"name": name, "type": str(kind), "id": message.id, "hash": digest, "data": b64encode(data).decode()}
        self.write("sent", seq=message.seq, prev=self.hand.prev, **kept)

    def push(self) -> bool:
        """Carry what is not answered yet, in order; True where something was."""
        answered = {line["id"] for line in self.all("answer")}
        waiting = [line for line in self.all("sent") if line["id"] not in answered]
        if not waiting:
            return False
        answers = self.hand.send_bytes([b64decode(line["data"]) for line in waiting])
        if self.losing:
            self.losing = False
            return True
        for line, answer in zip(waiting, answers, strict=True):
            if isinstance(answer, Refused) and answer.expected <= line["seq"]:
                break
            code = answer.code if isinstance(answer, Refused) else ""
            again = isinstance(answer, Accepted) and answer.duplicate
            self.write("answer", id=line["id"], hash=answer.sha256, code=code, again=again)
        return True

    # What he receives, as the client that the worker calls.
    def __call__(self, _partner: object) -> Bob:
        return self

    def deliver(self, batch: Sequence[bytes]) -> list[bytes]:
        """Take in a batch and answer each message, as a node does: in order, each once."""
        answers = [self._take(self.hand.open(sealed), sealed) for sealed in batch]
        if self.losing:
            self.losing = False
            raise PartnerUnreachable
        return [sign_answer(answer, self.hand.secrets.signing) for answer in answers]

    def _take(self, message: Message, sealed: bytes) -> Accepted | Refused:
        base, got = self.all("base")[0], self.all("got")
        seq, prev = (got[-1]["seq"], got[-1]["hash"]) if got else (base["in_seq"], base["in_hash"])
        digest, now = chain_hash(message, self._hash(sealed)), cut(timezone.now())
        accepted = Accepted(message.id, digest, message.seq <= seq, message.seq, message.seq + 1, "0" * 64, (), now)
        not_taken = Refused(message.id, digest, "receive-not-permitted", "No.", now, message.seq + 1)
        if message.seq <= seq:
            same = [line for line in got if line["seq"] == message.seq and line["hash"] == digest]
            if not same:
                return Refused(message.id, digest, "protocol-chain", "No.", now, expected=seq + 1)
            return not_taken if same[0]["refused"] else accepted
        if message.seq > seq + 1 or message.prev != prev:
            return Refused(message.id, digest, "protocol-gap", "No.", now, expected=seq + 1)
        refused = self.refusing and message.type is Type.REPORT
        self.write("got", seq=message.seq, id=message.id, hash=digest, type=str(message.type), refused=refused)
        if isinstance(message.body, RecallBody):
            self._certify(message.body, digest)
        return not_taken if refused else accepted

    def _hash(self, sealed: bytes) -> str:
        return message_hash(open_sealed(sealed, self.hand.secrets.sealing_key)[1])

    def _certify(self, recall: RecallBody, digest: str) -> None:
        body = CertificateBody(
            recall.report, recall.versions, digest, Effect.WITHDRAWN, cut(timezone.now()), 1, True, 0, (), 7
        )
        self.say(f"certificate for {digest}", Type.CERTIFICATE, body)

    def add_checkpoint(self, request: bytes) -> tuple[int, bytes]:
        """Co-sign a checkpoint of ours: stored first, then signed."""
        seen = self.all("witnessed")
        known = {log_origin(): (seen[-1]["size"], bytes.fromhex(seen[-1]["root"]))} if seen else {}
        try:
            accepted = decide(request, known=known, keys={log_origin(): log_key()})
        except WitnessError as error:
            return error.status, str(getattr(error, "size", "")).encode()
        self.write("witnessed", size=accepted.size, root=accepted.root.hex())
        key = self.hand.secrets.checkpoint
        name = VerifierKey(witness_name(self.hand.node), COSIGNATURE_KEY, key.public.raw)
        return 200, cosign(accepted.note, name, key.sign, at=timezone.now()).encode()
