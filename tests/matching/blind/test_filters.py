"""The published filter and what a holder does with it within an epoch; numbers are those of `Filter.from_bytes`."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.domain.errors import AmanaError, BadInput
from amana.matching.blind import voprf
from amana.matching.blind.asker import stream
from amana.matching.blind.filter import Filter, FilterMalformed
from amana.matching.blind.group import ElementRefused
from amana.matching.blind.holder import CHURN, Prepared, change, new_key, prepare
from amana.matching.blind.scope import ScopeDiffers
from tests.matching.blind.cast import SCOPE, held, key, tokens

HOLDINGS = [f"holding {number}" for number in range(100)]


def outputs(*names: str) -> list[bytes]:
    return voprf.evaluate(key(), tokens(*names))


def test_a_filter_holds_what_its_holder_holds_and_nothing_else() -> None:
    published = held(*HOLDINGS).publish()
    assert all(published.holds(outputs(*HOLDINGS)))
    assert not any(published.holds(outputs(*(f"other {number}" for number in range(500)))))
    assert published.holds([]) == []


def test_a_filter_is_read_as_it_was_written() -> None:
    data = held(*HOLDINGS).publish().to_bytes()
    read = Filter.from_bytes(data)
    assert read.to_bytes() == data
    assert (read.scope, read.public, read.version) == (SCOPE, key().public, 1)
    assert all(read.holds(outputs(*HOLDINGS)))


def test_filters_of_one_and_of_hundreds_of_holdings_are_of_one_size() -> None:
    few, many = held("one").publish(), held(*(f"h{number}" for number in range(800))).publish()
    assert len(few.to_bytes()) == len(many.to_bytes())
    assert len(few.entries) == len(many.entries) == 1024


def test_a_larger_holding_takes_the_next_bucket_with_room_to_spare() -> None:
    assert held(*(f"h{number}" for number in range(1000))).bucket == 11


def test_threads_prepare_the_same() -> None:
    names = [f"h{number}" for number in range(5000)]
    alone = prepare(key(), SCOPE, tokens(*names))
    together = prepare(key(), SCOPE, iter(tokens(*names)), workers=2)
    assert np.array_equal(alone.real, together.real)


def test_the_same_holdings_are_nowhere_alike_under_the_key_of_the_next_epoch() -> None:
    following = replace(SCOPE, epoch=SCOPE.epoch + 1)
    here = held(*HOLDINGS)
    there = prepare(key(following), following, tokens(*HOLDINGS))
    assert not set(here.real.tolist()) & set(there.real.tolist())


def test_a_holding_comes_and_goes_within_the_epoch() -> None:
    before = held(*HOLDINGS)
    after = change(key(), before, add=tokens("new"), drop=tokens(*HOLDINGS[:3]))
    assert after.version == 2
    assert after.publish().holds(outputs("new", *HOLDINGS[:4])) == [True, False, False, False, True]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 150), st.integers(0, 100))
def test_two_versions_differ_by_a_multiple_of_64_entries_whatever_changed(came: int, went: int) -> None:
    before = held(*HOLDINGS)
    after = change(
        key(), before, add=tokens(*(f"new {number}" for number in range(came))), drop=tokens(*HOLDINGS[:went])
    )
    old, new = before.publish().entries, after.publish().entries
    assert len(old) == len(new)
    assert len(np.setdiff1d(new, old)) == len(np.setdiff1d(old, new)) == max(1, -(-max(came, went) // CHURN)) * CHURN


def test_a_change_under_another_key_is_refused() -> None:
    with pytest.raises(ScopeDiffers):
        change(new_key(SCOPE), held("one"), add=tokens("two"))


def test_what_was_prepared_is_stored_and_taken_up_again() -> None:
    before = held(*HOLDINGS)
    again = Prepared.from_rows(before.scope, before.public, before.version, before.bucket, before.to_rows())
    assert again.publish().to_bytes() == before.publish().to_bytes()
    assert change(key(), again, add=tokens("new")).publish().holds(outputs("new", *HOLDINGS)) == [True] * 101


def test_the_canary_cannot_be_dropped() -> None:
    after = change(key(), held("one"), drop=[SCOPE.canary(), *tokens("one")])
    assert after.publish().holds(voprf.evaluate(key(), [SCOPE.canary()])) == [True]


def test_growth_over_the_bucket_doubles_the_filter_and_keeps_every_holding() -> None:
    names = [f"new {number}" for number in range(1000)]
    after = change(key(), held(*HOLDINGS), add=tokens(*names))
    assert after.bucket == 11
    assert all(after.publish().holds(outputs(*HOLDINGS, *names)))


def test_1_a_header_that_is_missing_or_not_canonical_is_refused() -> None:
    data = held("one").publish().to_bytes()
    for wrong in (b"", b"{}", data[1:], data.replace(b'"bucket":10', b'"bucket": 10'), data.replace(b"\n", b" ")):
        with pytest.raises(FilterMalformed):
            Filter.from_bytes(wrong)
    for name, other in ((b'"bucket":10', b'"bucket":99'), (b'"version":1', b'"version":0'), (b"public", b"secret")):
        with pytest.raises(BadInput):
            Filter.from_bytes(data.replace(name, other))
    with pytest.raises(BadInput):
        Filter.from_bytes(data.replace(key().public.hex().encode(), b"zz" * 32))
    with pytest.raises(BadInput):
        Filter.from_bytes(data.replace(key().public.hex().encode(), b"00" * 31))


def test_2_a_body_of_another_size_is_refused() -> None:
    data = held("one").publish().to_bytes()
    for wrong in (data[:-1], data + b"\x00", data.replace(b'"bucket":10', b'"bucket":11')):
        with pytest.raises(FilterMalformed):
            Filter.from_bytes(wrong)


def test_3_and_4_high_halves_that_do_not_count_and_entries_that_do_not_rise_are_refused() -> None:
    data = held("one").publish().to_bytes()
    start = len(data) - 1024 * 4 - 256
    for wrong in (
        data[:-256] + bytes(256),
        data[:-256] + b"\xff" * 256,
        data[:-128] + b"\xff" * 128,
        data[:start] + b"\xff" * 4096 + data[-256:],
        data[:-256] + b"\xff" * 128 + bytes(128),
    ):
        with pytest.raises(FilterMalformed):
            Filter.from_bytes(wrong)


def test_5_a_key_that_is_no_element_is_refused() -> None:
    data = held("one").publish().to_bytes()
    with pytest.raises(ElementRefused):
        Filter.from_bytes(data.replace(key().public.hex().encode(), b"00" * 32))


def test_any_flipped_bit_is_refused_or_makes_another_filter_that_is_written_the_same() -> None:
    data, chance = held("one").publish().to_bytes(), Random(64)
    for bit in chance.sample(range(len(data) * 8), 200):
        flipped = bytearray(data)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            read = Filter.from_bytes(bytes(flipped))
        except AmanaError:
            continue
        assert read.to_bytes() == flipped


def test_padding_is_drawn_until_the_bucket_is_full_even_from_poor_randomness() -> None:
    good, calls = stream(b"good"), iter(range(10))
    poor = prepare(key(), SCOPE, tokens("one"), random=lambda count: bytes(count) if next(calls) == 0 else good(count))
    assert len(poor.publish().entries) == 1024
