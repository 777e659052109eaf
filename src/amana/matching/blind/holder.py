"""The side that holds: its tokens under the epoch's key, the filter it publishes, and its answers to blind questions.

Invariant: two published versions of one epoch differ in a multiple of 64 entries, however many holdings came or went,
and a filter shows its bucket but never how full it is. An answer is made with the scope's own key or not at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Self

import numpy as np

from amana.matching.blind import voprf
from amana.matching.blind.filter import HEAD, LEAST_BUCKET, MOST_BUCKET, Filter, Heads, cut, heads_of
from amana.matching.blind.group import Random
from amana.matching.blind.rounds import Answer, Ask
from amana.matching.blind.scope import Scope, ScopeDiffers
from amana.matching.blind.voprf import BatchRefused, SecretKey

CHURN = 64
_CHUNK = 4096
_SEED = 32


def new_key(scope: Scope, *, random: Random = secrets.token_bytes) -> SecretKey:
    """A fresh key for one scope; destroy it when the epoch ends."""
    return SecretKey.derive(random(_SEED), scope.tag())


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A holder's tokens under one key, to be kept for the epoch: it never leaves the holder.

    `real` are the heads of the holdings' outputs, rising; `padding` the rest of the bucket in the order it was drawn.
    """

    scope: Scope
    public: bytes
    version: int
    bucket: int
    real: Heads
    padding: Heads

    def publish(self) -> Filter:
        """The filter as partners of this scope may see it."""
        entries = np.unique(cut(np.concatenate([self.real, self.padding]), self.bucket))
        return Filter(self.scope, self.public, self.version, self.bucket, entries)

    def to_rows(self) -> tuple[bytes, bytes]:
        """Holdings and padding as rows of eight bytes, to be stored beside the other fields until the epoch ends."""
        return self.real.astype(">u8").tobytes(), self.padding.astype(">u8").tobytes()

    @classmethod
    def from_rows(cls, scope: Scope, public: bytes, version: int, bucket: int, rows: tuple[bytes, bytes]) -> Self:
        """The same again from what was stored."""
        real, padding = (np.frombuffer(one, dtype=">u8").astype(np.uint64) for one in rows)
        return cls(scope, public, version, bucket, real, padding)


def prepare(
    key: SecretKey,
    scope: Scope,
    tokens: Iterable[bytes],
    *,
    workers: int = 1,
    random: Random = secrets.token_bytes,
) -> Prepared:
    """Evaluate all tokens once for the epoch, on so many threads, and fill the bucket up with padding.

    Raises BatchRefused for more tokens than the largest bucket takes.
    """
    return _prepared(key, scope, _evaluate(key, tokens, workers), random)


def heads(key: SecretKey, tokens: Sequence[bytes]) -> list[bytes]:
    """The first eight bytes of each token's output, to be kept so that it is evaluated once an epoch."""
    return [output[:HEAD] for chunk in _chunks(tokens) for output in voprf.evaluate(key, chunk)]


def prepare_heads(
    key: SecretKey, scope: Scope, held: Iterable[bytes], *, random: Random = secrets.token_bytes
) -> Prepared:
    """As `prepare`, of kept heads."""
    return _prepared(key, scope, heads_of(list(held)), random)


def _prepared(key: SecretKey, scope: Scope, held: Heads, random: Random) -> Prepared:
    real = np.unique(np.concatenate([held, _evaluate(key, [scope.canary()])]))
    bucket = _bucket_for(len(real))
    padding = _fill(real, np.empty(0, dtype=np.uint64), bucket, random)
    return Prepared(scope, key.public, 1, bucket, real, padding)


def change(
    key: SecretKey,
    prepared: Prepared,
    *,
    add: Sequence[bytes] = (),
    drop: Sequence[bytes] = (),
    random: Random = secrets.token_bytes,
) -> Prepared:
    """Let holdings come and go within the epoch, as the next version, with the cost of these tokens only.

    `drop` names tokens that no holding has any more. Raises ScopeDiffers for another key than that of the epoch.
    """
    if key.public != prepared.public:
        raise ScopeDiffers
    canary = _evaluate(key, [prepared.scope.canary()])
    gone = np.setdiff1d(_evaluate(key, drop), canary)
    return _next(prepared, np.union1d(np.setdiff1d(prepared.real, gone), _evaluate(key, add)), random)


def hold(
    key: SecretKey, prepared: Prepared, held: Iterable[bytes], *, random: Random = secrets.token_bytes
) -> Prepared:
    """As `change`, so that the next version holds exactly the tokens of these kept heads. Raises ScopeDiffers."""
    if key.public != prepared.public:
        raise ScopeDiffers
    canary = _evaluate(key, [prepared.scope.canary()])
    return _next(prepared, np.union1d(heads_of(list(held)), canary), random)


def _next(prepared: Prepared, real: Heads, random: Random) -> Prepared:
    old = prepared.real
    came, went = len(np.setdiff1d(real, old)), len(np.setdiff1d(old, real))
    moves = max(1, -(-max(came, went) // CHURN)) * CHURN
    bucket = max(prepared.bucket, _bucket_for(len(real)))
    kept = prepared.padding[moves - went :] if bucket == prepared.bucket else prepared.padding
    padding = _fill(real, kept, bucket, random)
    return Prepared(prepared.scope, prepared.public, prepared.version + 1, bucket, real, padding)


def answer(key: SecretKey, scope: Scope, ask: Ask, version: int, *, random: Random = secrets.token_bytes) -> Answer:
    """Evaluate what a partner asks, with a proof. The budget is asked before (`budget.spend`).

    1. The question is of this scope (ScopeDiffers). 2. It has one of the fixed sizes: `Ask.from_json` saw to it.
    3. Each row is an element (ElementRefused).
    """
    scope.check(ask.scope)
    evaluated, proof = voprf.evaluate_blinded(key, ask.elements, random=random)
    return Answer(scope, ask.round, version, evaluated, proof)


def _chunks(tokens: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(tokens)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _evaluate(key: SecretKey, tokens: Iterable[bytes], workers: int = 1) -> Heads:
    def heads(chunk: list[bytes]) -> Heads:
        return heads_of(voprf.evaluate(key, chunk))

    if workers == 1:
        found = [heads(chunk) for chunk in _chunks(tokens)]
    else:
        with ThreadPoolExecutor(workers) as pool:
            found = list(pool.map(heads, _chunks(tokens)))
    return np.concatenate([np.empty(0, dtype=np.uint64), *found])


def _bucket_for(count: int) -> int:
    """The smallest bucket with a sixteenth of it, and one step of churn, to spare."""
    bucket = max(LEAST_BUCKET, (count + max(CHURN, count // 16)).bit_length())
    if bucket > MOST_BUCKET:
        raise BatchRefused
    return bucket


def _fill(real: Heads, padding: Heads, bucket: int, random: Random) -> Heads:
    """The padding with so many fresh entries behind it that all entries differ and fill the bucket."""
    while missing := (1 << bucket) - len(np.unique(cut(np.concatenate([real, padding]), bucket))):
        fresh = np.frombuffer(random(missing * HEAD), dtype=">u8").astype(np.uint64)
        padding = np.concatenate([padding, fresh])
    return padding
