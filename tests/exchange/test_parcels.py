"""Parcels: one file of messages or answers, whole and for us, or refused with a code."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some

from amana.domain.errors import AmanaError
from amana.exchange.canonical import decode, encode
from amana.exchange.parcel import MAGIC, Holds, read_parcel, write_parcel
from tests.exchange.cast import NOW

PARTS = [b"first", b"", b"third"]


def parcel(recipient: str = "washington") -> bytes:
    return write_parcel(PARTS, holds=Holds.MESSAGES, origin="rabat", recipient=recipient, at=NOW)


def with_slip(**fields: object) -> bytes:
    """A parcel whose slip says something else."""
    line, _, body = parcel().removeprefix(MAGIC).partition(b"\n")
    slip = decode(line)
    assert isinstance(slip, dict)
    return MAGIC + encode(slip | fields) + b"\n" + body


@given(some.lists(some.binary(max_size=40), max_size=6), some.sampled_from(Holds))
def test_what_is_packed_is_what_is_unpacked(parts: list[bytes], holds: Holds) -> None:
    data = write_parcel(parts, holds=holds, origin="rabat", recipient="washington", at=NOW)
    slip, found = read_parcel(data, me="washington")
    assert (slip.holds, slip.origin, slip.count, found) == (holds, "rabat", len(parts), parts)


def test_the_slip_can_be_read_by_a_person() -> None:
    slip = json.loads(parcel().split(b"\n")[1])
    assert (slip["holds"], slip["origin"], slip["recipient"], slip["ver"]) == ("messages", "rabat", "washington", 1)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "parcel-malformed"),
        (b"%PDF-1.7\n", "parcel-malformed"),
        (MAGIC, "parcel-malformed"),
        (MAGIC + b"{}\n", "parcel-malformed"),
        (parcel()[:-1], "parcel-malformed"),
        (parcel() + b"x", "parcel-malformed"),
        (parcel("thirdnode"), "parcel-not-for-us"),
        (with_slip(recipient="thirdnode"), "parcel-not-for-us"),
        (with_slip(holds="letters"), "parcel-malformed"),
        (with_slip(ver=2), "protocol-version"),
        (with_slip(count=2), "parcel-malformed"),
        (with_slip(more=1), "parcel-malformed"),
        (with_slip(sha256=sha256(b"x").hexdigest()), "parcel-malformed"),
    ],
)
def test_a_wrong_file_is_refused_with_a_stable_code(data: bytes, code: str) -> None:
    with pytest.raises(AmanaError) as caught:
        read_parcel(data, me="washington")
    assert caught.value.code == code


def test_every_flipped_bit_of_a_parcel_is_noticed() -> None:
    data = parcel()
    for place in range(len(MAGIC), len(data)):
        for bit in (1, 128):
            changed = bytearray(data)
            changed[place] ^= bit
            try:
                slip, parts = read_parcel(bytes(changed), me="washington")
            except AmanaError:
                continue
            # Only what the slip says about origin, time or kind can differ; what is carried cannot.
            assert parts == PARTS
            assert slip.sha256 == sha256(data.partition(b"}\n")[2]).hexdigest()
