"""Bundles and proofs verified without a node: what an operator could do to the log, and who would notice."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from amana.domain.errors import BadInput
from amana.oversight.bundle import (
    BundleMalformed,
    EntryChanged,
    LogChanged,
    LogForked,
    LogTruncated,
    verify_any,
    verify_bundle,
    verify_proof,
)
from amana.oversight.checkpoint import NoteUnsigned
from amana.oversight.log import Event, commit, event_bytes, event_from_json
from amana.oversight.merkle import ProofWrong
from tests.oversight.logs import AT, LOG, WITNESS, Log, event, leaf, verifier


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]


def rewritten(path: Path, rows: list[object]) -> Path:
    path.write_bytes(gzip.compress(b"".join(json.dumps(row).encode() + b"\n" for row in rows)))
    return path


def test_an_honest_bundle_says_what_it_holds(tmp_path: Path) -> None:
    log = Log.of(20)
    path = log.bundle(tmp_path / "b", note=log.note(witnessed=True), earlier=(log.note(5), log.note(19)))
    found = verify_bundle(path, origin=LOG, witnesses=[WITNESS], seen=[log.note(7)])
    assert (found.entries, found.erased, found.head) == (20, 0, log.head())
    assert found.witnesses == (("overseer", AT),)


def test_an_erased_entry_keeps_its_place(tmp_path: Path) -> None:
    log = Log.of(20)
    log.leaves[4] = replace(log.leaves[4], salt=None, event=None)
    found = verify_bundle(log.bundle(tmp_path / "b"), origin=LOG)
    assert (found.entries, found.erased) == (20, 1)


def test_an_edited_entry_is_found(tmp_path: Path) -> None:
    log = Log.of(20)
    path = log.bundle(tmp_path / "b")
    rows = lines(path)
    commitment, salt, written = rows[5]
    rows[5] = [commitment, salt, written.replace("alice", "mallo")]
    with pytest.raises(EntryChanged):
        verify_bundle(rewritten(path, rows), origin=LOG)


def test_an_entry_that_was_edited_with_its_commitment_is_found(tmp_path: Path) -> None:
    log = Log.of(20)
    note = log.note()
    log.leaves[4] = leaf(4, "another reason")
    with pytest.raises(LogChanged):
        verify_bundle(log.bundle(tmp_path / "b", note=note), origin=LOG)


@pytest.mark.parametrize("change", ["left out", "added", "swapped", "doubled"])
def test_entries_that_were_moved_are_found(tmp_path: Path, change: str) -> None:
    log = Log.of(20)
    note, leaves = log.note(), log.leaves
    log.leaves = {
        "left out": leaves[:7] + leaves[8:],
        "added": [*leaves, leaf(20)],
        "swapped": [leaves[1], leaves[0], *leaves[2:]],
        "doubled": [leaves[0], *leaves],
    }[change]
    with pytest.raises(LogChanged):
        verify_bundle(log.bundle(tmp_path / "b", note=note), origin=LOG)


def test_without_a_witness_a_rewritten_and_signed_log_passes(tmp_path: Path) -> None:
    """The limit of a log that nobody watches: who holds its key can write it anew. It is why there are witnesses."""
    honest, forged = Log.of(20), Log.of(20)
    forged.leaves[4] = leaf(4, "another reason")
    found = verify_bundle(forged.bundle(tmp_path / "b"), origin=LOG)
    assert found.head.root != honest.head().root


def test_a_rewritten_and_signed_log_lacks_the_witness(tmp_path: Path) -> None:
    forged = Log.of(20)
    forged.leaves[4] = leaf(4, "another reason")
    with pytest.raises(NoteUnsigned):
        verify_bundle(forged.bundle(tmp_path / "b"), origin=LOG, witnesses=[WITNESS])


def test_a_rewritten_log_contradicts_a_head_that_was_kept(tmp_path: Path) -> None:
    honest, forged = Log.of(20), Log.of(20)
    forged.leaves[4] = leaf(4, "another reason")
    with pytest.raises(LogForked):
        verify_bundle(forged.bundle(tmp_path / "b"), origin=LOG, seen=[honest.note(10)])
    with pytest.raises(LogForked):
        verify_bundle(forged.bundle(tmp_path / "c", earlier=(honest.note(10),)), origin=LOG)
    with pytest.raises(LogForked):
        verify_bundle(forged.bundle(tmp_path / "d"), origin=LOG, seen=[honest.note(20)])


def test_two_heads_of_one_size_are_a_fork(tmp_path: Path) -> None:
    honest, forged = Log.of(20), Log.of(20)
    forged.leaves[4] = leaf(4, "another reason")
    with pytest.raises(LogForked):
        verify_bundle(honest.bundle(tmp_path / "b"), origin=LOG, seen=[honest.note(10), forged.note(10)])


def test_a_shortened_log_contradicts_a_head_that_was_kept(tmp_path: Path) -> None:
    with pytest.raises(LogTruncated):
        verify_bundle(Log.of(15).bundle(tmp_path / "b"), origin=LOG, seen=[Log.of(20).note()])


def test_a_bundle_signed_by_another_key_is_refused(tmp_path: Path) -> None:
    log = Log.of(3)
    with pytest.raises(NoteUnsigned):
        verify_bundle(log.bundle(tmp_path / "b", note=log.note(seed="another")), origin=LOG)
    with pytest.raises(NoteUnsigned):
        verify_bundle(log.bundle(tmp_path / "c", earlier=(log.note(2, seed="another"),)), origin=LOG)
    with pytest.raises(NoteUnsigned):
        verify_bundle(log.bundle(tmp_path / "d"), origin=verifier("other", "log"))


def test_a_proof_shows_one_entry_and_nothing_else(tmp_path: Path) -> None:
    path = Log.of(20).proof(tmp_path / "p", 7)
    found = verify_any(path, origin=LOG, witnesses=[WITNESS])
    assert found.event == event(7)
    assert b"report:8:1" not in path.read_bytes()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"index": 8}, ProofWrong),
        ({"leaf": ["00" * 32, None, None]}, ProofWrong),
        ({"path": []}, BundleMalformed),
        ({"path": ["zz"]}, BundleMalformed),
        ({"path": "no list"}, BundleMalformed),
        ({"leaf": ["00"]}, BundleMalformed),
        ({"leaf": [1, 2, 3]}, BundleMalformed),
        ({"format": "another"}, BundleMalformed),
        ({"checkpoint": Log.of(20).note()}, NoteUnsigned),
    ],
)
def test_a_changed_proof_is_refused(tmp_path: Path, change: dict[str, object], error: type[Exception]) -> None:
    data = json.loads(Log.of(20).proof(tmp_path / "p", 7).read_bytes())
    expected = error if error is not BundleMalformed else BadInput
    with pytest.raises(expected):
        verify_proof(json.dumps(data | change).encode(), origin=LOG, witnesses=[WITNESS])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x1f\x8b",
        b"\x1f\x8bnonsense",
        b"{}",
        b"[]",
        b"\xff\xfe",
        gzip.compress(b"{}\n", mtime=0),
        gzip.compress(b"no json\n", mtime=0),
    ],
)
def test_files_that_are_none_are_refused_by_name(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BadInput):
        verify_any(path, origin=LOG)


def test_a_torn_bundle_is_refused(tmp_path: Path) -> None:
    path = Log.of(300).bundle(tmp_path / "b")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises((BundleMalformed, LogChanged)):
        verify_bundle(path, origin=LOG)


def test_a_line_without_end_costs_no_memory(tmp_path: Path) -> None:
    path = Log.of(3).bundle(tmp_path / "b")
    head = gzip.decompress(path.read_bytes()).splitlines(keepends=True)[0]
    path.write_bytes(gzip.compress(head + b"[" * 3_000_000))
    with pytest.raises(BundleMalformed):
        verify_bundle(path, origin=LOG)


def test_an_event_has_one_written_form() -> None:
    one = event(3)
    assert event_from_json(json.loads(event_bytes(one))) == one
    assert event_bytes(Event(**{name: getattr(one, name) for name in one.__slots__})) == event_bytes(one)


def test_a_commitment_hides_without_its_salt_and_binds_with_it() -> None:
    written = event_bytes(event(3))
    assert commit(written, bytes(32)) != commit(written, bytes([1]) * 32)
    with pytest.raises(ValueError, match="salt"):
        commit(written, b"short")
