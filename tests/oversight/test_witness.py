"""What a witness signs and what it refuses, with the standard's status (C2SP tlog-witness)."""

from __future__ import annotations

import pytest

from amana.oversight.merkle import consistency_proof
from amana.oversight.witness import (
    ConsistencyWrong,
    OldSizeWrong,
    OriginNotSigned,
    OriginUnknown,
    WitnessError,
    WitnessRequestMalformed,
    decide,
    read_request,
    write_request,
)
from tests.oversight.logs import LOG, ORIGIN, Log, leaf

KEYS = {ORIGIN: LOG}


def request(log: Log, old: int, *, note: str | None = None) -> bytes:
    proof = consistency_proof(old, len(log.leaves), log.nodes()) if old else []
    return write_request(old, proof, note or log.note())


def known(log: Log, size: int) -> dict[str, tuple[int, bytes]]:
    return {ORIGIN: (size, log.head(size).root)}


def test_the_first_head_and_each_that_continues_it_are_accepted() -> None:
    log = Log.of(9)
    assert decide(request(log, 0), known={}, keys=KEYS).size == 9
    for old in range(1, 10):
        accepted = decide(request(log, old), known=known(log, old), keys=KEYS)
        assert (accepted.origin, accepted.size, accepted.root) == (ORIGIN, 9, log.head().root)


def test_a_fork_is_refused() -> None:
    seen, forked = Log.of(9), Log.of(9)
    forked.leaves[2] = leaf(2, "another reason")
    forked.leaves.append(leaf(9))
    with pytest.raises(ConsistencyWrong) as refused:
        decide(request(forked, 9), known=known(seen, 9), keys=KEYS)
    assert refused.value.status == 422


def test_a_fork_of_the_same_size_is_refused() -> None:
    seen, forked = Log.of(9), Log.of(9)
    forked.leaves[2] = leaf(2, "another reason")
    with pytest.raises(OldSizeWrong) as refused:
        decide(write_request(9, [], forked.note()), known=known(seen, 9), keys=KEYS)
    assert (refused.value.status, refused.value.size) == (409, 9)


def test_a_shortened_log_is_refused() -> None:
    seen, shorter = Log.of(9), Log.of(7)
    with pytest.raises(OldSizeWrong) as refused:
        decide(request(shorter, 7), known=known(seen, 9), keys=KEYS)
    assert (refused.value.status, refused.value.size) == (409, 9)
    with pytest.raises(WitnessRequestMalformed):
        decide(write_request(9, [], shorter.note()), known=known(seen, 9), keys=KEYS)


def test_an_old_size_that_is_not_ours_is_told() -> None:
    log = Log.of(9)
    with pytest.raises(OldSizeWrong) as refused:
        decide(request(log, 4), known=known(log, 5), keys=KEYS)
    assert (refused.value.status, refused.value.size) == (409, 5)


def test_an_unknown_log_and_an_unsigned_head_are_refused() -> None:
    with pytest.raises(OriginUnknown) as unknown:
        decide(request(Log.of(3), 0), known={}, keys={})
    assert unknown.value.status == 404
    with pytest.raises(OriginNotSigned) as unsigned:
        decide(request(Log.of(3), 0, note=Log.of(3).note(seed="another")), known={}, keys=KEYS)
    assert unsigned.value.status == 403


def test_a_proof_that_is_not_needed_is_refused() -> None:
    log = Log.of(3)
    with pytest.raises(ConsistencyWrong):
        decide(write_request(0, [bytes(32)], log.note()), known={}, keys=KEYS)


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"old 0",
        b"old x\n\n" + Log.of(1).note().encode(),
        "old ٣\n\n".encode() + Log.of(1).note().encode(),
        b"new 0\n\n" + Log.of(1).note().encode(),
        b"old 0\nAAAA\n\n" + Log.of(1).note().encode(),
        b"old 0\nnot base64\n\n" + Log.of(1).note().encode(),
        b"old 0\n" + b"A" * 43 + b"=\n" * 64 + b"\n" + Log.of(1).note().encode(),
        b"old 0\n\n\xff",
        b"old 0\n\nno note",
    ],
)
def test_requests_that_are_none(bad: bytes) -> None:
    with pytest.raises(WitnessRequestMalformed) as refused:
        decide(bad, known={}, keys=KEYS)
    assert refused.value.status == 400


def test_a_request_reads_as_it_was_written() -> None:
    log = Log.of(9)
    proof = consistency_proof(5, 9, log.nodes())
    assert read_request(write_request(5, proof, log.note())) == (5, proof, log.note())


def test_every_refusal_has_its_own_code_and_status() -> None:
    kinds: list[type[WitnessError]] = [
        WitnessRequestMalformed,
        OriginUnknown,
        OriginNotSigned,
        OldSizeWrong,
        ConsistencyWrong,
    ]
    assert len({kind.code for kind in kinds}) == 5
    assert [kind.status for kind in kinds] == [400, 404, 403, 409, 422]
