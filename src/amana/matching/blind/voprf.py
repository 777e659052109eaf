"""The verifiable oblivious pseudo-random function over ristretto255 with SHA-512, on whole batches.

Invariant: what a batch comes to is, byte for byte, what RFC 9497 says for each input alone, and an evaluation whose
proof does not hold is never used. RFC 9497, mode 0x01 (VOPRF), suite ristretto255-SHA512; RFC 9380, section 5.3.1
(expand_message_xmd). Inputs are at most 65,535 bytes, outputs are 64.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha512
from typing import Self

from amana.domain.errors import BadInput, gettext_noop
from amana.matching.blind import group
from amana.matching.blind.group import WIDTH, Random, ScalarRefused

CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
OUTPUT = 64
PROOF = 2 * WIDTH
MOST_IN_BATCH = 0xFFFF
LONGEST_INPUT = 0xFFFF
_BLOCK = 128


class ProofRefused(BadInput):
    """The proof does not show that the published key made this evaluation."""

    code = "blind-proof"
    sentence = gettext_noop("The partner's proof does not hold: the answer was not made with the key it published.")


class BatchRefused(BadInput):
    """A batch is empty or too large, an input is too long, or two lists that belong together differ in length."""

    code = "blind-batch"
    sentence = gettext_noop("A batch of the blind comparison is empty, too large, or does not fit its answer.")


def _expander(tag: bytes) -> Callable[[bytes], bytes]:
    """expand_message_xmd to 64 bytes under one domain separation tag."""
    suffix = tag + bytes([len(tag)])
    start, tail, last = sha512(bytes(_BLOCK)), b"\x00\x40\x00" + suffix, b"\x01" + suffix

    def expand(message: bytes) -> bytes:
        first = start.copy()
        first.update(message + tail)
        return sha512(first.digest() + last).digest()

    return expand


_to_group = _expander(b"HashToGroup-" + CONTEXT)
_to_scalar = _expander(b"HashToScalar-" + CONTEXT)
_to_key = _expander(b"DeriveKeyPair" + CONTEXT)


@dataclass(frozen=True, slots=True)
class SecretKey:
    """The holder's key: `scalar` never leaves it, `public` is the element that proofs are checked against."""

    scalar: bytes = field(repr=False)
    public: bytes

    @classmethod
    def derive(cls, seed: bytes, info: bytes) -> Self:
        """The key of 32 random bytes and what it is for (section 3.2.1). Raises BatchRefused, ScalarRefused."""
        if len(seed) != WIDTH or len(info) > LONGEST_INPUT:
            raise BatchRefused
        for counter in range(256):
            scalar = group.scalar_from_uniform(_to_key(seed + _sized(info) + bytes([counter])))
            if any(scalar):
                return cls(scalar, group.multiply_base(scalar))
        raise ScalarRefused


