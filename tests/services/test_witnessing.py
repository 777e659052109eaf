"""Who co-signs this node's log and whose we co-sign; and that nothing leaves when nobody watches."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from amana.domain.errors import NotAllowed
from amana.oversight.checkpoint import COSIGNATURE_KEY, VerifierKey, cosign, decode_vkey, verify_cosignature
from amana.oversight.checkpoint import Checkpoint as Head
from amana.oversight.checkpoint import sign as sign_note
from amana.oversight.merkle import MemoryNodes, grow, leaf_hash, root
from amana.oversight.witness import OldSizeWrong, OriginUnknown, read_request, write_request
from amana.records.models import Checkpoint, Cosignature, LogHead, Partner, User, Witness, WitnessedOrigin
from amana.services import log_proofs, recalls, releases
from amana.services.journal import sign_head
from amana.services.keys import log_origin, witness_key
from amana.services.witnesses import (
    WITNESS_WITHIN,
    WitnessMissing,
    WitnessUnknown,
    add_overseer,
    ask_witnesses,
    cosign_bundle,
    cosign_for_partner,
    make_overseer_key,
    note_cosignature,
)
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, released


class Door:
    """Washington's door as a witness: it answers what a test tells it to, and keeps what it was asked."""

    def __init__(self, counterpart: Counterpart, *answers: tuple[int, bytes]) -> None:
        self.counterpart, self.answers = counterpart, list(answers)
        self.asked: list[int] = []

    def __call__(self, _partner: Partner) -> Door:
        return self

    def add_checkpoint(self, request: bytes) -> tuple[int, bytes]:
        old, _, note = read_request(request)
        self.asked.append(old)
        if self.answers:
            return self.answers.pop(0)
        signing = self.counterpart.secrets.checkpoint
        name = Witness.objects.get(partner_id=self.counterpart.node).name
        key = VerifierKey(name, COSIGNATURE_KEY, signing.public.raw)
        return 200, cosign(note, key, signing.sign, at=timezone.now()).encode()


def test_a_partners_co_signature_is_checked_and_kept(washington: Counterpart) -> None:
    now = timezone.now()
    assert ask_witnesses(Door(washington), at=now) == 1  # type: ignore[arg-type]
    witness = Witness.objects.get(partner_id="washington")
    kept = Cosignature.objects.get(witness=witness)
    assert kept.checkpoint_id == witness.size == LogHead.objects.get().size
    verify_cosignature(kept.checkpoint.note, kept.line, decode_vkey(witness.vkey))
    assert LogHead.objects.get().witnessed_at == now


def test_a_witness_that_last_saw_another_size_is_asked_again_from_there(washington: Counterpart, alice: User) -> None:
    ask_witnesses(Door(washington), at=timezone.now())  # type: ignore[arg-type]
    first = Witness.objects.get(partner_id="washington").size
    drafted(alice)
    door = Door(washington, (409, b"0\n"))
    assert ask_witnesses(door, at=timezone.now()) == 1  # type: ignore[arg-type]
    assert door.asked == [first, 0]


@pytest.mark.parametrize("answer", [(200, b"nonsense"), (403, b""), (500, b""), (409, b"999999")])
def test_an_answer_that_is_no_co_signature_changes_nothing(washington: Counterpart, answer: tuple[int, bytes]) -> None:
    before = LogHead.objects.get().witnessed_at
    assert ask_witnesses(Door(washington, answer), at=timezone.now() + timedelta(hours=1)) == 0  # type: ignore[arg-type]
    assert Witness.objects.get(partner_id="washington").problem
    assert not Cosignature.objects.exists()
    assert LogHead.objects.get().witnessed_at == before


