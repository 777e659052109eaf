"""Forged order: replays, gaps, numbers and ids used again, chains that do not hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

from amana.exchange.canonical import encode
from amana.exchange.protocol import Type, VoidBody
from amana.records.models import Message, Report
from amana.services.keys import own_node
from tests.faults.forging import Forged, Forger, Form, forges

_CHAIN = "protocol-chain"


def _accepted(bob: Forger) -> tuple[bytes, Form]:
    """A report of Bob's that was taken in, as its bytes and its form."""
    form = bob.form()
    data = bob.wrapped(form)
    bob.bob.send_bytes([data])
    bob.catch_up()
    return data, form


@forges("a number too high", 20)
def _gaps(bob: Forger) -> Iterator[Forged]:
    for ahead in (1, 2, 3, 10, 100, 1_000, 2**31, 2**40, 2**52, 2**53 - 2):
        seq = min(bob.bob.seq + 1 + ahead, 2**53 - 1)
        yield Forged(f"{ahead} ahead, a recall", bob.wrapped(bob.small(seq=seq)), "protocol-gap")
        yield Forged(f"{ahead} ahead, a report", bob.wrapped(bob.form(seq=seq)), "protocol-gap")


@forges("a chain that does not hold", 16)
def _chains(bob: Forger) -> Iterator[Forged]:
    _accepted(bob)
    first = Message.objects.filter(partner_id="washington", direction="in").order_by("seq")[0].hash
    for prev in (
        "0" * 64,
        "f" * 64,
        first,
        "1" + bob.bob.prev[1:] if bob.bob.prev[0] != "1" else "2" + bob.bob.prev[1:],
    ):
        for number in range(4):
            form = bob.form(prev=prev) if number % 2 else bob.small(prev=prev)
            yield Forged(f"{prev[:8]}", bob.wrapped(form), _CHAIN)


@forges("a number given to two messages", 16)
def _numbers(bob: Forger) -> Iterator[Forged]:
    for _ in range(4):
        _accepted(bob)
    rows = Message.objects.filter(partner_id="washington", direction="in").order_by("-seq")[:4]
    for row in rows:
        for number in range(4):
            made = bob.form if number % 2 else bob.small
            prev = row.prev if number < 2 else bob.bob.prev
            yield Forged(f"number {row.seq}", bob.wrapped(made(seq=row.seq, prev=prev)), _CHAIN)


@forges("a message taken in, altered and sent again", 12)
def _again(bob: Forger) -> Iterator[Forged]:
    _, form = _accepted(bob)
    for change in (
        {"tlp": "TLP:GREEN"}, {"tlp": "TLP:CLEAR"}, {"codes": ["H0"]}, {"purposes": ["detection", "investigation"]},
        {"caveats": ["x"]}, {"erase_by": None},
    ):  # fmt: skip
        bent = {**form, "body": {"content": {**form["body"]["content"]}}}
        bent["body"]["content"]["handling"] = bent["body"]["content"]["handling"] | change
        yield Forged(f"{change} under its number", bob.wrapped(bent), _CHAIN)
        bent["seq"], bent["prev"] = bob.bob.seq + 1, bob.bob.prev
        yield Forged(f"{change} under the next number", bob.wrapped(bent), "receive-id-taken")


@forges("a message id used again", 12)
def _ids(bob: Forger) -> Iterator[Forged]:
    _, form = _accepted(bob)
    ours = Message.objects.filter(direction="out").order_by("seq")
    taken = [form["id"], *map(str, ours.values_list("id", flat=True)[:3])]
    for number in taken:
        for turn in range(3):
            made = bob.form(id=number) if turn % 2 else bob.small(id=number)
            yield Forged(f"{number}", bob.wrapped(made), "receive-id-taken")


@forges("a replay over another partner's line", 8)
def _other_line(bob: Forger) -> Iterator[Forged]:
    for _ in range(8):
        data, _ = _accepted(bob)
        yield Forged("as it was", data, "receive-tls-disagrees", "third")


@forges("a replay sealed anew under another id", 8)
def _sealed_anew(bob: Forger) -> Iterator[Forged]:
    for _ in range(4):
        _, form = _accepted(bob)
        jws = bob.jws(encode(form))
        yield Forged("another id", bob.sealed(jws, bob.outer(form, id=str(uuid4()))), "protocol-outer-differs")
        outer = replace(bob.outer(form), origin="third")
        yield Forged("another origin", bob.sealed(jws, outer), "envelope-unknown-key", "third")


@forges("a void for a number that is long past", 8)
def _voids(bob: Forger) -> Iterator[Forged]:
    for _ in range(4):
        _accepted(bob)
    for row in Message.objects.filter(partner_id="washington", direction="in").order_by("-seq")[:4]:
        for voids in ("0" * 64, "f" * 64):
            data = bob.message(Type.VOID, VoidBody(voids), seq=row.seq, prev=row.prev)
            yield Forged(f"number {row.seq}", data, _CHAIN)


@forges("a version of a report that came before", 12)
def _versions(bob: Forger) -> Iterator[Forged]:
    """The same version again, an older one after a newer, one that was recalled: none takes another's place."""
    _, form = _accepted(bob)
    content: Form = form["body"]["content"]
    for title in ("The same", "Another", "A third"):
        yield Forged(
            f"version 1 again, {title}", bob.wrapped(bob.content(report=content["report"], title=title)), _TAKEN
        )
    bob.bob.send_bytes([bob.wrapped(bob.content(report=content["report"], version=5))])
    bob.catch_up()
    for version in (1, 2, 3, 4, 5):
        yield Forged(
            f"version {version} after 5", bob.wrapped(bob.content(report=content["report"], version=version)), _TAKEN
        )
    recall = bob.small(body={"report": content["report"], "versions": [1, 5], "reason": "withdrawn"})
    bob.bob.send_bytes([bob.wrapped(recall)])
    bob.catch_up()
    for version in (1, 3, 4, 5):
        yield Forged(
            f"version {version} after the recall",
            bob.wrapped(bob.content(report=content["report"], version=version)),
            _TAKEN,
        )


_TAKEN = "receive-version-taken"


@forges("a report under the number of one of ours", 12)
def _our_numbers(bob: Forger) -> Iterator[Forged]:
    """With it Bob's report would stand before ours wherever a report is asked for by its number."""
    for ours in Report.objects.filter(originator=own_node()).order_by("pk")[:2]:
        for version in (1, 2, 3, 99, 1_000, 1_000_000):
            content = bob.content(report=str(ours.uid), version=version)
            yield Forged(f"version {version}", bob.wrapped(content), "receive-report-ours")
