"""The tree against pymerkle, against RFC 6962's own vectors, and against every flipped bit."""

from __future__ import annotations

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.oversight.merkle import (
    EMPTY_ROOT,
    MemoryNodes,
    ProofMalformed,
    ProofWrong,
    consistency_proof,
    grow,
    inclusion_proof,
    inclusion_proofs,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

# The eight leaves and the roots of their first n entries, as the reference implementation of RFC 6962 tests them.
RFC_LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
RFC_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def tree(count: int) -> tuple[list[bytes], MemoryNodes, pymerkle.InmemoryTree]:
    data = [f"entry {number}".encode() for number in range(count)]
    store, oracle = MemoryNodes(), pymerkle.InmemoryTree()
    store.add(grow(0, [leaf_hash(one) for one in data], store))
    for one in data:
        oracle.append_entry(one)
    return [leaf_hash(one) for one in data], store, oracle


def flipped(digest: bytes, bit: int) -> bytes:
    return (int.from_bytes(digest) ^ (1 << bit)).to_bytes(len(digest))


@pytest.mark.parametrize("size", range(9))
def test_the_standards_own_roots(size: int) -> None:
    store = MemoryNodes()
    store.add(grow(0, [leaf_hash(one) for one in RFC_LEAVES[:size]], store))
    assert root(size, store).hex() == RFC_ROOTS[size]


def test_an_empty_log_has_the_hash_of_nothing() -> None:
    assert root(0, MemoryNodes()) == EMPTY_ROOT


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 33, 100])
def test_roots_and_proofs_are_those_of_pymerkle(size: int) -> None:
    leaves, store, oracle = tree(size)
    assert root(size, store) == oracle.get_root(size)
    for index in range(size):
        ours, theirs = inclusion_proof(index, size, store), oracle.prove_inclusion(index + 1, size)
        verify_inclusion(leaves[index], index, size, ours, oracle.get_root(size))
        assert ours == list(theirs.path)[1:]
    for old in range(1, size + 1):
        assert root(old, store) == oracle.get_root(old)
        proof = consistency_proof(old, size, store)
        verify_consistency(old, oracle.get_root(old), size, oracle.get_root(size), proof)


@given(st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_growing_by_parts_is_growing_at_once(parts: list[int]) -> None:
    leaves, whole, _ = tree(sum(parts))
    store, size = MemoryNodes(), 0
    for part in parts:
        store.add(grow(size, leaves[size : size + part], store))
        size += part
    assert store.nodes == whole.nodes


@given(st.data())
def test_no_proof_survives_a_flipped_bit(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 70))
    index, bit = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, 255))
    leaves, store, _ = tree(size)
    proof, top = inclusion_proof(index, size, store), root(size, store)
    place = data.draw(st.integers(0, len(proof) - 1))
    bent = [flipped(step, bit) if number == place else step for number, step in enumerate(proof)]
    for leaf, path, tree_root in (
        (flipped(leaves[index], bit), proof, top),
        (leaves[index], bent, top),
        (leaves[index], proof, flipped(top, bit)),
    ):
        with pytest.raises(ProofWrong):
            verify_inclusion(leaf, index, size, path, tree_root)


@given(st.data())
def test_no_consistency_survives_a_flipped_bit(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 70))
    old, bit = data.draw(st.integers(1, new - 1)), data.draw(st.integers(0, 255))
    _, store, _ = tree(new)
    proof, older, newer = consistency_proof(old, new, store), root(old, store), root(new, store)
    place = data.draw(st.integers(0, len(proof) - 1))
    bent = [flipped(step, bit) if number == place else step for number, step in enumerate(proof)]
    for old_root, new_root, path in (
        (flipped(older, bit), newer, proof),
        (older, flipped(newer, bit), proof),
        (older, newer, bent),
    ):
        with pytest.raises(ProofWrong):
            verify_consistency(old, old_root, new, new_root, path)


def test_an_entry_cannot_be_shown_at_another_place() -> None:
    leaves, store, _ = tree(12)
    proof, top = inclusion_proof(5, 12, store), root(12, store)
    for index in (0, 4, 6, 11, 12, -1):
        with pytest.raises((ProofWrong, ProofMalformed)):
            verify_inclusion(leaves[5], index, 12, proof, top)
    with pytest.raises(ProofMalformed):
        verify_inclusion(leaves[5], 5, 40, proof, top)


@pytest.mark.parametrize("change", ["shorter", "longer"])
def test_a_path_of_the_wrong_length_is_refused(change: str) -> None:
    def bent(good: list[bytes]) -> list[bytes]:
        return good[:-1] if change == "shorter" else [*good, good[0]]

    leaves, store, _ = tree(12)
    with pytest.raises(ProofMalformed):
        verify_inclusion(leaves[5], 5, 12, bent(inclusion_proof(5, 12, store)), root(12, store))
    with pytest.raises(ProofMalformed):
        verify_consistency(5, root(5, store), 12, root(12, store), bent(consistency_proof(5, 12, store)))


def test_proofs_outside_the_tree_are_refused() -> None:
    _, store, _ = tree(4)
    for act in (
        lambda: inclusion_proof(4, 4, store),
        lambda: inclusion_proof(-1, 4, store),
        lambda: consistency_proof(0, 4, store),
        lambda: consistency_proof(5, 4, store),
        lambda: verify_consistency(0, EMPTY_ROOT, 4, root(4, store), []),
        lambda: verify_consistency(4, root(4, store), 4, root(4, store), [root(4, store)]),
    ):
        with pytest.raises(ProofMalformed):
            act()


def test_the_same_size_with_another_root_is_a_fork() -> None:
    _, store, _ = tree(4)
    with pytest.raises(ProofWrong):
        verify_consistency(4, root(4, store), 4, root(3, store), [])


def test_many_proofs_with_one_read_are_the_same_proofs() -> None:
    _, store, _ = tree(50)
    assert inclusion_proofs([3, 49, 17], 50, store) == {n: inclusion_proof(n, 50, store) for n in (3, 49, 17)}
