"""An ear on every line that opens what passes: whether it was allowed to pass, and what was acknowledged.

Invariant: no report passes that was not released to this receiver by a second person, or that was recalled or erased
before it was sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amana.exchange.carry import unpack
from amana.exchange.client import MESSAGES
from amana.exchange.envelope import open_sealed
from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import Accepted, Message, ReportBody, read_answer, read_message
from tests.simulator.watch import require

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

MAY_BE_SENT = ("released", "superseded")


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A receipt that a receiver signed, whether or not it ever came back."""

    origin: str
    receiver: str
    receipt: Accepted


@dataclass(slots=True)
class Tap:
    """All that was heard in one world."""

    world: World
    acknowledged: list[Acknowledged] = field(default_factory=list)
    reports: int = 0
    _asked: int = 0
    _opened: dict[bytes, Message] = field(default_factory=dict)

    def fresh(self, *, again: bool) -> list[Acknowledged]:
        """What was acknowledged since this was last asked; with `again`, all of it."""
        since, self._asked = 0 if again else self._asked, len(self.acknowledged)
        return self.acknowledged[since:]

    def sends(self, origin: SimNode, to: SimNode, path: str, body: bytes) -> None:
        """Listen where a node hands a request to the network: is each message allowed to leave now?"""
        for sealed in unpack(body) if path == MESSAGES else ():
            message = self._open(origin, to, sealed)
            if isinstance(message.body, ReportBody):
                self.reports += 1
                _require_release(origin, to, message, message.body)

    def answers(self, origin: SimNode, to: SimNode, path: str, status: int, answer: bytes) -> None:
        """Listen where a receiver answers: what it accepted, it has to hold from now on."""
        if path != MESSAGES or status != 200:
            return
        card = to.secrets().card
        for jws in unpack(answer):
            read = read_answer(jws, lambda kid: signing_key_at(card, kid, self.world.clock.now))
            if isinstance(read, Accepted):
                self.acknowledged.append(Acknowledged(origin.name, to.name, read))

    def _open(self, origin: SimNode, to: SimNode, sealed: bytes) -> Message:
        if sealed not in self._opened:
            card, now = origin.secrets().card, self.world.clock.now
            outer, jws = open_sealed(sealed, to.secrets().sealing_key)
            self._opened[sealed] = read_message(
                jws, key_of=lambda kid: signing_key_at(card, kid, now), me=to.name, outer=outer, now=now
            )
        return self._opened[sealed]


def _require_release(origin: SimNode, to: SimNode, message: Message, body: ReportBody) -> None:
    what = f"{origin.name} sent {body.content.report} v{body.content.version} to {to.name}"
    found = origin.rows(
        "SELECT r.state, rel.state, rel.proposed_by, rel.decided_by FROM records_report r"
        " JOIN records_release rel ON rel.report_id = r.id WHERE r.uid = ? AND r.version = ? AND rel.partner_id = ?",
        body.content.report.replace("-", ""),
        body.content.version,
        to.name,
    )
    require(len(found) == 1, f"{what} without a release")
    state, release, proposed_by, decided_by = found[0]
    require(release == "released" and proposed_by != decided_by, f"{what} without a second person")
    require(state in MAY_BE_SENT, f"{what} although it is {state}")
    origin.look()
    entry = origin.watch.disclosed.get(message.id)
    require(entry is not None and entry.verb == "report-released", f"{what} without a word in the log")