def _sized(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def hash_to_group(inputs: Sequence[bytes]) -> bytes:
    """The element of each input, as rows. Raises BatchRefused for an input that is too long."""
    if any(len(one) > LONGEST_INPUT for one in inputs):
        raise BatchRefused
    return group.from_uniform(b"".join(map(_to_group, inputs)))


def evaluate(key: SecretKey, inputs: Sequence[bytes]) -> list[bytes]:
    """The outputs of inputs that the key's owner knows (Evaluate, section 3.3.1)."""
    return _outputs(inputs, group.multiply(key.scalar, hash_to_group(inputs)))


def _outputs(inputs: Sequence[bytes], elements: bytes) -> list[bytes]:
    width = WIDTH.to_bytes(2, "big")
    return [
        sha512(
            len(one).to_bytes(2, "big") + one + width + elements[row * WIDTH : row * WIDTH + WIDTH] + b"Finalize"
        ).digest()
        for row, one in enumerate(inputs)
    ]


def blind(inputs: Sequence[bytes], blinds: bytes) -> bytes:
    """The blinded elements of the inputs under rows of scalars (Blind)."""
    return group.multiply_each(blinds, hash_to_group(inputs))


def evaluate_blinded(key: SecretKey, blinded: bytes, *, random: Random) -> tuple[bytes, bytes]:
    """Evaluate rows of blinded elements and prove it (BlindEvaluate): evaluated rows, proof of 64 bytes.

    Raises ElementRefused for a row that is not an element, BatchRefused for none or more than 65,535.
    """
    _check_batch(blinded, blinded)
    evaluated = group.multiply(key.scalar, blinded)
    return evaluated, prove(key, blinded, evaluated, group.random_scalars(1, random))


def prove(key: SecretKey, blinded: bytes, evaluated: bytes, nonce: bytes) -> bytes:
    """One proof for all rows (GenerateProof, section 2.2.1): challenge and response, 32 bytes each.

    `nonce` is a fresh random scalar: used twice, it gives the key away.
    """
    left = group.add(group.multiply_each(_weights(key.public, blinded, evaluated), blinded))
    right = group.multiply(key.scalar, left)
    challenge = _challenge(key.public, left, right, group.multiply_base(nonce), group.multiply(nonce, left))
    return challenge + group.subtract_product(nonce, challenge, key.scalar)


def verify(public: bytes, blinded: bytes, evaluated: bytes, proof: bytes) -> None:
    """Check that the key behind `public` made every evaluated row (VerifyProof, section 2.2.2).

    1. Both lists have the same number of rows, one to 65,535 (BatchRefused). 2. The public key and every row are
    canonical elements other than the identity (ElementRefused). 3. The proof is two reduced scalars other than zero
    (ScalarRefused, ProofRefused).
    4. The challenge comes out again (ProofRefused).
    """
    _check_batch(blinded, evaluated)
    group.check_elements(public)
    if len(public) != WIDTH or len(proof) != PROOF:
        raise ProofRefused
    challenge, response = proof[:WIDTH], proof[WIDTH:]
    group.check_scalar(challenge)
    group.check_scalar(response)
    if not any(challenge) or not any(response):
        raise ProofRefused
    weights = _weights(public, blinded, evaluated)
    left = group.add(group.multiply_each(weights, blinded))
    right = group.add(group.multiply_each(weights, evaluated))
    base = group.add(group.multiply_base(response) + group.multiply(challenge, public))
    other = group.add(group.multiply(response, left) + group.multiply(challenge, right))
    if _challenge(public, left, right, base, other) != challenge:
        raise ProofRefused


def finalize(inputs: Sequence[bytes], blinds: bytes, evaluated: bytes) -> list[bytes]:
    """Take the blinds off verified rows: the outputs of 64 bytes (Finalize). Raises BatchRefused."""
    if not len(inputs) * WIDTH == len(blinds) == len(evaluated):
        raise BatchRefused
    return _outputs(inputs, group.multiply_each(group.invert_scalars(blinds), evaluated))


def _check_batch(blinded: bytes, evaluated: bytes) -> None:
    if len(blinded) != len(evaluated) or not 0 < group.rows(blinded) <= MOST_IN_BATCH:
        raise BatchRefused


def _weights(public: bytes, blinded: bytes, evaluated: bytes) -> bytes:
    """The random weights of the composites, one scalar a row (ComputeComposites, section 2.2.1)."""
    seed = _sized(sha512(_sized(public) + _sized(b"Seed-" + CONTEXT)).digest())
    width = WIDTH.to_bytes(2, "big")
    return b"".join(
        group.scalar_from_uniform(
            _to_scalar(
                seed
                + row.to_bytes(2, "big")
                + width
                + blinded[row * WIDTH : row * WIDTH + WIDTH]
                + width
                + evaluated[row * WIDTH : row * WIDTH + WIDTH]
                + b"Composite"
            )
        )
        for row in range(len(blinded) // WIDTH)
    )


def _challenge(*elements: bytes) -> bytes:
    return group.scalar_from_uniform(_to_scalar(b"".join(map(_sized, elements)) + b"Challenge"))
