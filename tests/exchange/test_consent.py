"""Consent: the numbers are those of `verify_token` and `read_relay`; and random graphs of who passes what to whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from random import Random

import pytest

from amana.domain.agreement import Clocks, Terms
from amana.domain.errors import AmanaError
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.consent import (
    ConsentExpired,
    ConsentHolder,
    ConsentMissing,
    ConsentOfAnother,
    ConsentPurpose,
    ConsentRecipient,
    ConsentReport,
    ConsentRevoked,
    Onward,
    OriginatorUnknown,
    Token,
    sign_token,
    verify_token,
)
from amana.exchange.envelope import EnvelopeForm, EnvelopeSignature, EnvelopeType, KeyOf, UnknownKey, sign
from amana.exchange.keys import SigningKey
from amana.exchange.message import prepare
from amana.exchange.protocol import (
    ZEROS,
    Message,
    RecallBody,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Type,
    VoidBody,
    read_relay,
)
from amana.exchange.relay import RelayAddressed, RelayOrigin, RelayRestriction, RelayType

from .cast import NOW, content, number

NODES = ("berlin", "madrid", "paris", "rabat", "washington")


@cache
def key(node: str) -> SigningKey:
    return SigningKey.from_seed(f"exercise ATLAS, {node}".encode().ljust(32)[:32])


def keys_of(node: str, _signed: datetime) -> KeyOf:
    if node not in NODES:
        raise OriginatorUnknown(node=node)
    return lambda kid: key(node).public if kid == key(node).kid else None


TOKEN = Token(
    id=number(77),
    originator="rabat",
    holder="washington",
    recipient="paris",
    report=number(1),
    version=1,
    purpose=Purpose.DETECTION,
    granted=NOW,
    expires=NOW + timedelta(days=30),
)
STEP = Onward("rabat", "washington", "paris", number(1), 1, frozenset({Purpose.DETECTION, Purpose.PREVENTION}))


def check(jws: str, step: Onward = STEP, *, now: datetime = NOW, revoked: tuple[str, ...] = ()) -> Token:
    return verify_token(jws, step, keys_of=keys_of, now=now, revoked=revoked.__contains__)


def by_rabat(**changes: object) -> str:
    return sign_token(replace(TOKEN, **changes), key("rabat"))  # type: ignore[arg-type]


def test_a_token_permits_its_step_and_later_versions() -> None:
    assert check(by_rabat()) == TOKEN
    assert check(by_rabat(), replace(STEP, version=9)) == TOKEN


REFUSED: dict[str, tuple[Callable[[], object], type[AmanaError]]] = {
    "1 none": (lambda: check(""), ConsentMissing),
    "2 no signed text": (lambda: check("a.b.c"), EnvelopeForm),
    "2 another's key": (lambda: check(sign_token(TOKEN, key("washington"))), UnknownKey),
    "2 altered": (lambda: check(by_rabat()[:-6] + by_rabat(version=2)[-6:]), EnvelopeSignature),
    "2 another type": (lambda: check(sign(TOKEN.to_json(), key("rabat"), "amana-terms+json").decode()), EnvelopeType),
    "2 an unknown originator": (lambda: check(by_rabat(), replace(STEP, originator="nowhere")), OriginatorUnknown),
    "3 in another's name": (lambda: check(by_rabat(originator="berlin")), ConsentOfAnother),
    "4 another holder": (lambda: check(by_rabat(), replace(STEP, holder="berlin")), ConsentHolder),
    "5 another recipient": (lambda: check(by_rabat(), replace(STEP, recipient="berlin")), ConsentRecipient),
    "6 another report": (lambda: check(by_rabat(report=number(2))), ConsentReport),
    "6 an earlier version": (lambda: check(by_rabat(version=2)), ConsentReport),
    "7 another purpose": (lambda: check(by_rabat(purpose=Purpose.PROSECUTION)), ConsentPurpose),
    "8 expired": (lambda: check(by_rabat(), now=TOKEN.expires), ConsentExpired),
    "9 revoked": (lambda: check(by_rabat(), revoked=(TOKEN.id,)), ConsentRevoked),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_token_is_refused(case: str) -> None:
    act, error = REFUSED[case]
    with pytest.raises(error):
        act()


# Relays.
@cache
def message(origin: str, to: str, body: ReportBody | RecallBody | RestrictionBody | VoidBody) -> str:
    """What one node signed for another."""
    kinds = {ReportBody: Type.REPORT, RecallBody: Type.RECALL, RestrictionBody: Type.RESTRICTION, VoidBody: Type.VOID}
    made = Message(
        ver=1,
        type=kinds[type(body)],
        id=number(7),
        origin=origin,
        recipients=(to,),
        seq=1,
        prev=ZEROS,
        created=NOW,
        expires=NOW + timedelta(days=30),
        agreement=number(9),
        body=body,
    )
    return prepare(made, key(origin)).decode()


def relay(body: RelayBody, relayer: str = "washington", me: str = "paris") -> object:
    return read_relay(body, relayer=relayer, me=me, keys_of=keys_of, now=NOW)


REPORT = message("rabat", "washington", ReportBody(content()))
RECALL = RecallBody(number(1), (1,), "wrong man")
OPEN = replace(content().handling, releasable_to=frozenset())
RELAYS: dict[str, tuple[Callable[[], object], type[AmanaError]]] = {
    "1 nobody's word": (lambda: relay(RelayBody("e30.e30.e30")), EnvelopeForm),
    "1 altered": (lambda: relay(RelayBody(REPORT[:-6] + "AAAAAA", by_rabat())), EnvelopeSignature),
    "2 a void": (lambda: relay(RelayBody(message("rabat", "washington", VoidBody("a" * 64)))), RelayType),
    "3 its own": (lambda: relay(RelayBody(message("washington", "berlin", RECALL))), RelayOrigin),
    "3 ours": (lambda: relay(RelayBody(message("paris", "washington", RECALL))), RelayOrigin),
    "4 to us": (lambda: relay(RelayBody(message("rabat", "paris", RECALL))), RelayAddressed),
    "5 another's restriction": (
        lambda: relay(
            RelayBody(
                REPORT,
                by_rabat(),
                (message("berlin", "washington", RestrictionBody(number(1), (1,), "why", OPEN)),),
            )
        ),
        RelayRestriction,
    ),
    "5 a restriction of another version": (
        lambda: relay(
            RelayBody(
                REPORT, by_rabat(), (message("rabat", "washington", RestrictionBody(number(1), (2,), "why", OPEN)),)
            )
        ),
        RelayRestriction,
    ),
    "6 no consent": (lambda: relay(RelayBody(REPORT)), ConsentMissing),
    "6 a purpose that a restriction took": (
        lambda: relay(
            RelayBody(
                REPORT,
                by_rabat(),
                (
                    message(
                        "rabat",
                        "washington",
                        RestrictionBody(number(1), (1,), "why", replace(OPEN, purposes=frozenset())),
                    ),
                ),
            )
        ),
        ConsentPurpose,
    ),
}


@pytest.mark.parametrize("case", RELAYS)
def test_a_relay_is_refused(case: str) -> None:
    act, error = RELAYS[case]
    with pytest.raises(error):
        act()


def test_an_order_of_the_originator_needs_no_consent() -> None:
    found = read_relay(
        RelayBody(message("rabat", "washington", RECALL)), relayer="berlin", me="paris", keys_of=keys_of, now=NOW
    )
    assert found.message.body == RECALL


# Graphs.
@dataclass(frozen=True, slots=True)
class Held:
    """A node holds a version: the originator's signed text, and by whose hand and under which consent it came."""

    node: str
    jws: str
    version: int
    via: str = ""
    consent: str = ""


