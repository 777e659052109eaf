"""An ear on every line that opens what passes: whether it was allowed to pass, and what was acknowledged.

Invariant: no report passes that was not released to this receiver by a second person, or that was recalled or erased
before it was sent; and nothing passes, in whatever message, question or answer, that was kept from who receives it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from amana.exchange.carry import unpack
from amana.exchange.client import MESSAGES, RECONCILE
from amana.exchange.envelope import SealMalformed, open_sealed
from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import Accepted, Message, RelayBody, ReportBody, read_answer, read_message
from tests.simulator.kept import Got
from tests.simulator.watch import require

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

MAY_BE_SENT = {"report": ("released", "superseded"), "relay": ("held", "superseded")}


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
        if path != MESSAGES:
            self._listen(origin, to, path, body)
            return
        for sealed in unpack(body):
            message = self._open(origin, to, sealed)
            inside = _report_in(message)
            if inside is not None:
                self.reports += 1
                _require_release(origin, to, message, inside)

    def answers(self, origin: SimNode, to: SimNode, path: str, status: int, answer: bytes) -> None:
        """Listen where a receiver answers: what it accepted, it has to hold from now on."""
        if path != MESSAGES or status != 200:
            self._listen(to, origin, path if status == 200 else "", answer)
            return
        card = to.secrets().card
        for jws in unpack(answer):
            self.world.kept.require_silent(f"{to.name} answered {origin.name}", json.dumps(said_in(jws)))
            read = read_answer(jws, lambda kid: signing_key_at(card, kid, self.world.clock.now))
            if isinstance(read, Accepted):
                self.acknowledged.append(Acknowledged(origin.name, to.name, read))

    def _open(self, origin: SimNode, to: SimNode, sealed: bytes) -> Message:
        if sealed not in self._opened:
            card, now = origin.secrets().card, self.world.clock.now
            outer, jws = open_sealed(sealed, to.secrets().sealing_key)
            self._judge(origin, to, said_in(jws))
            self._opened[sealed] = read_message(
                jws, key_of=lambda kid: signing_key_at(card, kid, now), me=to.name, outer=outer, now=now
            )
        return self._opened[sealed]

    def _listen(self, origin: SimNode, to: SimNode, path: str, body: bytes) -> None:
        """What passes beside messages holds them at most as they were sealed or signed, and says nothing of reports."""
        for part in unpack(body) if path == RECONCILE else [body]:
            if part in self._opened:
                continue
            try:
                self._judge(origin, to, said_in(open_sealed(part, to.secrets().sealing_key)[1]))
            except SealMalformed:
                self.world.kept.require_silent(f"{origin.name} to {to.name}", part.decode("utf-8", "replace"))

    def _judge(self, origin: SimNode, to: SimNode, said: dict[str, Any]) -> None:
        """Go on only where of each report inside just that passes which reaches who receives it."""
        kept, kind, body = self.world.kept, said["type"], said["body"]
        what = f"{kind} {said['seq']} of {said['origin']} to {to.name}"
        inner = said_in(body["message"].encode()) if kind == "relay" else said
        if inner["type"] == "report":
            via = origin.name if kind == "relay" else ""
            kept.require_just(what, to.name, Got.read(inner["body"]["content"]), via=via)
        else:
            kept.require_silent(what, json.dumps(inner))


def said_in(jws: bytes) -> dict[str, Any]:
    """What a signed text says, whoever signed it."""
    payload = jws.split(b".")[1]
    return json.loads(urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))  # type: ignore[no-any-return]


def _report_in(message: Message) -> tuple[str, str, int] | None:
    """Originator, number and version of the report that a message brings, None where it brings none."""
    said: dict[str, Any] = {"origin": message.origin, "body": message.body.to_json()}
    if isinstance(message.body, RelayBody):
        said = said_in(message.body.message.encode())
    elif not isinstance(message.body, ReportBody):
        return None
    content = said["body"].get("content")
    return (said["origin"], content["report"], content["version"]) if content else None


def _require_release(origin: SimNode, to: SimNode, message: Message, inside: tuple[str, str, int]) -> None:
    originator, uid, version = inside
    what = f"{origin.name} sent {uid} v{version} of {originator} to {to.name}"
    found = origin.rows(
        "SELECT r.state, rel.state, rel.proposed_by, rel.decided_by FROM records_report r"
        " JOIN records_release rel ON rel.report_id = r.id"
        " WHERE r.originator = ? AND r.uid = ? AND r.version = ? AND rel.partner_id = ?",
        originator,
        uid.replace("-", ""),
        version,
        to.name,
    )
    require(len(found) == 1, f"{what} without a release")
    state, release, proposed_by, decided_by = found[0]
    follows = proposed_by == f"node:{originator}" != f"node:{origin.name}" and version > 1
    second = proposed_by != decided_by or follows
    require(release == "released" and second, f"{what} without a second person")
    require(state in MAY_BE_SENT[message.type], f"{what} although it is {state}")
    origin.look()
    entry, verb = origin.watch.disclosed.get(message.id), {"report": "report-released", "relay": "report-passed-on"}
    require(entry is not None and entry.verb == verb[message.type], f"{what} without a word in the log")
