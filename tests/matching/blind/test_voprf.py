"""The function of RFC 9497: its vectors, its refusals (the numbers are those of `voprf.verify`), its laws."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from secrets import token_bytes
from typing import TypedDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.domain.errors import AmanaError
from amana.matching.blind import group, voprf
from amana.matching.blind.group import ElementRefused, ScalarRefused
from amana.matching.blind.voprf import BatchRefused, ProofRefused, SecretKey


class Vector(TypedDict):
    input: list[str]
    blind: list[str]
    blinded: list[str]
    evaluated: list[str]
    proof: str
    nonce: str
    output: list[str]


FILE = json.loads((Path(__file__).parent / "rfc9497.json").read_text())
VECTORS: list[Vector] = FILE["vectors"]
KEY = SecretKey.derive(bytes.fromhex(FILE["seed"]), bytes.fromhex(FILE["key_info"]))
NOT_CANONICAL = (
    "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
)  # RFC 9496, Appendix A.3


def rows(texts: list[str]) -> bytes:
    return bytes.fromhex("".join(texts))


def test_the_key_of_the_rfc_is_derived() -> None:
    assert KEY.scalar.hex() == FILE["secret_key"]
    assert KEY.public.hex() == FILE["public_key"]


@pytest.mark.parametrize("vector", VECTORS)
def test_the_vectors_of_rfc_9497_come_out(vector: Vector) -> None:
    inputs, blinds = [bytes.fromhex(one) for one in vector["input"]], rows(vector["blind"])
    blinded, evaluated = rows(vector["blinded"]), rows(vector["evaluated"])
    assert voprf.blind(inputs, blinds) == blinded
    assert group.multiply(KEY.scalar, blinded) == evaluated
    assert voprf.prove(KEY, blinded, evaluated, bytes.fromhex(vector["nonce"])).hex() == vector["proof"]
    voprf.verify(KEY.public, blinded, evaluated, bytes.fromhex(vector["proof"]))
    assert [one.hex() for one in voprf.finalize(inputs, blinds, evaluated)] == vector["output"]
    assert [one.hex() for one in voprf.evaluate(KEY, inputs)] == vector["output"]


@given(st.lists(st.binary(max_size=200), min_size=1, max_size=4), st.binary(min_size=32, max_size=32))
@settings(max_examples=30)
def test_blinding_and_unblinding_is_evaluating(inputs: list[bytes], seed: bytes) -> None:
    key = SecretKey.derive(seed, b"")
    blinds = group.random_scalars(len(inputs), token_bytes)
    blinded = voprf.blind(inputs, blinds)
    evaluated, proof = voprf.evaluate_blinded(key, blinded, random=token_bytes)
    voprf.verify(key.public, blinded, evaluated, proof)
    assert voprf.finalize(inputs, blinds, evaluated) == voprf.evaluate(key, inputs)


def test_the_same_input_is_blinded_to_something_else_each_time() -> None:
    blinds = group.random_scalars(2, token_bytes)
    blinded = voprf.blind([b"same", b"same"], blinds)
    assert blinded[:32] != blinded[32:]


def test_1_lists_of_different_or_no_length_are_refused() -> None:
    one = rows(VECTORS[0]["blinded"])
    proof = bytes.fromhex(VECTORS[0]["proof"])
    for blinded, evaluated in ((b"", b""), (one, b""), (one, one + one)):
        with pytest.raises(BatchRefused):
            voprf.verify(KEY.public, blinded, evaluated, proof)
    with pytest.raises(BatchRefused):
        voprf.evaluate_blinded(KEY, b"", random=token_bytes)
    with pytest.raises(BatchRefused):
        voprf.evaluate_blinded(KEY, one * 65_536, random=token_bytes)
    with pytest.raises(BatchRefused):
        voprf.finalize([b"a"], bytes(64), one)


@pytest.mark.parametrize("text", [*NOT_CANONICAL, "00" * 32])
def test_2_the_identity_and_what_is_not_canonical_are_refused_everywhere(text: str) -> None:
    good, bad = rows(VECTORS[0]["blinded"]), bytes.fromhex(text)
    proof = bytes.fromhex(VECTORS[0]["proof"])
    with pytest.raises(ElementRefused):
        voprf.evaluate_blinded(KEY, good + bad, random=token_bytes)
    with pytest.raises(ElementRefused):
        voprf.verify(bad, good, rows(VECTORS[0]["evaluated"]), proof)
    with pytest.raises(ElementRefused):
        voprf.verify(KEY.public, good, bad, proof)
    with pytest.raises(ElementRefused):
        voprf.verify(KEY.public, bad, good, proof)
    with pytest.raises(ElementRefused):
        group.check_elements(good + bad)


def test_2_half_an_element_is_refused() -> None:
    with pytest.raises(ElementRefused):
        voprf.evaluate_blinded(KEY, bytes(40), random=token_bytes)


def test_3_a_proof_with_numbers_out_of_range_or_of_another_length_is_refused() -> None:
    blinded, evaluated = rows(VECTORS[0]["blinded"]), rows(VECTORS[0]["evaluated"])
    proof = bytes.fromhex(VECTORS[0]["proof"])
    order = group.ORDER.to_bytes(32, "little")
    for wrong in (proof[:32] + order, order + proof[32:], proof[:32] + b"\xff" * 32):
        with pytest.raises(ScalarRefused):
            voprf.verify(KEY.public, blinded, evaluated, wrong)
    for wrong in (b"", proof[:63], proof + b"\x00", bytes(64)):
        with pytest.raises(ProofRefused):
            voprf.verify(KEY.public, blinded, evaluated, wrong)


def test_4_any_flipped_bit_of_proof_or_rows_is_refused() -> None:
    last = VECTORS[2]
    parts = [KEY.public, rows(last["blinded"]), rows(last["evaluated"]), bytes.fromhex(last["proof"])]
    chance = Random(9497)
    for place, part in enumerate(parts):
        for bit in chance.sample(range(len(part) * 8), 40):
            flipped = bytearray(part)
            flipped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(AmanaError):
                voprf.verify(*[*parts[:place], bytes(flipped), *parts[place + 1 :]])


def test_4_an_evaluation_under_another_key_is_refused() -> None:
    other = SecretKey.derive(bytes(32), b"another epoch")
    blinded = rows(VECTORS[2]["blinded"])
    evaluated, proof = voprf.evaluate_blinded(other, blinded, random=token_bytes)
    with pytest.raises(ProofRefused):
        voprf.verify(KEY.public, blinded, evaluated, proof)


def test_4_evaluations_in_another_order_are_refused() -> None:
    last = VECTORS[2]
    evaluated = rows(last["evaluated"])
    with pytest.raises(ProofRefused):
        voprf.verify(KEY.public, rows(last["blinded"]), evaluated[32:] + evaluated[:32], bytes.fromhex(last["proof"]))


def test_an_input_of_more_than_65535_bytes_is_refused() -> None:
    with pytest.raises(BatchRefused):
        voprf.evaluate(KEY, [bytes(65_536)])
    with pytest.raises(BatchRefused):
        SecretKey.derive(bytes(31), b"")


def test_randomness_that_gives_zero_is_refused() -> None:
    with pytest.raises(ScalarRefused):
        group.random_scalars(1, bytes)
    with pytest.raises(ScalarRefused):
        group.invert_scalars(bytes(32))
    with pytest.raises(ScalarRefused):
        group.multiply_each(bytes(32), rows(VECTORS[2]["blinded"]))


def test_sums_of_nothing_and_sums_that_vanish_are_refused() -> None:
    one = rows(VECTORS[0]["blinded"])
    minus = group.multiply((group.ORDER - 1).to_bytes(32, "little"), one)
    for elements in (b"", one + minus):
        with pytest.raises(ElementRefused):
            group.add(elements)


def test_the_key_does_not_show_itself() -> None:
    assert KEY.scalar.hex() not in repr(KEY) and str(KEY.scalar) not in repr(KEY)