PURPOSES = (Purpose.DETECTION, Purpose.DETECTION, Purpose.PREVENTION, Purpose.PREVENTION, Purpose.PROSECUTION)


@cache
def version_of(originator: str, to: str, version: int, tlp: Tlp) -> tuple[Content, str]:
    """One version of the originator's report as it signed it for one node."""
    handling = Handling(
        tlp=tlp,
        codes=frozenset({Code.H0, Code.H2}),
        releasable_to=frozenset({to}),
        purposes=frozenset({Purpose.DETECTION, Purpose.PREVENTION}),
        erase_by=date(2027, 1, 1),
    )
    made = replace(content(), report=number(1), version=version, handling=handling)
    return made, message(originator, to, ReportBody(made))


@cache
def terms_between(one: str, other: str) -> Terms:
    return Terms(
        id=number(9),
        parties=(min(one, other), max(one, other)),
        purposes=frozenset({Purpose.DETECTION, Purpose.PREVENTION}),
        crime_areas=frozenset(CrimeArea),
        categories=frozenset({Category.SUSPECT}),
        kinds=frozenset(Kind),
        strictest=Tlp.AMBER,
        refusal_grounds=frozenset(),
        clocks=Clocks(),
        retention_days=1_000,
        match_budget=0,
        overseers=(),
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
    )


@cache
def signed_token(token: Token, signer: str) -> str:
    return sign_token(token, key(signer))


