"""Canonical JSON: one value, one sequence of bytes; the numbers are those of `canonical.decode`."""

from __future__ import annotations

from json import dumps, loads
from unicodedata import is_normalized

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.errors import AmanaError
from amana.exchange import canonical
from amana.exchange.canonical import (
    DEEPEST,
    GREATEST,
    CanonicalDuplicateKey,
    CanonicalNotCanonical,
    CanonicalNotJson,
    CanonicalNotNormal,
    CanonicalNotText,
    CanonicalNumber,
    CanonicalTooDeep,
    CanonicalTooLarge,
    decode,
    encode,
)

words = st.text(st.characters(codec="utf-8"), max_size=20).filter(lambda text: is_normalized("NFC", text))
scalars = st.none() | st.booleans() | st.integers(-GREATEST, GREATEST) | words
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(words, inner), max_leaves=30)


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@given(values)
def test_what_is_written_is_read_back(value: object) -> None:
    assert decode(encode(value)) == value


@given(values)
def test_our_writing_is_that_of_rfc_8785(value: object) -> None:
    assert encode(value) == rfc8785.dumps(value)  # type: ignore[arg-type]  # the strategy makes only what JSON has


@given(st.binary(max_size=60) | values.map(lambda value: dumps(value).encode()))
def test_only_canonical_bytes_are_read_and_nothing_breaks(data: bytes) -> None:
    try:
        value = decode(data)
    except AmanaError:
        return
    assert encode(value) == data


CHECKS = [
    (1, b'"' + b"a" * 1_048_576 + b'"', CanonicalTooLarge),
    (2, b'"\xff"', CanonicalNotText),
    (2, b'"\xed\xa0\x80"', CanonicalNotText),
    (2, b'"\\ud800"', CanonicalNotText),
    (3, b"[" * 33 + b"]" * 33, CanonicalTooDeep),
    (3, b'{"a":' * 33 + b"1" + b"}" * 33, CanonicalTooDeep),
    (3, b"[" * 1_000_000, CanonicalTooDeep),
    (4, b"1.5", CanonicalNumber),
    (4, b"1e3", CanonicalNumber),
    (4, b"[1.0]", CanonicalNumber),
    (4, b"9007199254740992", CanonicalNumber),
    (4, b"-9007199254740992", CanonicalNumber),
    (4, b"9" * 5_000, CanonicalNumber),
    (4, b"NaN", CanonicalNumber),
    (4, b"-Infinity", CanonicalNumber),
    (5, b"", CanonicalNotJson),
    (5, b'{"a":1', CanonicalNotJson),
    (5, b'"' + b'\\"' * 500_000, CanonicalNotJson),
    (5, b"1 2", CanonicalNotJson),
    (5, b"\xef\xbb\xbf1", CanonicalNotJson),
    (6, b'{"tlp":"TLP:RED","tlp":"TLP:CLEAR"}', CanonicalDuplicateKey),
    (6, b'{"a":1,"\\u0061":1}', CanonicalDuplicateKey),
    (7, '"Cafe\u0301"'.encode(), CanonicalNotNormal),
    (7, '{"e\u0301":1}'.encode(), CanonicalNotNormal),
    (8, b" 1", CanonicalNotCanonical),
    (8, b'{"a": 1}', CanonicalNotCanonical),
    (8, b'{"b":1,"a":1}', CanonicalNotCanonical),
    (8, '{"\uffff":1,"\U0001f600":1}'.encode(), CanonicalNotCanonical),
    (8, b"-0", CanonicalNotCanonical),
    (8, b'"\\u0061"', CanonicalNotCanonical),
    (8, b'"\\/"', CanonicalNotCanonical),
    (8, b'"\\u001F"', CanonicalNotCanonical),
    (8, b"1\n", CanonicalNotCanonical),
]


@pytest.mark.parametrize(("check", "data", "error"), CHECKS)
def test_each_check_refuses_alone(check: int, data: bytes, error: type[AmanaError]) -> None:
    with pytest.raises(error) as caught:
        decode(data)
    assert type(caught.value) is error
    assert f"{check}. " in (decode.__doc__ or "")


def test_brackets_inside_of_strings_count_for_nothing() -> None:
    text = '[{"' * 100 + "\\"
    assert decode(encode([text, nested(DEEPEST - 1)])) == [text, nested(DEEPEST - 1)]


def test_thirty_two_levels_are_read_and_written_and_one_more_is_not() -> None:
    assert decode(encode(nested(DEEPEST))) == nested(DEEPEST)
    with pytest.raises(CanonicalTooDeep):
        encode(nested(DEEPEST + 1))
    with pytest.raises(CanonicalTooDeep):
        encode({"empty": nested(DEEPEST - 1), "deep": [nested(DEEPEST)]})


def test_a_smaller_bound_may_be_set() -> None:
    with pytest.raises(CanonicalTooLarge):
        decode(b"12345", most=4)
    assert decode(b"1234", most=4) == 1234


def test_a_mark_after_an_escaped_line_break_is_normal_text() -> None:
    assert decode(encode("\n\u0301")) == "\n\u0301"


def test_names_beyond_the_basic_plane_are_sorted_as_utf_16() -> None:
    data = encode({"\uffff": 1, "\U0001f600": 2})
    assert list(loads(data)) == ["\U0001f600", "\uffff"]
    assert decode(data) == {"\uffff": 1, "\U0001f600": 2}


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (1.0, CanonicalNumber),
        ([float("nan")], CanonicalNumber),
        (2**53, CanonicalNumber),
        ({1: 2}, CanonicalNotJson),
        (b"bytes", CanonicalNotJson),
        ({1, 2}, CanonicalNotJson),
        ([object()], CanonicalNotJson),
        ("e\u0301", CanonicalNotNormal),
        ({"e\u0301": 1}, CanonicalNotNormal),
        ("\ud800", CanonicalNotText),
        ({"\ud800": 1}, CanonicalNotText),
    ],
)
def test_a_value_without_a_canonical_form_is_not_written(value: object, error: type[AmanaError]) -> None:
    with pytest.raises(error):
        encode(value)


def test_every_refusal_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(canonical).values() if isinstance(kind, type) and issubclass(kind, AmanaError)]
    codes = [kind.code for kind in kinds if kind.__module__ == canonical.__name__]
    assert len(set(codes)) == len(codes)
    assert all(code.startswith("canonical-") for code in codes)
