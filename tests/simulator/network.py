"""The lines between the nodes: real requests at the real partners' door, over a network that a seed makes bad.

Invariant: what arrives is what was sent, whole or not at all; the network drops, cuts, holds back, repeats and
reorders, but it forges nothing (tests of what must be refused forge).
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING

from amana.exchange.carry import pack, unpack
from amana.exchange.client import MESSAGES, PartnerClient, PartnerUnreachable
from amana.wire.app import partners
from tests.simulator.disk import PowerCut

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World


@dataclass(frozen=True, slots=True)
class Weather:
    """How likely each mishap is, for each request."""

    dropped: float = 0.0
    unanswered: float = 0.0
    delayed: float = 0.0
    repeated: float = 0.0
    shuffled: float = 0.0
    torn: float = 0.0  # one message of the packet is lost
    parted: float = 0.0  # the two nodes lose each other for a while


@dataclass(order=True, slots=True)
class Late:
    """A request that is still in the air."""

    due: datetime
    number: int
    origin: str = field(compare=False)
    to: str = field(compare=False)
    path: str = field(compare=False)
    body: bytes = field(compare=False)


@dataclass(slots=True)
class Network:
    """All lines of one world."""

    world: World
    weather: Weather = field(default_factory=Weather)
    parted: dict[frozenset[str], datetime] = field(default_factory=dict)
    late: list[Late] = field(default_factory=list)
    carried: int = 0

    def calm(self) -> None:
        """Be a good network from now on; what is in the air still arrives."""
        self.weather, self.parted = Weather(), {}

    def call(self, origin: SimNode, to: SimNode, path: str, body: bytes) -> tuple[int, bytes]:
        """Carry one request and its answer. Raises PartnerUnreachable, as the client does for a lost connection."""
        rng, weather = self.world.rng, self.weather
        self.carried += 1
        self.world.tap.sends(origin, to, path, body)
        pair = frozenset({origin.name, to.name})
        if rng.random() < weather.parted:
            self.parted[pair] = self.world.clock.now + timedelta(seconds=rng.uniform(5, 3_000))
        if self._apart(pair) or rng.random() < weather.dropped:
            return self._lost(origin, to, "lost")
        if rng.random() < weather.delayed:
            due = self.world.clock.now + timedelta(seconds=rng.uniform(1, 2_000))
            self.late.append(Late(due, self.carried, origin.name, to.name, path, body))
            return self._lost(origin, to, "delayed")
        if rng.random() < weather.repeated:
            self.arrive(origin, to, path, body)
        found = self._messages(origin, to, body) if path == MESSAGES else self.arrive(origin, to, path, body)
        if rng.random() < weather.unanswered:
            return self._lost(origin, to, "unanswered")
        return found

    def _apart(self, pair: frozenset[str]) -> bool:
        until = self.parted.get(pair)
        return until is not None and until > self.world.clock.now

    def _lost(self, origin: SimNode, to: SimNode, how: str) -> tuple[int, bytes]:
        self.world.note(f"  {origin.name}→{to.name} {how}")
        raise PartnerUnreachable

    def _messages(self, origin: SimNode, to: SimNode, body: bytes) -> tuple[int, bytes]:
        """Carry a packet whose messages may come in another order, or without one of them."""
        rng, parts = self.world.rng, unpack(body)
        order = list(range(len(parts)))
        if rng.random() < self.weather.shuffled:
            rng.shuffle(order)
        if rng.random() < self.weather.torn:
            order.remove(rng.choice(order))
        status, answer = self.arrive(origin, to, MESSAGES, pack([parts[place] for place in order]))
        if status != 200 or order == list(range(len(parts))):
            return status, answer
        found = dict(zip(order, unpack(answer), strict=True))
        whole = next((place for place in range(len(parts)) if place not in found), len(parts))
        return status, pack([found[place] for place in range(whole)])

    def arrive(self, origin: SimNode, to: SimNode, path: str, body: bytes) -> tuple[int, bytes]:
        """Knock at the receiver's door. Raises PartnerUnreachable where its power is cut meanwhile."""
        try:
            with to.awake():
                status, answer = knock(origin, path, body)
        except PowerCut:
            to.restart()
            return self._lost(origin, to, "power cut at the receiver")
        self.world.tap.answers(origin, to, path, status, answer)
        self.world.note(f"  {origin.name}→{to.name} {path.rsplit('/', 1)[-1]} {status}")
        return status, answer

    def deliver_late(self, *, all_of_it: bool = False) -> None:
        """Let arrive what was held back long enough; nobody waits for its answer any more."""
        for packet in sorted(self.late):
            if packet.due > self.world.clock.now and not all_of_it:
                continue
            self.late.remove(packet)
            origin, to = self.world.nodes[packet.origin], self.world.nodes[packet.to]
            if self._apart(frozenset({origin.name, to.name})):
                continue
            self.world.note(f"  late: {packet.number}")
            try:
                self.arrive(origin, to, packet.path, packet.body)
            except PartnerUnreachable:
                continue


class _Line:
    """A connection as gunicorn shows it to the door: it knows the caller's certificate."""

    def __init__(self, certificate: bytes) -> None:
        self._certificate = certificate

    def getpeercert(self, binary_form: bool) -> bytes:
        """The certificate in DER."""
        return self._certificate


def knock(origin: SimNode, path: str, body: bytes) -> tuple[int, bytes]:
    """Make one request at the door of the node that is awake, as the node `origin`."""
    status: list[str] = []
    certificate = ssl.PEM_cert_to_DER_cert(origin.secrets().tls_cert.decode())
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        "gunicorn.socket": _Line(certificate),
    }
    answer = b"".join(partners(environ, lambda line, _head: status.append(line)))
    return int(status[0].split()[0]), answer


class SimClient(PartnerClient):
    """The real client of a partner, on the network of this world instead of a socket."""

    def __init__(self, network: Network, origin: SimNode, to: SimNode) -> None:
        self._network, self._origin, self._to = network, origin, to

    def _call(self, method: str, path: str, content: bytes, media_type: str) -> tuple[int, bytes]:
        return self._network.call(self._origin, self._to, path, content)