class Graph:
    """Five nodes, one report, and what they do to it: all of them may lie, only signatures count."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.originator = self.random.choice(NODES)
        self.others = [node for node in NODES if node != self.originator]
        self.tlp = Tlp.AMBER if self.random.random() < 0.9 else Tlp.RED
        self.agreed = {pair for pair in self._pairs() if self.random.random() < 0.85}
        self.signed = {self._token(number(i)) for i in range(100, 100 + self.random.randint(0, 6))}
        self.revoked = {token.id for token in self.signed if self.random.random() < 0.1}
        first = self.random.sample(self.others, self.random.randint(1, 2))
        self.held = [
            Held(node, version_of(self.originator, node, version, self.tlp)[1], version)
            for node in first
            for version in range(1, self.random.randint(2, 3))
        ]

    def _pairs(self) -> list[frozenset[str]]:
        return [frozenset({one, other}) for one in NODES for other in NODES if one < other]

    def _token(self, uid: str) -> Token:
        holder, recipient = self.random.sample(self.others, 2)
        return Token(
            id=uid,
            originator=self.originator,
            holder=holder,
            recipient=recipient,
            report=number(1) if self.random.random() < 0.9 else number(2),
            version=self.random.choice((1, 1, 1, 2)),
            purpose=self.random.choice(PURPOSES),
            granted=NOW,
            expires=NOW + timedelta(days=-1 if self.random.random() < 0.1 else 30),
        )

    def next_try(self) -> tuple[str, str, Held, Token | None, str]:
        """Who passes what to whom with which token: sometimes honest, sometimes forged, stolen or out of place."""
        relayer, recipient = self.random.sample(NODES, 2)
        item = self.random.choice(self.held)
        if self.signed and self.random.random() < 0.8:
            token = self.random.choice(sorted(self.signed, key=lambda one: one.id))
            if self.random.random() < 0.85:
                relayer, recipient = token.holder, token.recipient
                item = self.random.choice([one for one in self.held if one.node == relayer] or self.held)
            return relayer, recipient, item, token, self.originator
        if self.random.random() < 0.2:
            return relayer, recipient, item, None, self.originator
        forged = replace(self._token(number(200)), report=number(1), holder=relayer, recipient=recipient)
        return relayer, recipient, item, forged, relayer

    def take(self, relayer: str, recipient: str, item: Held, token: Token | None, signer: str) -> bool:
        """What the recipient's node decides, by the code that runs there."""
        body = RelayBody(item.jws, signed_token(token, signer) if token is not None else "")
        try:
            relayed = read_relay(
                body, relayer=relayer, me=recipient, keys_of=keys_of, now=NOW, revoked=self.revoked.__contains__
            )
        except AmanaError:
            return False
        if frozenset({relayer, recipient}) not in self.agreed:
            return False
        decision = terms_between(relayer, recipient).permits(
            relayed.content_for(recipient), recipient=recipient, at=NOW
        )
        if decision.allowed:
            assert relayed.jws == item.jws
            self.held.append(Held(recipient, item.jws, item.version, relayer, token.id if token else ""))
        return decision.allowed

    def should(self, relayer: str, recipient: str, item: Held, token: Token | None, signer: str) -> bool:
        """What is right, said without any code of the exchange."""
        if token is None or token not in self.signed or signer != self.originator or token.id in self.revoked:
            return False
        step = (token.holder, token.recipient, token.report) == (relayer, recipient, number(1))
        in_time = token.version <= item.version and token.expires > NOW
        addressed = version_of(self.originator, recipient, item.version, self.tlp)[1] == item.jws
        agreed = frozenset({relayer, recipient}) in self.agreed and self.tlp is Tlp.AMBER
        return step and in_time and agreed and not addressed and token.purpose is not Purpose.PROSECUTION

    def unconsented(self) -> list[Held]:
        """Whatever is held by a node to which its originator neither sent it nor let it go."""
        steps = {(token.id, token.holder, token.recipient) for token in self.signed}
        return [one for one in self.held if one.via and (one.consent, one.via, one.node) not in steps]


@pytest.mark.parametrize("block", range(10))
def test_no_step_without_signed_consent_in_1000_of_10000_random_release_graphs(block: int) -> None:
    passed = further = refused = 0
    for seed in range(block * 1_000, (block + 1) * 1_000):
        graph = Graph(seed)
        for _ in range(graph.random.randint(1, 5)):
            step = graph.next_try()
            right = graph.should(*step)
            assert graph.take(*step) is right, f"graph {seed}: {step}"
            passed, refused = passed + right, refused + (not right)
        further += sum(one.via in {other.node for other in graph.held if other.via} for one in graph.held if one.via)
        assert graph.unconsented() == [], f"graph {seed}"
    assert min(passed, further * 10, refused) > 100, "the graphs must try right and wrong, over several steps"
