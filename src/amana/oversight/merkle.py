"""The tree over the log: RFC 6962, section 2.1 (RFC 9162, section 2.1), with SHA-256.

Invariant: a store holds only complete subtrees, so every root and proof of every earlier size can be made from it with
a number of reads that grows with the logarithm of the size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Protocol

from amana.domain.errors import BadInput, gettext_noop

EMPTY_ROOT = sha256(b"").digest()
Place = tuple[int, int]


class ProofWrong(BadInput):
    """A proof does not lead from what it starts with to the root."""

    code = "log-proof-wrong"
    sentence = gettext_noop("The proof does not lead to the root of this log; something was changed.")


class ProofMalformed(BadInput):
    """A proof has the wrong length or speaks of places outside the tree."""

    code = "log-proof-malformed"
    sentence = gettext_noop("The proof does not fit a log of this size.")


class NodeStore(Protocol):
    """Where complete subtrees' hashes are read: level 0 holds the leaves, `index` counts subtrees of that level."""

    def get_many(self, keys: Sequence[Place]) -> dict[Place, bytes]:
        """The hashes of many (level, index) at once; raises KeyError for one that is not there."""
        ...


class MemoryNodes:
    """A store in memory, for tests, benches and bundles."""

    def __init__(self) -> None:
        self.nodes: dict[Place, bytes] = {}

    def get_many(self, keys: Sequence[Place]) -> dict[Place, bytes]:
        """The hashes of many places."""
        return {key: self.nodes[key] for key in keys}

    def add(self, grown: Sequence[tuple[int, int, bytes]]) -> None:
        """Keep what `grow` made."""
        for level, index, digest in grown:
            self.nodes[level, index] = digest


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf: SHA-256 of 0x00 and its data."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 of 0x01 and its two children."""
    return sha256(b"\x01" + left + right).digest()


def grow(size: int, leaves: Sequence[bytes], store: NodeStore) -> list[tuple[int, int, bytes]]:
    """All complete subtrees that arise when leaf hashes are appended to a tree of `size`: (level, index, hash).

    Reads at most one node a level from the store.
    """
    grown = [(0, size + place, leaf) for place, leaf in enumerate(leaves)]
    found = list(grown)
    level, first, row = 0, size, list(leaves)
    while row:
        if first % 2:
            row.insert(0, store.get_many([(level, first - 1)])[level, first - 1])
            first -= 1
        parents = [node_hash(row[place], row[place + 1]) for place in range(0, len(row) - 1, 2)]
        level, first, row = level + 1, first // 2, parents
        found += [(level, first + place, digest) for place, digest in enumerate(parents)]
    return found


def _complete(start: int, end: int) -> Iterator[Place]:
    """The complete subtrees, left to right, that make up the leaves `start..end` (`start` fits the tree)."""
    while start < end:
        level = (end - start).bit_length() - 1
        while start % (1 << level):
            level -= 1
        yield level, start >> level
        start += 1 << level


def _fold(hashes: Sequence[bytes]) -> bytes:
    digest = hashes[-1]
    for left in reversed(hashes[:-1]):
        digest = node_hash(left, digest)
    return digest


def root(size: int, store: NodeStore) -> bytes:
    """The root of the first `size` entries; `EMPTY_ROOT` for none."""
    if size == 0:
        return EMPTY_ROOT
    places = list(_complete(0, size))
    nodes = store.get_many(places)
    return _fold([nodes[place] for place in places])


def _inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The ranges of leaves whose subtree hashes form the path, from the leaf upwards (RFC 6962, 2.1.1)."""
    start, end, ranges = 0, size, []
    while end - start > 1:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def _hashes_of(ranges: Sequence[tuple[int, int]], nodes: dict[Place, bytes]) -> list[bytes]:
    return [_fold([nodes[place] for place in _complete(*one)]) for one in ranges]


def inclusion_proofs(indexes: Sequence[int], size: int, store: NodeStore) -> dict[int, list[bytes]]:
    """The inclusion proofs of many entries in the tree of `size`, with one read of the store.

    Raises ProofMalformed for an index outside of the tree.
    """
    if any(not 0 <= index < size for index in indexes):
        raise ProofMalformed
    ranges = {index: _inclusion_ranges(index, size) for index in indexes}
    places = {place for many in ranges.values() for one in many for place in _complete(*one)}
    nodes = store.get_many(sorted(places))
    return {index: _hashes_of(many, nodes) for index, many in ranges.items()}


def inclusion_proof(index: int, size: int, store: NodeStore) -> list[bytes]:
    """The hashes that lead from entry `index` to the root of the tree of `size`. Raises ProofMalformed."""
    return inclusion_proofs([index], size, store)[index]


def consistency_proof(old: int, new: int, store: NodeStore) -> list[bytes]:
    """The hashes that show the tree of size `old` to be the beginning of that of size `new` (RFC 6962, 2.1.2).

    Raises ProofMalformed unless 0 < old <= new.
    """
    if not 0 < old <= new:
        raise ProofMalformed
    start, end, whole, ranges = 0, new, True, []
    while old != end:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, end))
    places = {place for one in ranges for place in _complete(*one)}
    return _hashes_of(ranges[::-1], store.get_many(sorted(places)))


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> None:
    """Check that a leaf hash is entry `index` of the tree of `size` with that root (RFC 9162, 2.1.3.2).

    1. The index lies in the tree and the path has its length (ProofMalformed). 2. It leads to the root (ProofWrong).
    """
    if not 0 <= index < size or len(proof) != len(_inclusion_ranges(index, size)):
        raise ProofMalformed
    digest, place, last = leaf, index, size - 1
    for step in proof:
        if place % 2 or place == last:
            digest = node_hash(step, digest)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        place, last = place >> 1, last >> 1
    if digest != tree_root:
        raise ProofWrong


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree of size `old` is the beginning of that of size `new` (RFC 9162, 2.1.4.2).

    1. Sizes and length fit (ProofMalformed). 2. Equal sizes have equal roots (ProofWrong). 3. The proof leads to the
    old root. 4. And to the new root (ProofWrong).
    """
    if not 0 < old <= new or (old == new and proof):
        raise ProofMalformed
    if old == new:
        if old_root != new_root:
            raise ProofWrong
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise ProofMalformed
    place, last = old - 1, new - 1
    while place % 2:
        place, last = place >> 1, last >> 1
    older = newer = path[0]
    for step in path[1:]:
        if not last:
            raise ProofMalformed
        if place % 2 or place == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not place % 2 and place:
                place, last = place >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofMalformed
    if older != old_root or newer != new_root:
        raise ProofWrong
