"""The order on a link: a table of what may come next."""

from __future__ import annotations

import pytest

from amana.exchange.protocol import ZEROS, ChainBroken, Gap, Link, Message, Placed, Type, VoidBody, chain_hash, place

from .cast import changed

ONE, TWO, THREE, OTHER, VOID = ("1" * 64, "2" * 64, "3" * 64, "f" * 64, "e" * 64)
SEEN = {1: ONE, 2: TWO, 3: THREE}
AT_FOUR = Link(4, THREE)


def numbered(seq: int, prev: str) -> Message:
    return changed(seq=seq, prev=prev)


def void(seq: int, prev: str, voids: str) -> Message:
    return changed(type=Type.VOID, seq=seq, prev=prev, agreement="", body=VoidBody(voids))


PLACED = [
    ("the first message", numbered(1, ZEROS), ONE, Link(), Placed.NEW),
    ("the next message", numbered(4, THREE), OTHER, AT_FOUR, Placed.NEW),
    ("the last message again", numbered(3, TWO), THREE, AT_FOUR, Placed.DUPLICATE),
    ("an earlier message again", numbered(1, ZEROS), ONE, AT_FOUR, Placed.DUPLICATE),
    ("a void of a message that was never sent", void(4, THREE, OTHER), VOID, AT_FOUR, Placed.NEW),
    ("a void of the message received last", void(3, TWO, THREE), VOID, AT_FOUR, Placed.DUPLICATE),
    ("a void of an earlier message", void(2, ONE, TWO), VOID, AT_FOUR, Placed.DUPLICATE),
    ("a message whose void came first", numbered(4, THREE), OTHER, Link(5, OTHER), Placed.DUPLICATE),
]


@pytest.mark.parametrize(
    ("message", "digest", "link", "placed"), [row[1:] for row in PLACED], ids=[r[0] for r in PLACED]
)
def test_a_message_finds_its_place(message: Message, digest: str, link: Link, placed: Placed) -> None:
    assert place(message, digest, link, seen=SEEN.get) is placed


BROKEN = [
    ("the first message names one before", numbered(1, ONE), OTHER, Link()),
    ("the next message follows another", numbered(4, TWO), OTHER, AT_FOUR),
    ("another message under the last number", numbered(3, TWO), OTHER, AT_FOUR),
    ("another message under an earlier number", numbered(1, ZEROS), OTHER, AT_FOUR),
    ("a void of another message under the last number", void(3, TWO, OTHER), VOID, AT_FOUR),
    ("a void that follows another", void(4, ONE, OTHER), VOID, AT_FOUR),
]


@pytest.mark.parametrize(("message", "digest", "link"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_a_broken_chain_is_refused(message: Message, digest: str, link: Link) -> None:
    with pytest.raises(ChainBroken):
        place(message, digest, link, seen=SEEN.get)


@pytest.mark.parametrize("seq", [2, 3, 2**53 - 1])
def test_a_gap_names_the_number_that_is_expected(seq: int) -> None:
    with pytest.raises(Gap) as caught:
        place(numbered(seq, ZEROS), ONE, Link(), seen=SEEN.get)
    assert caught.value.expected == 1
    assert "number 1 is expected" in str(caught.value)


def test_an_earlier_number_that_nobody_remembers_is_not_taken_for_a_duplicate() -> None:
    with pytest.raises(ChainBroken):
        place(numbered(1, ZEROS), ONE, AT_FOUR)


def test_the_link_moves_by_one_and_a_void_keeps_the_chain_whole() -> None:
    first = numbered(1, ZEROS)
    link = Link().after(first, ONE)
    assert link == Link(2, ONE)
    voided = link.after(void(2, ONE, TWO), VOID)
    assert voided == Link(3, TWO)
    assert chain_hash(void(2, ONE, TWO), VOID) == TWO
    assert place(numbered(3, TWO), THREE, voided) is Placed.NEW
