"""A proxy between two real nodes that owns the test keys of both and treats their messages badly.

It ends the sender's TLS with the receiver's certificate and speaks on with the sender's, so it sees the carry packets
(exchange/carry.py) and works on single messages: it drops, duplicates and reorders them, and loses answers. The
messages stay sealed and signed; what it cannot do is read or change them.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from ssl import PEM_cert_to_DER_cert

from amana.domain.errors import AmanaError
from amana.exchange.carry import pack, unpack
from amana.exchange.client import CARD, CHECKPOINTS, MESSAGES, SEALED, PartnerClient
from amana.exchange.envelope import peek
from amana.exchange.identity import client_context, server_context


class Fate(StrEnum):
    """What becomes of one message on one passage."""

    DROPPED = "dropped"
    UNANSWERED = "unanswered"
    DUPLICATED = "duplicated"
    REORDERED = "reordered"


RATES = {Fate.DROPPED: 0.10, Fate.UNANSWERED: 0.10, Fate.DUPLICATED: 0.20, Fate.REORDERED: 0.25}
SUFFERS = 2
"""On how many passages a message can meet a fate; then it gets through, so that the test ends in a bounded time."""


@dataclass(slots=True)
class Fates:
    """Draws the fates, each mishap for itself, and counts what it drew."""

    rng: random.Random
    stormy: bool = False
    passages: Counter[str] = field(default_factory=Counter)
    drawn: Counter[Fate] = field(default_factory=Counter)

    def draw(self, sealed: bytes) -> frozenset[Fate]:
        """What this message meets now."""
        if not self.stormy:
            return frozenset()
        number = peek(sealed).id
        self.passages[number] += 1
        if self.passages[number] > SUFFERS:
            return frozenset()
        met = frozenset(fate for fate, rate in RATES.items() if self.rng.random() < rate)
        self.drawn.update(met)
        return met


def packet_after(fates: Sequence[frozenset[Fate]]) -> list[int]:
    """The places of a packet's messages as they arrive: some missing, some twice, some behind the next one."""
    order: list[int] = []
    for place, met in enumerate(fates):
        if Fate.DROPPED not in met:
            order += [place] * (2 if Fate.DUPLICATED in met else 1)
    for place, met in enumerate(fates):
        if Fate.REORDERED in met and place in order[:-1]:
            here = order.index(place)
            order[here], order[here + 1] = order[here + 1], order[here]
    return order


def answers_after(fates: Sequence[frozenset[Fate]], order: Sequence[int], answers: Sequence[bytes]) -> list[bytes]:
    """The answers as they come back, in the packet's order and broken off before the first that is missing.

    Of a message that arrived twice the later answer counts.
    """
    found = dict(zip(order, answers, strict=True))
    kept: list[bytes] = []
    for place, met in enumerate(fates):
        if place not in found or Fate.UNANSWERED in met:
            break
        kept.append(found[place])
    return kept


class FaultProxy(ThreadingHTTPServer):
    """Listens as the receiver, calls as the sender; both folders are those of the tests' own nodes."""

    daemon_threads = True

    def __init__(self, port: int, *, sender: Path, receiver: Path, door: str, seed: int) -> None:
        """`sender` and `receiver` are key folders, `door` the receiver's real address."""
        super().__init__(("127.0.0.1", port), _Passage)
        sender_ca, receiver_ca = (_authority(folder) for folder in (sender, receiver))
        context = server_context(receiver, [sender_ca])
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.onward = PartnerClient(door, client_context(sender, receiver_ca))
        self.fates = Fates(random.Random(seed))
        self.one_at_a_time = threading.Lock()

    def carry(self, packet: bytes) -> bytes | None:
        """Carry a packet on and its answers back; None where nothing of it is to be heard again."""
        with self.one_at_a_time:
            parts = unpack(packet)
            fates = [self.fates.draw(part) for part in parts]
            order = packet_after(fates)
            answers = self.onward.deliver([parts[place] for place in order]) if order else []
            kept = answers_after(fates, order, answers)
            return pack(kept) if kept else None

    @contextmanager
    def serving(self) -> Iterator[FaultProxy]:
        """Serve for a while."""
        thread = threading.Thread(target=self.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.shutdown()
            thread.join()
            self.server_close()
            self.onward.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that breaks off is nothing to tell of here."""


def _authority(folder: Path) -> bytes:
    return PEM_cert_to_DER_cert((folder / "tls-ca.crt").read_text(encoding="ascii"))


class _Passage(BaseHTTPRequestHandler):
    """One request on its way through."""

    protocol_version = "HTTP/1.1"
    server: FaultProxy

    def do_POST(self) -> None:
        """Carry messages with their fates, and everything else as it is."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            if self.path == CHECKPOINTS:
                self._answer(*self.server.onward.add_checkpoint(body), "text/plain; charset=utf-8")
            elif self.path == MESSAGES:
                answers = self.server.carry(body)
                self._answer(504 if answers is None else 200, answers or b"", SEALED)
        except AmanaError:
            self._answer(502, b"", SEALED)

    def do_GET(self) -> None:
        """Show the receiver's card."""
        assert self.path == CARD
        self._answer(200, self.server.onward.card(), "application/jose")

    def _answer(self, status: int, body: bytes, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""
