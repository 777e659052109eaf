"""Finding differences between two nodes' links: all of them, only them, and with traffic that grows with them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some

from amana.exchange.canonical import encode
from amana.exchange.carry import pack
from amana.exchange.holdings import Head, Statement, read_statement, sign_statement
from amana.exchange.reconcile import (
    ENDED_UNSAID,
    HOLDER_ENDED,
    ORIGIN_LOST,
    REFUSAL_DIFFERS,
    SHORT,
    Advice,
    FingerprintsShort,
    Force,
    Item,
    PlaceUnknown,
    Remedy,
    Tree,
    advise,
    differing,
)
from amana.exchange.reconcile_talk import (
    Place,
    Question,
    QuestionMalformed,
    Reply,
    Side,
    Step,
    chunks,
    read_question,
    read_reply,
)
from tests.exchange.cast import NOW, alice, bob, key_of, number


def item(seq: int, force: Force = Force.IN_FORCE, by: int = 0) -> Item:
    return Item(seq, sha256(b"%d" % seq).hexdigest(), force, by)


def items(size: int) -> list[Item]:
    return [item(seq) for seq in range(1, size + 1)]


class Other:
    """The other side: answers from its own tree, and counts what it was asked."""

    def __init__(self, tree: Tree) -> None:
        self.tree, self.bytes, self.questions = tree, 0, 0

    def __call__(self, level: int, places: Sequence[int]) -> bytes:
        found = self.tree.shorts_below(level, places)
        self.bytes += len(found)
        self.questions += 1
        return found


@given(some.integers(0, 700), some.data())
def test_exactly_the_numbers_that_differ_are_found(size: int, data: some.DataObject) -> None:
    changed = data.draw(some.sets(some.integers(1, max(size, 1)), max_size=12)) if size else set()
    mine, theirs = items(size), {one.seq: one for one in items(size)}
    for seq in changed:
        how = data.draw(some.sampled_from(["gone", "hash", "ended"]))
        if how == "gone":
            del theirs[seq]
        elif how == "hash":
            theirs[seq] = replace(theirs[seq], hash="0" * 64)
        else:
            theirs[seq] = item(seq, Force.WITHDRAWN)
    one, other = Tree(mine, size), Tree(theirs.values(), size)
    assert differing(one, Other(other)) == sorted(changed)
    assert (one.root == other.root) == (not changed)


def test_traffic_grows_with_the_differences_and_not_with_the_link() -> None:
    chance, traffic = random.Random(7), {}
    for size in (1_000, 20_000):
        mine = Tree(items(size), size)
        for count in (0, 1, 10, 100):
            gone = set(chance.sample(range(1, size + 1), count))
            other = Other(Tree([one for one in items(size) if one.seq not in gone], size))
            assert differing(mine, other) == sorted(gone)
            traffic[size, count] = other.bytes
    for (_size, count), seen in traffic.items():
        assert seen <= max(count, 1) * 16 * SHORT * 5
    assert traffic[20_000, 10] < 2 * traffic[1_000, 10]
    assert traffic[20_000, 100] < 20_000 * SHORT / 6


def test_what_ended_on_both_sides_is_no_difference_whatever_ended_it() -> None:
    one = Tree([item(1, Force.WITHDRAWN, 5), item(2, Force.EXPIRED)], 2)
    other = Tree([item(1, Force.SUPERSEDED), item(2, Force.WITHDRAWN)], 2)
    assert one.root == other.root


def test_trees_of_another_size_have_another_root() -> None:
    assert Tree(items(3), 3).root != Tree(items(3), 4).root
    assert Tree([], 0).root == Tree(items(3), 0).root


@pytest.mark.parametrize(("level", "places"), [(0, [0]), (9, [0]), (1, [99]), (1, [-1]), (1, list(range(5_000)))])
def test_a_place_that_the_tree_does_not_have_is_refused(level: int, places: list[int]) -> None:
    with pytest.raises(PlaceUnknown):
        Tree(items(40), 40).shorts_below(level, places)


@pytest.mark.parametrize("change", [lambda seen: seen[:-1], lambda seen: seen + b"x", lambda _: b""])
def test_too_few_or_too_many_fingerprints_are_noticed(change: object) -> None:
    tree = Tree(items(40), 40)
    with pytest.raises(FingerprintsShort):
        differing(tree, lambda level, places: change(tree.shorts_below(level, places)))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("sent", "held", "advice"),
    [
        (item(4), None, Advice(Remedy.AGAIN, 4)),
        (item(4), item(4, Force.BROKEN), Advice(Remedy.AGAIN, 4)),
        (item(4), replace(item(4), hash="0" * 64), Advice(Remedy.AGAIN, 4)),
        (item(4, Force.WITHDRAWN, 9), item(4), Advice(Remedy.AGAIN, 9)),
        (item(4, Force.SUPERSEDED, 7), item(4), Advice(Remedy.AGAIN, 7)),
        (item(4, Force.WITHDRAWN, 4), item(4), Advice(Remedy.AGAIN, 4)),
        (item(4, Force.EXPIRED), item(4), Advice(Remedy.NONE, 4, ENDED_UNSAID)),
        (item(4), item(4, Force.WITHDRAWN), Advice(Remedy.NONE, 4, HOLDER_ENDED)),
        (item(4), item(4, Force.REFUSED), Advice(Remedy.NONE, 4, REFUSAL_DIFFERS)),
        (item(4, Force.REFUSED), item(4), Advice(Remedy.NONE, 4, REFUSAL_DIFFERS)),
        (None, item(4), Advice(Remedy.NONE, 4, ORIGIN_LOST)),
    ],
)
def test_what_is_done_about_each_kind_of_difference(sent: Item | None, held: Item | None, advice: Advice) -> None:
    assert advise(4, sent, held) == advice


def statement(node: str, partner: str, *, sent: Head, held: Head) -> Statement:
    return Statement(node, partner, NOW, sent, held)


def test_two_statements_agree_when_each_ones_sent_is_the_others_held() -> None:
    one, other = Head(3, "a" * 64, "b" * 64), Head(5, "c" * 64, "d" * 64)
    rabat = statement("rabat", "washington", sent=one, held=other)
    washington = statement("washington", "rabat", sent=other, held=one)
    assert rabat.agrees_with(washington)
    assert washington.agrees_with(rabat)
    for wrong in (
        replace(washington, node="thirdnode"),
        replace(washington, held=replace(one, root="0" * 64)),
        replace(washington, sent=replace(other, seq=4)),
        replace(washington, held=replace(one, hash="0" * 64)),
    ):
        assert not rabat.agrees_with(wrong)


def test_a_statement_is_signed_by_its_node_and_by_nobody_else() -> None:
    made = statement("rabat", "washington", sent=Head(0, "0" * 64), held=Head(1, "1" * 64))
    jws = sign_statement(made, alice().signing)
    assert read_statement(jws, key_of(alice())) == made
    with pytest.raises(Exception, match="not enrolled"):
        read_statement(jws, key_of(bob()))


def test_questions_and_replies_read_back_as_they_were_written() -> None:
    question = Question(Step.AGAIN, Side.HELD, 2, (1, 5), "a.b.c", (b"x", b""))
    assert read_question(question.to_bytes()) == question
    reply = Reply("a.b.c", ("x", Place(1, number(4), "a" * 64, "b" * 64, "report").to_json()), (b"y",))
    assert read_reply(reply.to_bytes()) == reply
    assert Place.from_json(reply.rows[1]) == Place(1, number(4), "a" * 64, "b" * 64, "report")


@pytest.mark.parametrize(
    "data",
    [
        pack([]),
        pack([b"{}"]),
        pack([b"[]"]),
        pack([encode({"step": "erase", "side": "sent", "level": 0, "places": [], "statement": ""})]),
        pack([encode({"step": "open", "side": "sent", "level": 65, "places": [], "statement": ""})]),
        pack([encode({"step": "open", "side": "sent", "level": 0, "places": [-1], "statement": ""})]),
        pack([encode({"step": "open", "side": "sent", "level": 0, "places": [0] * 4_097, "statement": ""})]),
    ],
)
def test_a_question_outside_the_protocol_is_refused(data: bytes) -> None:
    with pytest.raises(QuestionMalformed):
        read_question(data)


@given(some.lists(some.integers(0, 9), max_size=40), some.integers(1, 7))
def test_chunks_hold_everything_in_order(numbers: list[int], most: int) -> None:
    found = chunks(numbers, most)
    assert [one for chunk in found for one in chunk] == numbers
    assert all(len(chunk) <= most for chunk in found)
