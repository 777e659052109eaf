"""Receipts and refusals, and the packet in which many messages travel."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.errors import AmanaError
from amana.domain.form import FormMalformed
from amana.exchange.carry import MAGIC, CarryMalformed, CarryTooLarge, pack, unpack
from amana.exchange.envelope import EnvelopeType, UnknownKey, sign
from amana.exchange.protocol import ZEROS, Accepted, Refused, read_answer, sign_answer
from amana.exchange.receipts import ANSWER_TYPE

from .cast import NOW, alice, bob, key_of, number

ACCEPTED = Accepted(number(7), "a" * 64, False, 3, 5, "b" * 64, ("c" * 64, "d" * 64), NOW)
REFUSED = Refused(number(7), "a" * 64, "protocol-gap", "A message is missing.", NOW, expected=4)


@pytest.mark.parametrize("answer", [ACCEPTED, replace(ACCEPTED, duplicate=True), REFUSED, replace(REFUSED, message="")])
def test_an_answer_is_read_back(answer: Accepted | Refused) -> None:
    assert read_answer(sign_answer(answer, bob().signing), key_of(bob())) == answer


def test_an_answer_is_signed_by_the_partner_and_is_an_answer() -> None:
    with pytest.raises(UnknownKey):
        read_answer(sign_answer(ACCEPTED, bob().signing), key_of(alice()))
    with pytest.raises(EnvelopeType):
        read_answer(sign(ACCEPTED.to_json(), bob().signing, "amana-message+json"), key_of(bob()))


@pytest.mark.parametrize(
    ("answer", "field", "value"),
    [
        (ACCEPTED, "answer", "perhaps"),
        (ACCEPTED, "message", ""),
        (ACCEPTED, "sha256", "short"),
        (ACCEPTED, "duplicate", 0),
        (ACCEPTED, "log_index", 5),
        (ACCEPTED, "tree_size", 0),
        (ACCEPTED, "proof", ["no hash"]),
        (ACCEPTED, "more", 1),
        (REFUSED, "expected", -1),
        (REFUSED, "sha256", ""),
        (REFUSED, "code", None),
        (REFUSED, "more", 1),
    ],
)
def test_an_answer_out_of_form_is_refused(answer: Accepted | Refused, field: str, value: object) -> None:
    form = {**answer.to_json(), field: value}
    with pytest.raises(FormMalformed):
        read_answer(sign(form, bob().signing, ANSWER_TYPE), key_of(bob()))  # type: ignore[arg-type]  # wrong on purpose


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_what_is_packed_is_unpacked(parts: list[bytes]) -> None:
    assert unpack(pack(parts)) == parts


@given(st.binary(max_size=80).map(lambda data: MAGIC + data) | st.binary(max_size=40))
def test_any_bytes_are_one_packet_or_refused(data: bytes) -> None:
    try:
        parts = unpack(data)
    except AmanaError:
        return
    assert pack(parts) == data


def test_a_packet_that_broke_off_is_refused() -> None:
    whole = pack([b"one", b"two"])
    whole_parts = {len(MAGIC): [], len(MAGIC) + 7: [b"one"]}
    for length in range(len(whole)):
        if length in whole_parts:
            assert unpack(whole[:length]) == whole_parts[length]
            continue
        with pytest.raises(CarryMalformed):
            unpack(whole[:length])


def test_each_check_of_a_packet_refuses_alone() -> None:
    with pytest.raises(CarryTooLarge):
        unpack(pack([b"x" * 100]), most_total=100)
    with pytest.raises(CarryMalformed):
        unpack(b"amana-carry/2\n")
    with pytest.raises(CarryMalformed):
        unpack(MAGIC + b"\x00\x00\x00\x05four")
    with pytest.raises(CarryTooLarge):
        unpack(pack([b"x" * 11]), most_each=10)
    with pytest.raises(CarryTooLarge):
        unpack(MAGIC + b"\xff\xff\xff\xff")
    with pytest.raises(CarryTooLarge):
        unpack(pack([b""] * 10_001))


def test_an_answer_needs_the_hash_of_what_it_answers() -> None:
    assert read_answer(sign_answer(replace(REFUSED, sha256=ZEROS), bob().signing), key_of(bob())) == replace(
        REFUSED, sha256=ZEROS
    )
