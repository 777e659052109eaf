"""A round between Alice, who asks, and Bob, who holds; numbers are those of `Batch.read`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.domain.errors import AmanaError, BadInput
from amana.domain.form import Json
from amana.domain.handling import Purpose
from amana.matching.blind import holder, voprf
from amana.matching.blind.asker import CanaryWrong, Question, RoundDiffers, stream
from amana.matching.blind.filter import Filter
from amana.matching.blind.holder import prepare
from amana.matching.blind.rounds import SIZES, Answer, Ask
from amana.matching.blind.scope import Scope, ScopeDiffers
from amana.matching.blind.voprf import BatchRefused, ProofRefused
from tests.matching.blind.cast import SCOPE, held, key, question, rows_of, tokens


def answered(asked: Question, *, version: int = 1) -> list[Answer]:
    return [
        holder.answer(key(), SCOPE, Ask.from_json(batch.ask.to_json()), version, random=stream(b"nonce"))
        for batch in asked.batches()
    ]


def found(asked: Question, published: Filter, answers: list[Answer]) -> frozenset[bytes]:
    return frozenset[bytes]().union(
        *(batch.read(answer, published) for batch, answer in zip(asked.batches(), answers, strict=True))
    )


def test_alice_learns_which_of_her_own_tokens_bob_holds() -> None:
    published = Filter.from_bytes(held("a", "b", "c").publish().to_bytes())
    asked = question("b", "x", "c", "y", "b")
    assert found(asked, published, answered(asked)) == set(tokens("b", "c"))


@settings(max_examples=15, deadline=None)
@given(st.sets(st.text(max_size=5), max_size=8), st.sets(st.text(max_size=5), min_size=1, max_size=8))
def test_what_is_found_is_what_both_hold(here: set[str], there: set[str]) -> None:
    asked = question(*there)
    assert found(asked, held(*here).publish(), answered(asked)) == set(tokens(*here)) & set(tokens(*there))


def test_who_asks_and_who_holds_makes_no_difference_to_what_is_common() -> None:
    one, other = {"a", "b", "c"}, {"b", "c", "d"}
    for mine, theirs in ((one, other), (other, one)):
        asked = question(*sorted(mine))
        assert found(asked, held(*sorted(theirs)).publish(), answered(asked)) == set(tokens("b", "c"))


@pytest.mark.parametrize(("count", "sizes"), [(1, [64]), (62, [64]), (63, [512]), (511, [4096]), (4095, [4096, 64])])
def test_a_question_is_padded_to_fixed_sizes(count: int, sizes: list[int]) -> None:
    asked = question(*map(str, range(count)))
    batches = asked.batches()
    assert [batch.ask.size for batch in batches] == sizes
    assert len({batch.ask.round for batch in batches}) == len(batches)


def test_a_question_is_remade_byte_for_byte_from_its_tokens_and_secret() -> None:
    asked = question("a", "b")
    assert Question(asked.scope, asked.tokens, asked.secret).batches() == asked.batches()


def test_the_same_tokens_asked_twice_share_no_row() -> None:
    one, other = (Question.about(SCOPE, tokens("a")).batches()[0].ask.elements for _ in range(2))
    assert not rows_of(one) & rows_of(other)


def test_questions_and_answers_are_read_as_they_were_written() -> None:
    asked = question("a").batches()[0].ask
    answer = answered(question("a"))[0]
    assert Ask.from_json(asked.to_json()) == asked
    assert Answer.from_json(answer.to_json()) == answer


def test_a_question_about_nothing_is_refused() -> None:
    with pytest.raises(BatchRefused):
        question()


Change = Callable[[dict[str, Json]], dict[str, Json]]


@pytest.mark.parametrize(
    "change",
    [
        lambda form: {**form, "elements": "AAAA"},
        lambda form: {**form, "elements": "not base64!"},
        lambda form: {**form, "elements": "A" * 9_000_000},
        lambda form: {**form, "elements": str(form["elements"])[:-1]},
        lambda form: {**form, "elements": str(form["elements"]).replace("=", "") + "=="},
        lambda form: {**form, "round": "Z" * 32},
        lambda form: {**form, "round": ""},
        lambda form: {**form, "scope": {}},
        lambda form: {**form, "more": 1},
        lambda form: {name: value for name, value in form.items() if name != "round"},
    ],
)
def test_a_question_that_is_not_in_order_is_refused(change: Change) -> None:
    with pytest.raises(BadInput):
        Ask.from_json(change(question("a").batches()[0].ask.to_json()))


def test_an_answer_that_is_not_in_order_is_refused() -> None:
    form = answered(question("a"))[0].to_json()
    for name, value in (("proof", "AAAA"), ("version", 0), ("version", True), ("evaluated", ""), ("round", "é" * 32)):
        with pytest.raises(BadInput):
            Answer.from_json({**form, name: value})


def test_bob_answers_only_in_the_scope_of_his_key() -> None:
    asked = question("a").batches()[0].ask
    for other in (
        replace(SCOPE, epoch=4),
        replace(SCOPE, agreement="agreement-8"),
        replace(SCOPE, purpose=Purpose.PROSECUTION),
        replace(SCOPE, holder="charlie"),
    ):
        with pytest.raises(ScopeDiffers):
            holder.answer(key(), SCOPE, replace(asked, scope=other), 1)


def test_1_an_answer_to_another_round_or_version_is_refused() -> None:
    batch, published = question("a").batches()[0], held("a").publish()
    answer = answered(question("a"))[0]
    with pytest.raises(RoundDiffers):
        batch.read(replace(answer, round="0" * 32), published)
    with pytest.raises(RoundDiffers):
        batch.read(replace(answer, version=2), published)


def test_2_a_filter_or_an_answer_of_another_scope_is_refused() -> None:
    batch, published = question("a").batches()[0], held("a").publish()
    answer, other = answered(question("a"))[0], replace(SCOPE, epoch=4)
    with pytest.raises(ScopeDiffers):
        batch.read(answer, replace(published, scope=other))
    with pytest.raises(ScopeDiffers):
        batch.read(replace(answer, scope=other), published)


def test_3_an_answer_under_another_key_than_the_published_is_refused() -> None:
    batch, published = question("a").batches()[0], held("a").publish()
    foreign = holder.answer(holder.new_key(SCOPE), SCOPE, batch.ask, 1)
    with pytest.raises(ProofRefused):
        batch.read(foreign, published)


def test_3_a_flipped_bit_anywhere_in_the_answer_is_refused() -> None:
    batch, published, answer = question("a").batches()[0], held("a").publish(), answered(question("a"))[0]
    for at in (0, 40, 2047):
        evaluated = bytearray(answer.evaluated)
        evaluated[at] ^= 4
        with pytest.raises(AmanaError):
            batch.read(replace(answer, evaluated=bytes(evaluated)), published)
    for at in (0, 63):
        proof = bytearray(answer.proof)
        proof[at] ^= 1
        with pytest.raises(AmanaError):
            batch.read(replace(answer, proof=bytes(proof)), published)


def test_4_a_filter_that_was_made_under_another_key_is_found_out_by_its_canary() -> None:
    batch, answer = question("a").batches()[0], answered(question("a"))[0]
    stale = prepare(holder.new_key(SCOPE), SCOPE, tokens("a")).publish()
    with pytest.raises(CanaryWrong):
        batch.read(answer, replace(stale, public=key().public))


def test_5_a_filter_that_holds_what_nobody_can_hold_is_found_out() -> None:
    batch, answer = question("a").batches()[0], answered(question("a"))[0]
    trap = prepare(key(), SCOPE, batch.tokens).publish()
    with pytest.raises(CanaryWrong):
        batch.read(answer, trap)


def test_tokens_secret_and_blinds_do_not_show_themselves() -> None:
    asked = question("a private token")
    assert "private" not in repr(asked) + repr(asked.batches())
    assert str(asked.secret) not in repr(asked)


def test_two_scopes_never_give_one_tag() -> None:
    assert Scope("a1", Purpose.DETECTION, 2, "b").tag() != Scope("a", Purpose.DETECTION, 12, "b").tag()
    assert Scope("a", Purpose.DETECTION, 1, "b").canary() != Scope("a", Purpose.DETECTION, 1, "bcanary").tag()


def test_a_full_round_of_the_largest_size_fits_one_message() -> None:
    asked = question(*map(str, range(4000))).batches()[0].ask
    assert asked.size == SIZES[-1] < voprf.MOST_IN_BATCH
    assert len(str(asked.to_json())) < 200_000


def test_one_secret_over_two_lists_does_not_tell_what_they_share() -> None:
    secret = question("a", "b").secret
    one, other = (Question(SCOPE, tuple(tokens(*names)), secret).batches()[0] for names in (("a", "b"), ("a", "c")))
    assert not rows_of(one.ask.elements) & rows_of(other.ask.elements)
