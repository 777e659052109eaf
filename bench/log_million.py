"""A process of one node that grows its log, proves entries of it, and verifies them as an outsider would."""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import django
import pymerkle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.oversight import merkle
from amana.services.journal import Act, TreeNodes, many_entries, record, settle, sign_head
from amana.services.log_proofs import log_vkey, prove_entry, verify_file, write_log_bundle
from amana.services.people import add_officer

BLOCK = 10_000
Row = tuple[str, str, str]


def fill(count: int) -> float:
    """Write `count` entries in blocks, the stored tree grown after each; entries a second."""
    started = time.perf_counter()
    for first in range(0, count, BLOCK):
        with transaction.atomic(), many_entries():
            for number in range(first, min(count, first + BLOCK)):
                record(Act.CONSULTATION, "report-read", f"report:{number}:1", by="alice", reason="investigation")
        with transaction.atomic():
            settle()
        if not (first + BLOCK) % 100_000:
            print(f"{first + BLOCK:,} entries", file=sys.stderr, flush=True)
    return count / (time.perf_counter() - started)


def timed(act: Callable[[int], object], numbers: list[int]) -> str:
    """The median microseconds of an act over these numbers."""
    found = []
    for number in numbers:
        start = time.perf_counter()
        act(number)
        found.append((time.perf_counter() - start) * 1e6)
    return f"{statistics.median(found):,.0f} µs"


def proofs(size: int, root: bytes) -> list[Row]:
    """Ours from the database against pymerkle's from memory, over as many leaves."""
    nodes, numbers = TreeNodes(), random.Random(2).sample(range(1, size), 200)
    tree = pymerkle.InmemoryTree()
    for number in range(size):
        tree.append_entry(number.to_bytes(32, "big"))
    their_root = tree.get_root(size)
    ours = {number: merkle.inclusion_proof(number, size, nodes) for number in numbers}
    theirs = {number: tree.prove_inclusion(number + 1) for number in numbers}
    leaves = {number: nodes.get_many([(0, number)])[0, number] for number in numbers}
    few = numbers[:20]
    roots = {old: merkle.root(old, nodes) for old in few}
    their_roots = {old: tree.get_root(old) for old in few}
    older = {old: merkle.consistency_proof(old, size, nodes) for old in few}
    their_older = {old: tree.prove_consistency(old, size) for old in few}
    longest = max(map(len, ours.values()))
    return [
        (
            "an inclusion proof",
            f"{longest} hashes, {longest * 32} B",
            f"{max(len(one.path) - 1 for one in theirs.values())} hashes",
        ),
        (
            "made",
            timed(lambda n: merkle.inclusion_proof(n, size, nodes), numbers),
            timed(lambda n: tree.prove_inclusion(n + 1), numbers),
        ),
        (
            "verified",
            timed(lambda n: merkle.verify_inclusion(leaves[n], n, size, ours[n], root), numbers),
            timed(lambda n: pymerkle.verify_inclusion(tree.get_leaf(n + 1), their_root, theirs[n]), numbers),
        ),
        ("a consistency proof", f"at most {max(map(len, older.values()))} hashes", "–"),
        (
            "made",
            timed(lambda n: merkle.consistency_proof(n, size, nodes), few),
            timed(lambda n: tree.prove_consistency(n, size), few),
        ),
        (
            "verified",
            timed(lambda n: merkle.verify_consistency(n, roots[n], size, root, older[n]), few),
            timed(lambda n: pymerkle.verify_consistency(their_roots[n], their_root, their_older[n]), few),
        ),
    ]


def files(folder: Path) -> list[Row]:
    """The files that an overseer takes away: written by the node, verified without it."""
    overseer = add_officer(
        name="salma", password="a-long-passphrase-7", roles=[Role.OVERSEER], clearance=Tlp.RED, by="bench"
    )
    vkey = log_vkey()
    proof, bundle = folder / "proof.json", folder / "log.bundle"
    start = time.perf_counter()
    prove_entry(77, proof, by=overseer)
    proving = time.perf_counter() - start
    verified = timed(lambda _: verify_file(proof, origin_vkey=vkey), [0] * 50)
    start = time.perf_counter()
    write_log_bundle(bundle, by=overseer)
    writing = time.perf_counter() - start
    start = time.perf_counter()
    verify_file(bundle, origin_vkey=vkey)
    reading = time.perf_counter() - start
    return [
        ("proof file of one entry", f"{proof.stat().st_size:,} B, written in {proving * 1000:.0f} ms", "–"),
        ("verified offline, signature and all", verified, "–"),
        ("bundle of the whole log", f"{bundle.stat().st_size / 1e6:.0f} MB, written in {writing:.0f} s", "–"),
        ("verified offline, every entry", f"{reading:.0f} s", "–"),
    ]


def main(count: int) -> None:
    """Measure and print."""
    rate = fill(count)
    head = sign_head(at=timezone.now())
    assert head is not None
    rows: list[Row] = [("entries a second while growing", f"{rate:,.0f}", "–")]
    rows += proofs(head.size, bytes.fromhex(head.root))
    with tempfile.TemporaryDirectory(prefix="amana-bench-") as folder:
        rows += files(Path(folder))
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
