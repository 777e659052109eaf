"""What must be refused of consents and of what is passed on: steps nobody signed, words nobody said, false orders."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from amana.domain.handling import Code, Portion, Purpose
from amana.domain.report import Content
from amana.domain.times import cut
from amana.exchange.protocol import (
    Body,
    ConsentBody,
    ConsentRequestBody,
    RecallBody,
    ReceiptBody,
    RelayBody,
    RestrictionBody,
    Step,
    Type,
    VoidBody,
)
from amana.records.models import Report
from tests.faults.forging import Forged, Forger, b64, flipped, forges, spread


def _relay(bob: Forger, message: str, token: str = "", restrictions: tuple[str, ...] = ()) -> bytes:
    return bob.message(Type.RELAY, RelayBody(message, token, restrictions), agreement=bob.bob.agreement)


def _entrusted(bob: Forger) -> tuple[Content, str]:
    """A report of Charlie's as Bob holds it."""
    content = bob.charlie.content()
    return content, bob.charlie.entrusted(content, "washington")


def _tokens(bob: Forger, content: Content) -> Iterator[tuple[str, str, str]]:
    """Tokens that do not permit Bob to pass the report on to us, and the code of each."""
    sign, now = bob.charlie.consent, cut(timezone.now())
    yield "none", "", "consent-missing"
    yield "no token", "a.b.c", "envelope-form"
    yield "Bob's", bob.bob.consent(content, "washington", "rabat", originator="third"), "envelope-unknown-key"
    other = replace(content, report=str(uuid4()))
    yield "of another report", sign(other, "washington", "rabat"), "consent-report"
    yield "of a later version", sign(content, "washington", "rabat", version=2), "consent-report"
    yield "for another recipient", sign(content, "washington", "berlin"), "consent-recipient"
    yield "for another holder", sign(content, "berlin", "rabat"), "consent-holder"
    yield "in Bob's name", sign(content, "washington", "rabat", originator="washington"), "consent-originator"
    yield "that has ended", sign(content, "washington", "rabat", expires=now - timedelta(seconds=1)), "consent-expired"
    for purpose in sorted(set(Purpose) - {Purpose.INVESTIGATION}):
        yield f"for {purpose}", sign(content, "washington", "rabat", purpose=purpose), "consent-purpose"


@forges("a report passed on without its originator's consent to this step", 65)
def _unconsented(bob: Forger) -> Iterator[Forged]:
    for _ in range(5):
        content, message = _entrusted(bob)
        for what, token, code in _tokens(bob, content):
            yield Forged(f"a token {what}", _relay(bob, message, token), code)


@forges("a report passed on that holds a statement kept to fewer, with a consent or without", 12)
def _kept(bob: Forger) -> Iterator[Forged]:
    for nodes in (("washington",), ("third", "washington"), ()):
        for codes in (frozenset[Code](), frozenset({Code.H1})):
            plain = bob.charlie.content()
            portion = Portion(codes=codes, releasable_to=frozenset(nodes))
            content = replace(plain, statements=tuple(replace(one, handling=portion) for one in plain.statements))
            message = bob.charlie.entrusted(content, "washington")
            for token in ("", bob.charlie.consent(content, "washington", "rabat")):
                yield Forged(f"kept to {nodes}, {codes}", _relay(bob, message, token), "relay-kept")


@forges("a consent whose signature has one bit turned", 24)
def _turned_tokens(bob: Forger) -> Iterator[Forged]:
    content, message = _entrusted(bob)
    head, payload, signature = bob.charlie.consent(content, "washington", "rabat").split(".")
    for place in spread(512, 24):
        turned = b64(flipped(urlsafe_b64decode(signature + "=="), place)).decode()
        yield Forged(f"bit {place}", _relay(bob, message, f"{head}.{payload}.{turned}"), "envelope-signature")


