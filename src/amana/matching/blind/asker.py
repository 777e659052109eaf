"""The side that asks: tokens blinded and padded to fixed sizes, answers verified, and which of its own tokens hit.

Invariant: what leaves is uniformly random and of a fixed size whatever is asked, and a hit is said only where the
proof holds and both canaries of the round are as they must be. A question is remade, byte for byte, from its tokens
and its secret, so that an answer can be read whenever it comes.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256, shake_256
from itertools import count
from typing import Self

from amana.domain.errors import BadInput, gettext_noop
from amana.matching.blind import group, voprf
from amana.matching.blind.filter import Filter
from amana.matching.blind.group import UNIFORM, Random
from amana.matching.blind.rounds import SIZES, Answer, Ask
from amana.matching.blind.scope import Scope, join
from amana.matching.blind.voprf import BatchRefused

_SECRET = 32
_CANARIES = 2


class RoundDiffers(BadInput):
    """An answer is to another question, or for another version of the filter."""

    code = "blind-round"
    sentence = gettext_noop(
        "The answer belongs to another round or another version of the filter; fetch the filter anew."
    )


class CanaryWrong(BadInput):
    """The token that every filter holds was not found, or one that nobody can hold was."""

    code = "blind-canary"
    sentence = gettext_noop("The partner's key and filter do not fit each other; no answer was taken from this round.")


def stream(secret: bytes) -> Random:
    """Random bytes that can be made again: SHAKE-256 of the secret and a counter of the calls."""
    calls = count()
    return lambda length: shake_256(join(secret) + next(calls).to_bytes(8, "big")).digest(length)


@dataclass(frozen=True, slots=True)
class Batch:
    """One round as the asker keeps it: what goes out, and what must not."""

    ask: Ask
    tokens: tuple[bytes, ...] = field(repr=False)
    blinds: bytes = field(repr=False)

    def read(self, answer: Answer, published: Filter) -> frozenset[bytes]:
        """The tokens that the holder holds, by a verified answer and its filter.

        1. The answer is to this round and to this version of the filter (RoundDiffers). 2. All are of one scope
        (ScopeDiffers). 3. The proof holds under the filter's key (ProofRefused, BatchRefused, ElementRefused,
        ScalarRefused). 4. The scope's canary is found, and 5. the round's own, which nobody can hold, is not
        (CanaryWrong).
        """
        self.ask.scope.check(published.scope)
        self.ask.scope.check(answer.scope)
        if (answer.round, answer.version) != (self.ask.round, published.version):
            raise RoundDiffers
        voprf.verify(published.public, self.ask.elements, answer.evaluated, answer.proof)
        outputs = voprf.finalize(self.tokens, self.blinds, answer.evaluated[: len(self.blinds)])
        present, absent, *found = published.holds(outputs)
        if not present or absent:
            raise CanaryWrong
        return frozenset(token for token, hit in zip(self.tokens[_CANARIES:], found, strict=True) if hit)


@dataclass(frozen=True, slots=True)
class Question:
    """Tokens to ask about in one scope, each once. `secret` makes the blinds: kept with the tokens, never sent.

    The blinds are made of the tokens too: one secret over two lists, by mistake, does not tell what they share.
    """

    scope: Scope
    tokens: tuple[bytes, ...] = field(repr=False)
    secret: bytes = field(repr=False)

    @classmethod
    def about(cls, scope: Scope, tokens: Sequence[bytes], *, random: Random = secrets.token_bytes) -> Self:
        """A new question. Raises BatchRefused where there is nothing to ask."""
        if not tokens:
            raise BatchRefused
        return cls(scope, tuple(dict.fromkeys(tokens)), random(_SECRET))

    def batches(self) -> tuple[Batch, ...]:
        """The rounds: of 4,096 elements each, and the last of the smallest fixed size that takes the rest."""
        step = SIZES[-1] - _CANARIES
        return tuple(self._batch(self.tokens[start : start + step]) for start in range(0, len(self.tokens), step))

    def _batch(self, tokens: Sequence[bytes]) -> Batch:
        random = stream(self.secret + sha256(b"".join(map(join, (self.scope.tag(), *tokens)))).digest())
        name, own = random(16).hex(), self.scope.tag() + join(b"absent") + random(_SECRET)
        asked = (self.scope.canary(), own, *tokens)
        size = next(size for size in SIZES if len(asked) <= size)
        blinds = group.random_scalars(len(asked), random)
        dummies = group.from_uniform(random((size - len(asked)) * UNIFORM))
        return Batch(Ask(self.scope, name, voprf.blind(asked, blinds) + dummies), asked, blinds)
