"""What recorded bytes give away: nothing of the other side's items that are not common, and never beyond a budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256, sha512

import numpy as np
import pytest
import rfc8785

from amana.matching.blind import group, holder, voprf
from amana.matching.blind.asker import Question, stream
from amana.matching.blind.budget import Budget, Spending, spend
from amana.matching.blind.filter import Filter, cut, heads_of
from amana.matching.blind.rounds import Answer, Ask
from tests.matching.blind.cast import SCOPE, held, key, question, rows_of, tokens

DICTIONARY = [f"name {number}" for number in range(10_000)]
HELD = [f"name {number}" for number in range(0, 10_000, 25)]


def bytes_of(asked: Question) -> list[tuple[bytes, bytes]]:
    """What crosses the wire in each round."""
    return [
        (rfc8785.dumps(batch.ask.to_json()), rfc8785.dumps(holder.answer(key(), SCOPE, batch.ask, 1).to_json()))
        for batch in asked.batches()
    ]


@pytest.mark.parametrize("count", [1, 60, 100])
def test_rounds_that_hit_and_rounds_that_do_not_have_equal_sizes(count: int) -> None:
    hit = bytes_of(question(*HELD[:count]))
    none = bytes_of(question(*(f"nobody {number}" for number in range(count))))
    one = bytes_of(question(HELD[0], *(f"nobody {number}" for number in range(count - 1))))
    assert [list(map(len, pair)) for pair in hit] == [list(map(len, pair)) for pair in none]
    assert [list(map(len, pair)) for pair in hit] == [list(map(len, pair)) for pair in one]


def test_bob_with_his_key_and_a_dictionary_cannot_tell_what_alice_asked() -> None:
    asked = question("name 7", "name 8").batches()[0].ask
    answer = holder.answer(key(), SCOPE, asked, 1)
    inputs = voprf.hash_to_group(tokens(*DICTIONARY[:2000]))
    seen = rows_of(asked.elements) | rows_of(answer.evaluated)
    assert not rows_of(inputs) & seen
    assert not rows_of(group.multiply(key().scalar, inputs)) & seen
    outputs = {output[:32] for output in voprf.evaluate(key(), tokens(*DICTIONARY[:2000]))}
    assert not outputs & seen


def test_charlie_with_the_filter_and_a_dictionary_but_no_key_finds_nothing() -> None:
    published = Filter.from_bytes(held(*HELD).publish().to_bytes())
    candidates = tokens(*DICTIONARY)
    elements = voprf.hash_to_group(candidates)
    plain = [elements[at : at + 32] for at in range(0, len(elements), 32)]
    guesses = [
        [sha512(one).digest() for one in candidates],
        [sha256(one).digest() for one in candidates],
        [sha512(published.public + one).digest() for one in candidates],
        plain,
        [sha512(one).digest() for one in plain],
        voprf.finalize(candidates, (1).to_bytes(32, "little") * len(candidates), elements),
        voprf.evaluate(holder.new_key(SCOPE, random=stream(b"charlie's own")), candidates[:2000]),
    ]
    assert not any(any(published.holds(outputs)) for outputs in guesses)
    assert all(published.holds(voprf.evaluate(key(), tokens(*HELD))))


def test_charlie_with_a_recorded_round_cannot_finish_it() -> None:
    published = held("name 0").publish()
    batch = question("name 0").batches()[0]
    answer = holder.answer(key(), SCOPE, batch.ask, 1)
    assert batch.read(answer, published) == set(tokens("name 0"))
    wrong = group.random_scalars(len(batch.tokens), stream(b"charlie"))
    outputs = voprf.finalize(batch.tokens, wrong, answer.evaluated[: len(wrong)])
    assert not any(published.holds(outputs))


def test_the_entries_of_a_filter_look_alike_whether_holding_or_padding() -> None:
    prepared = held(*HELD)
    real, padding = cut(prepared.real, prepared.bucket), cut(prepared.padding, prepared.bucket)
    most = float(2 ** (prepared.bucket + 32))
    assert abs(float(np.mean(real / most)) - 0.5) < 0.08
    assert abs(float(np.mean(padding / most)) - 0.5) < 0.08


def test_a_dictionary_is_stopped_by_the_budget_and_raises_the_alarm() -> None:
    """Alice, or who took her place, asks for 10,000 names: Bob answers one round, refuses the rest and is alarmed."""
    published, budget = held(*HELD).publish(), Budget(month=5_000, day=5_000, case=5_000)
    past: list[Spending] = []
    learned: set[bytes] = set()
    codes: list[str] = []
    begin = datetime(2026, 9, 24, 2, tzinfo=UTC)
    for number, batch in enumerate(question(*DICTIONARY).batches()):
        asked = Spending(begin + timedelta(minutes=number), "case-1", Ask.from_json(batch.ask.to_json()).size)
        verdict = spend(budget, past, asked)
        codes += [reason.code for reason in verdict.alarms]
        past.append(Spending(asked.at, asked.case, asked.elements, verdict.decision.allowed))
        if verdict.decision.allowed:
            answer = Answer.from_json(holder.answer(key(), SCOPE, batch.ask, 1).to_json())
            learned |= batch.read(answer, published)
    assert [one.answered for one in past] == [True, False, False]
    assert 0 < len(learned) < len(HELD) / 2
    assert "blind-alarm-month" in codes
    assert "blind-alarm-refused" in codes


def test_what_one_epoch_taught_is_of_no_use_in_the_next() -> None:
    learned = voprf.evaluate(key(), tokens(*HELD))
    renewed = holder.prepare(holder.new_key(SCOPE, random=stream(b"next")), SCOPE, tokens(*HELD))
    assert not any(renewed.publish().holds(learned))
    assert not np.isin(heads_of(learned), renewed.real).any()
