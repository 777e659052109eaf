"""Judgements and contradictions as values: what joins, what is held apart, what cannot both hold."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.contradiction import contradict
from amana.domain.judgement import JudgementIncomplete, Pair, Verdict, clusters_of, opposed_within, pair_of

KEYS = st.sampled_from("abcdef")
PAIRS = st.frozensets(KEYS, min_size=2, max_size=2)
VERDICTS = st.dictionaries(PAIRS, st.sampled_from(Verdict), max_size=12)


@pytest.mark.parametrize(
    ("one", "other", "by", "reason"),
    [("a", "a", "alice", "why"), ("a", "b", " ", "why"), ("a", "b", "alice", ""), ("a", "b", "alice", " ")],
)
def test_a_judgement_needs_two_entities_a_person_and_a_reason(one: str, other: str, by: str, reason: str) -> None:
    with pytest.raises(JudgementIncomplete):
        pair_of(one, other, by=by, reason=reason)


def test_a_pair_has_one_name() -> None:
    assert pair_of("a", "b", by="alice", reason="why") == pair_of("b", "a", by="alice", reason="why")


@given(VERDICTS)
def test_profiles_part_the_entities_and_follow_positive_judgements_only(verdicts: dict[Pair, Verdict]) -> None:
    found = clusters_of("abcdef", verdicts)
    for key, members in found.items():
        assert key in members
        assert all(found[one] == members for one in members)
    positive = {pair: said for pair, said in verdicts.items() if said is Verdict.SAME}
    assert found == clusters_of("abcdef", positive)
    assert all(len({found[key] for key in pair}) == 1 for pair in positive)
    for members in found.values():  # nobody is in a profile but by a chain of positive judgements
        reached, before = {min(members)}, set[str]()
        while reached != before:
            before = set(reached)
            reached |= {key for pair in positive if pair & before for key in pair}
        assert reached == members


@given(VERDICTS)
def test_what_is_held_apart_within_a_profile_is_named(verdicts: dict[Pair, Verdict]) -> None:
    members = clusters_of(["a"], verdicts)["a"]
    opposed = opposed_within(members, verdicts)
    assert all(verdicts[pair] is Verdict.DIFFERENT and pair <= members for pair in opposed)


@pytest.mark.parametrize(
    ("schema", "name", "values", "expected"),
    [
        ("Person", "birthDate", ["1980", "1980-05-17"], False),
        ("Person", "birthDate", ["1980-05-17", "1980-05-18"], True),
        ("Person", "birthDate", ["1980", "1980-05-17", "1981"], True),
        ("Person", "nationality", ["ma", "fr"], False),
        ("Person", "name", ["Karim Belkadi", "Omar Tazi"], False),
        ("Vessel", "flag", ["ma", "pa"], True),
        ("Vessel", "imoNumber", ["IMO9074729", "IMO 9074729"], False),
        ("Vehicle", "registrationNumber", ["12345-A-6", "12345 a 6"], False),
        ("Vehicle", "registrationNumber", ["12345-A-6", "12346-A-6"], True),
        ("Organization", "registrationNumber", ["RC 1", "RC 2"], False),
    ],
)
def test_two_values_contradict_where_there_is_only_one(
    schema: str, name: str, values: list[str], expected: bool
) -> None:
    assert contradict(schema, name, values) is expected
    assert contradict(schema, name, reversed(values)) is expected


@given(st.lists(st.sampled_from(["1980", "1980-05", "1980-05-17", "1980-06", "1981"]), max_size=4))
def test_more_values_never_take_a_contradiction_away(values: list[str]) -> None:
    said = [contradict("Person", "birthDate", values[:many]) for many in range(len(values) + 1)]
    assert all(later or not earlier for earlier, later in pairwise(said))