@forges("a relayed report that its originator did not sign", 36)
def _altered(bob: Forger) -> Iterator[Forged]:
    for number in range(12):
        content, message = _entrusted(bob)
        token = bob.charlie.consent(content, "washington", "rabat")
        head, payload, signature = message.split(".")
        other = bob.charlie.entrusted(
            replace(content, text=f"Not Karim Belkadi, but number {number} was seen at the yard."), "washington"
        ).split(".")
        yield Forged("other words", _relay(bob, f"{head}.{other[1]}.{signature}", token), "envelope-signature")
        yield Forged("another's signature", _relay(bob, f"{head}.{payload}.{other[2]}", token), "envelope-signature")
        forged = bob.bob.signed(bob.bob.message(Type.REPORT, bob.bob.report(content).body, origin="third"))
        yield Forged("Bob's key in Charlie's name", _relay(bob, forged, token), "envelope-unknown-key")


@forges("a relay of what is not relayed, of own words, or of what was addressed to us", 14)
def _misplaced(bob: Forger) -> Iterator[Forged]:
    charlie = bob.charlie
    bodies: dict[Type, Body] = {
        Type.VOID: VoidBody("0" * 64),
        Type.RECEIPT: ReceiptBody("0" * 64, Step.READ, cut(timezone.now())),
        Type.CONSENT: ConsentBody(str(uuid4()), granted=False, reason="no", token=""),
    }
    for kind, body in bodies.items():
        for to in ("washington", "berlin"):
            yield Forged(f"a {kind}", _relay(bob, charlie.ordered(kind, body, to)), "relay-type")
    recall = RecallBody(str(uuid4()), (1,), "wrong")
    for _ in range(4):
        yield Forged("Bob's own", _relay(bob, bob.bob.ordered(Type.RECALL, recall, "berlin")), "relay-origin")
        yield Forged("to us", _relay(bob, charlie.ordered(Type.RECALL, recall, "rabat")), "relay-addressed")


@forges("an order relayed in another's name", 12)
def _orders(bob: Forger) -> Iterator[Forged]:
    held = str(Report.objects.filter(originator="washington")[0].uid)
    ours = str(Report.objects.filter(originator="rabat")[0].uid)
    for report in (held, ours, str(uuid4())):
        for kind, body in (
            (Type.RECALL, RecallBody(report, (1,), "wrong")),
            (Type.RESTRICTION, RestrictionBody(report, (1,), "wrong", bob.bob.content().handling)),
        ):
            message = bob.bob.message(kind, body, agreement="", origin="third", recipients=("washington",))
            yield Forged(f"a {kind} by Bob's key", _relay(bob, bob.bob.signed(message)), "envelope-unknown-key")
            stranger = bob.bob.message(kind, body, agreement="", origin="nobody", recipients=("washington",))
            yield Forged(f"a {kind} of nobody's", _relay(bob, bob.bob.signed(stranger)), "relay-originator-unknown")


@forges("an answer to a consent that nobody asked for", 8)
def _unasked(bob: Forger) -> Iterator[Forged]:
    for _ in range(4):
        number, content = str(uuid4()), bob.bob.content()
        token = bob.bob.consent(content, "rabat", "third", id=number)
        granted = ConsentBody(number, granted=True, reason="yes", token=token)
        refused = ConsentBody(number, granted=False, reason="no", token="")
        yield Forged("granted", bob.message(Type.CONSENT, granted), "consent-unknown")
        yield Forged("refused", bob.message(Type.CONSENT, refused), "consent-unknown")


@forges("a question of consent that cannot be asked", 16)
def _questions(bob: Forger) -> Iterator[Forged]:
    theirs = str(Report.objects.filter(originator="washington")[0].uid)
    for _ in range(4):
        for report, recipient, code in (
            (str(uuid4()), "third", "consent-not-held"),
            (theirs, "third", "consent-not-held"),
            (theirs, "washington", "consent-not-needed"),
            (theirs, "rabat", "consent-not-needed"),
        ):
            body = ConsentRequestBody(str(uuid4()), report, 1, recipient, Purpose.INVESTIGATION, "joint case")
            yield Forged(f"to {recipient}", bob.message(Type.CONSENT_REQUEST, body), code)


@forges("a use told of a consent that is not ours", 6)
def _uses(bob: Forger) -> Iterator[Forged]:
    for note in (str(uuid4()), str(uuid4()), "", "1", "third", "x" * 36):
        body = ReceiptBody("0" * 64, Step.PASSED_ON, cut(timezone.now()), note)
        yield Forged(f"“{note}”", bob.message(Type.RECEIPT, body), "consent-unknown")