def test_without_a_witness_for_four_hours_nothing_leaves_but_recalls_do(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, waiting = released(alice, omar, "washington"), drafted(alice, "washington")
    releases.propose_release(waiting.uid, by=alice)
    long_ago = timezone.now() - WITNESS_WITHIN - timedelta(minutes=1)
    LogHead.objects.update(witnessed_at=long_ago)
    with pytest.raises(WitnessMissing):
        releases.release_report(waiting.uid, by=omar)
    recalls.recall_report(row.uid, reason="wrong person", by=omar)
    ask_witnesses(Door(washington), at=timezone.now())  # type: ignore[arg-type]
    assert releases.release_report(waiting.uid, by=omar)


def test_we_co_sign_a_partners_log_and_notice_when_it_is_written_anew(washington: Counterpart) -> None:
    signing, origin = washington.secrets.checkpoint, log_origin("washington")

    def noted(words: str) -> tuple[str, bytes]:
        store = MemoryNodes()
        store.add(grow(0, [leaf_hash(word.encode()) for word in words], store))
        head = Head(origin, len(words), root(len(words), store))
        return sign_note(head, VerifierKey(origin, 1, signing.public.raw), signing.sign), head.root

    now = timezone.now()
    note, first = noted("abc")
    line = cosign_for_partner(write_request(0, [], note), at=now)
    verify_cosignature(note, line, witness_key())
    assert WitnessedOrigin.objects.get(origin=origin).root == first.hex()
    with pytest.raises(OldSizeWrong):
        cosign_for_partner(write_request(3, [], noted("abX")[0]), at=now)
    with pytest.raises(OldSizeWrong):
        cosign_for_partner(write_request(0, [], noted("ab")[0]), at=now)
    assert WitnessedOrigin.objects.get(origin=origin).root == first.hex()
    Partner.objects.update(state=Partner.State.SUSPENDED)
    with pytest.raises(OriginUnknown):
        cosign_for_partner(write_request(3, [], note), at=now)


def test_an_overseer_signs_a_bundle_with_a_key_of_their_own(
    rachid: User, salma: User, alice: User, tmp_path: Path
) -> None:
    key, bundle, seen = tmp_path / "key", tmp_path / "bundle", tmp_path / "seen"
    add_overseer(make_overseer_key("overseer-one", key), by=rachid)
    assert key.stat().st_mode & 0o777 == 0o600
    for _round in range(2):
        drafted(alice)
        log_proofs.write_log_bundle(bundle, by=salma)
        vkey, now = log_proofs.log_vkey(), timezone.now()
        made = cosign_bundle(bundle, key_file=key, origin_vkey=vkey, seen=seen, at=now)
        note_cosignature(made.name, made.size, made.line, at=now)
    assert Witness.objects.get(name="overseer-one").size == made.size
    with pytest.raises(WitnessUnknown):
        note_cosignature("nobody", made.size, made.line, at=now)


def test_an_author_neither_enrols_an_overseer_nor_exports_the_log(alice: User, salma: User, tmp_path: Path) -> None:
    vkey = make_overseer_key("overseer-one", tmp_path / "key")
    for person in (alice, salma):
        with pytest.raises(NotAllowed):
            add_overseer(vkey, by=person)
    with pytest.raises(NotAllowed):
        log_proofs.write_log_bundle(tmp_path / "b", by=alice)
    with pytest.raises(NotAllowed):
        log_proofs.prove_entry(0, tmp_path / "p", by=alice)


def test_a_proof_of_every_entry_verifies_without_the_node(salma: User, alice: User, tmp_path: Path) -> None:
    drafted(alice)
    for index in range(LogHead.objects.get().size):
        log_proofs.prove_entry(index, tmp_path / "p", by=salma)
        found = log_proofs.verify_file(tmp_path / "p", origin_vkey=log_proofs.log_vkey())
        assert found.event is not None
    with pytest.raises(log_proofs.EntryUnknown):
        log_proofs.prove_entry(10_000, tmp_path / "p", by=salma)


def test_a_proof_is_under_the_newest_head_that_the_named_witness_has_seen(
    rachid: User, salma: User, alice: User, tmp_path: Path
) -> None:
    seen = {}
    for name in ("overseer-one", "overseer-two"):
        add_overseer(make_overseer_key(name, tmp_path / name), by=rachid)
        drafted(alice)
        log_proofs.write_log_bundle(tmp_path / "bundle", by=salma)
        vkey, now = log_proofs.log_vkey(), timezone.now()
        made = cosign_bundle(
            tmp_path / "bundle", key_file=tmp_path / name, origin_vkey=vkey, seen=tmp_path / f"{name}-seen", at=now
        )
        note_cosignature(made.name, made.size, made.line, at=now)
        seen[name] = made.size
    for name, size in seen.items():
        log_proofs.prove_entry(0, tmp_path / "p", witness=name, by=salma)
        key = Witness.objects.get(name=name).vkey
        found = log_proofs.verify_file(tmp_path / "p", origin_vkey=log_proofs.log_vkey(), witness_vkeys=(key,))
        assert (found.head.size, [witness for witness, _at in found.witnesses]) == (size, [name])
    before = LogHead.objects.get().size
    with pytest.raises(log_proofs.EntryNotWitnessed):
        log_proofs.prove_entry(seen["overseer-one"], tmp_path / "p", witness="overseer-one", by=salma)
    assert LogHead.objects.get().size == before  # nothing was exported, so nothing says so


def test_a_checkpoint_is_signed_once_for_each_size(alice: User) -> None:
    first = sign_head(at=timezone.now())
    again = sign_head(at=timezone.now())
    assert first is not None
    assert first == again
    drafted(alice)
    later = sign_head(at=timezone.now())
    assert later is not None
    assert later.size > first.size
    assert Checkpoint.objects.count() >= 2
