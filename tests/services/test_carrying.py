"""Carrying as files: nothing leaves the line, both ways lead to one effect, and receipts climb the ladder."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from amana.domain.errors import NotAllowed
from amana.exchange.identity import signing_key_at
from amana.exchange.parcel import Holds, ParcelMalformed, ParcelNotForUs, read_parcel, write_parcel
from amana.exchange.protocol import Accepted, RecallBody, Refused, Type, VoidBody, read_answer
from amana.records.models import LogEntry, Message, Outbox, Quarantine, Receipt, Report, User
from amana.services import carrying, recalls
from amana.services.delivery import take_batch
from amana.services.keys import own_card
from tests.counterpart import Counterpart
from tests.services.test_exchange import released


def parts_of(path: Path, node: str) -> list[bytes]:
    return read_parcel(path.read_bytes(), me=node)[1]


def answered(washington: Counterpart, path: Path, **how: str) -> Path:
    """Bob's node takes a parcel in and writes its answers."""
    opened = [washington.open(part) for part in parts_of(path, "washington")]
    digests = {str(one.pk): one.hash for one in Message.objects.all()}
    answers = [washington.answer(one, digests[one.id], **how) for one in opened]
    washington.got += opened
    back = path.with_suffix(".answers")
    back.write_bytes(
        write_parcel(answers, holds=Holds.ANSWERS, origin="washington", recipient="rabat", at=timezone.now())
    )
    return back


def incoming(washington: Counterpart, path: Path, *parts: bytes, recipient: str = "rabat") -> Path:
    made = write_parcel(parts, holds=Holds.MESSAGES, origin="washington", recipient=recipient, at=timezone.now())
    path.write_bytes(made)
    return path


def test_the_file_holds_the_very_bytes_that_the_line_would_carry(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    released(alice, omar, "washington")
    released(alice, omar, "washington")
    done = carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    assert (done.count, done.left) == (2, 0)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    line = [sealed for _, sealed in take_batch("washington", batch=9, at=timezone.now())]
    assert parts_of(tmp_path / "out", "washington") == line


def test_receipts_come_back_as_a_file_and_climb_the_ladder(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    row = released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    assert Outbox.objects.get(message__report=row).exported_at is not None
    done = carrying.import_parcel(answered(washington, tmp_path / "out"), by=rachid)
    assert (done.holds, done.taken, done.refused, done.known) == ("answers", 1, 0, 0)
    assert Receipt.objects.get(message__report=row).step == "received"
    assert Outbox.objects.get(message__report=row).state == Outbox.State.DELIVERED


def test_taking_answers_in_again_changes_nothing(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    back = answered(washington, tmp_path / "out")
    carrying.import_parcel(back, by=rachid)
    before = list(Outbox.objects.order_by("pk").values()), Receipt.objects.count()
    done = carrying.import_parcel(back, by=rachid)
    assert (done.taken, done.known) == (0, 1)
    assert (list(Outbox.objects.order_by("pk").values()), Receipt.objects.count()) == before


def test_a_refusal_in_a_file_reaches_the_desk(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    done = carrying.import_parcel(answered(washington, tmp_path / "out", refuse="receive-not-permitted"), by=rachid)
    assert done.refused == 1
    assert Quarantine.objects.get(outgoing=True).code == "receive-not-permitted"


def test_whichever_way_is_first_counts_and_the_other_is_a_duplicate(
    rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    report = washington.report()
    sealed, _ = washington.sealed(report)
    (by_line,) = washington.send(report)
    file = incoming(washington, tmp_path / "in", sealed)
    carrying.import_parcel(file, answers=tmp_path / "answers", by=rachid)
    (answer,) = parts_of(tmp_path / "answers", "washington")
    by_file = read_answer(answer, lambda kid: signing_key_at(own_card(), kid, timezone.now()))
    assert isinstance(by_line, Accepted)
    assert isinstance(by_file, Accepted)
    assert by_file.duplicate
    assert (by_file.sha256, by_file.log_index) == (by_line.sha256, by_line.log_index)
    assert Report.objects.filter(originator="washington").count() == 1


def test_a_diode_never_answers_and_the_messages_stay_outstanding(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    from amana.services.partners import list_partners

    released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "one", by=rachid)
    carrying.export_parcel("washington", tmp_path / "two", by=rachid)
    assert parts_of(tmp_path / "one", "washington") == parts_of(tmp_path / "two", "washington")
    (partner,) = list_partners()
    assert (partner.waiting, partner.unanswered) == (1, 1)  # type: ignore[attr-defined]


def test_behind_a_diode_messages_are_taken_in_without_an_answer(
    rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    file = incoming(washington, tmp_path / "in", washington.sealed(washington.report())[0])
    done = carrying.import_parcel(file, by=rachid)
    assert (done.taken, done.refused, done.answers) == (1, 0, False)
    assert Report.objects.filter(originator="washington").count() == 1


def test_what_was_handed_over_as_a_file_is_recalled_and_not_forgotten(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    row = released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    recalls.recall_report(row.uid, reason="wrong person", by=omar)
    void, recall = washington.fetch()
    assert isinstance(void.body, VoidBody)
    assert isinstance(recall.body, RecallBody)


def test_a_parcel_that_names_another_origin_than_its_messages_is_refused(
    omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    sealed, _ = washington.sealed(washington.report())
    made = write_parcel([sealed], holds=Holds.MESSAGES, origin="paris", recipient="rabat", at=timezone.now())
    (tmp_path / "in").write_bytes(made)
    done = carrying.import_parcel(tmp_path / "in", answers=tmp_path / "back", by=rachid)
    assert (done.taken, done.refused) == (0, 1)
    (answer,) = parts_of(tmp_path / "back", "paris")
    refused = read_answer(answer, lambda kid: signing_key_at(own_card(), kid, timezone.now()))
    assert isinstance(refused, Refused)
    assert refused.code == "receive-tls-disagrees"


def test_wrong_files_are_refused_before_anything_is_logged(
    rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    before = LogEntry.objects.count()
    (tmp_path / "no").write_bytes(b"%PDF-1.7 this is no parcel")
    with pytest.raises(ParcelMalformed):
        carrying.import_parcel(tmp_path / "no", by=rachid)
    with pytest.raises(ParcelNotForUs):
        carrying.import_parcel(incoming(washington, tmp_path / "other", b"x", recipient="paris"), by=rachid)
    assert LogEntry.objects.count() == before


def test_nothing_is_exported_where_nothing_waits(rachid: User, washington: Counterpart, tmp_path: Path) -> None:
    with pytest.raises(carrying.NothingWaits):
        carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    assert not (tmp_path / "out").exists()


def test_an_author_does_not_carry(alice: User, washington: Counterpart, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed):
        carrying.export_parcel("washington", tmp_path / "out", by=alice)


def test_answers_to_answers_are_not_written(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "out", by=rachid)
    with pytest.raises(carrying.AnswersNotWanted):
        carrying.import_parcel(answered(washington, tmp_path / "out"), answers=tmp_path / "more", by=rachid)


def test_a_recall_travels_as_a_file_too(rachid: User, washington: Counterpart, tmp_path: Path) -> None:
    report = washington.report()
    washington.send(report)
    body = RecallBody(report.body.content.report, (1,), "withdrawn")  # type: ignore[union-attr]
    recall = washington.message(Type.RECALL, body, agreement="")
    carrying.import_parcel(incoming(washington, tmp_path / "in", washington.sealed(recall)[0]), by=rachid)
    assert Report.objects.get(originator="washington").state == "withdrawn"
