"""Forged seals: cut, turned, bound to something else, sealed to another key; and outsides that lie."""

from __future__ import annotations

from collections.abc import Iterator

from amana.exchange.canonical import encode
from amana.exchange.envelope import MAGIC
from amana.exchange.keys import SealingKey
from tests.faults.forging import Forged, Forger, flipped, forges, spread


@forges("a seal cut off", 40)
def _cut(bob: Forger) -> Iterator[Forged]:
    good = bob.wrapped(bob.small())
    begin = good.index(b"\n", len(MAGIC)) + 1
    for place in spread(len(good) - begin, 28):
        yield Forged(f"after {begin + place}", good[: begin + place], "envelope-seal")
    for place in spread(begin - 1 - len(MAGIC), 10):
        yield Forged(f"after {len(MAGIC) + place}", good[: len(MAGIC) + place], "envelope-sealed-form")
    yield Forged("one byte more", good + b"\x00", "envelope-seal")
    yield Forged("one byte less", good[:-1], "envelope-seal")


@forges("a seal with a bit turned", 64)
def _bits(bob: Forger) -> Iterator[Forged]:
    good = bob.wrapped(bob.small())
    begin = good.index(b"\n", len(MAGIC)) + 1
    for bit in spread((len(good) - begin) * 8, 64):
        yield Forged(f"bit {bit}", flipped(good, begin * 8 + bit), "envelope-seal")


@forges("a seal bound to something else", 12)
def _bound(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    right = ["amana/1", "washington", "rabat", form["id"]]
    for what, info in (
        ("nothing", b""),
        ("the next protocol", encode(["amana/2", *right[1:]])),
        ("no protocol", encode(right[1:])),
        ("another origin", encode(["amana/1", "third", "rabat", form["id"]])),
        ("another recipient", encode(["amana/1", "washington", "third", form["id"]])),
        ("another id", encode([*right[:3], bob.small()["id"]])),
        ("origin and recipient changed round", encode(["amana/1", "rabat", "washington", form["id"]])),
        ("joined by bars", "|".join(right).encode()),
        ("with more", encode([*right, "x"])),
        ("with less", encode(right[:3])),
        ("the outside itself", encode(bob.outer(form).to_json())),
        ("with blanks", encode(right).replace(b",", b", ")),
    ):
        yield Forged(what, bob.sealed(bob.jws(encode(form)), bob.outer(form), info=info), "envelope-seal")


@forges("sealed to another key", 12)
def _sealed_to(bob: Forger) -> Iterator[Forged]:
    others = [bob.bob.secrets.sealing.public, bob.charlie.secrets.sealing.public]
    others += [SealingKey.from_bytes(bytes(range(number, number + 96))).public for number in range(2)]
    for number, key in enumerate(others):
        form = bob.small()
        yield Forged(f"key {number}", bob.sealed(bob.jws(encode(form)), bob.outer(form), to=key), "envelope-seal")
        data = bob.sealed(bob.jws(encode(form)), bob.outer(form, key=key.kid), to=key)
        yield Forged(f"key {number} and said so", data, "envelope-sealing-key")
        data = bob.sealed(bob.jws(encode(form)), bob.outer(form, key=key.kid))
        yield Forged(f"ours under the name of key {number}", data, "envelope-sealing-key")


@forges("the outside out of form", 24)
def _outside(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    good = bob.wrapped(form)
    outer = bob.outer(form).to_json()
    begin = good.index(b"\n", len(MAGIC)) + 1
    lines: list[bytes] = [encode({name: outer[name] for name in outer if name != gone}) for gone in outer]
    lines += [encode(outer | {"more": 1}), encode(outer) + b" ", b" " + encode(outer), encode(outer)[:-1], b"{}", b""]
    lines += [encode(outer).replace(b",", b", "), b"[]", b"null", b"no JSON", b"\xff", encode(outer | {"id": 1})]
    lines += [
        encode(outer | {"origin": None}),
        encode(outer | {"recipient": ["rabat"]}),
        encode(outer | {"key": ""}) * 2,
    ]
    lines += [encode(outer | {"id": "1" * 37}), encode(outer | {"origin": "w" * 41}), encode(outer | {"key": "k" * 65})]
    lines += [encode(outer)[:-1] + b',"ver":1}']
    for line in lines:
        yield Forged(f"{line[:60]!r}", MAGIC + line + b"\n" + good[begin:], "envelope-sealed-form")


@forges("no sealed message at all", 16)
def _nothing(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    jws = bob.jws(encode(form))
    for data in (
        b"", b"\n", b"PK\x03\x04", b"%PDF-1.7\n", b"\x1f\x8b\x08", b"<html>", encode(form), jws, bytes(100),
        b"AMANA/1\n" + jws,
        b"amana", b"\xef\xbb\xbf" + bob.wrapped(form), b" " + bob.wrapped(form), bob.wrapped(form)[1:], b"amana/1\n",
        b"amana/1\n" + b"a" * 5_000,
    ):  # fmt: skip
        yield Forged(f"{data[:20]!r}", data, "envelope-sealed-form")


@forges("an outside of another version", 12)
def _outer_version(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    good = bob.wrapped(form)
    for magic in (b"amana/0\n", b"amana/2\n", b"amana/10\n", b"amana/1 \n", b"amana/1\r\n", b"amana/\n"):
        yield Forged(f"{magic!r}", magic + good[len(MAGIC) :], "protocol-version")
    for ver in (0, 2, 3, 255, 2**31, 2**53 - 1):
        yield Forged(f"inside {ver}", bob.sealed(bob.jws(encode(form)), bob.outer(form, ver=ver)), "protocol-version")


@forges("an outside that differs from what was signed", 20)
def _repacked(bob: Forger) -> Iterator[Forged]:
    for number in range(10):
        form = bob.small()
        other = bob.small(id=f"00000000-0000-4000-8000-{number:012}")
        yield Forged("another id outside", bob.sealed(bob.jws(encode(form)), bob.outer(other)), _DIFFERS)
    for origin in (
        "third",
        "rabat",
        "washington2",
        "Washington",
        "",
        "w",
        "washington ",
        "paris",
        "nobody",
        "washington\n",
    ):
        form = bob.small(origin=origin)
        yield Forged(
            f"“{origin}” inside", bob.sealed(bob.jws(encode(form)), bob.outer(bob.small(id=form["id"]))), _DIFFERS
        )


_DIFFERS = "protocol-outer-differs"
