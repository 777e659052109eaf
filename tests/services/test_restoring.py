"""What was erased stays erased over a restore, and a restored node keeps still until it is reconciled."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from amana.domain.report import State
from amana.exchange.protocol import Accepted, RecallBody, Refused, Type
from amana.records.models import Erasure, LogEntry, Message, Partner, Report, User
from amana.services import ledger, recalls, releases, reports, restoring
from amana.services.delivery import deliver_due
from amana.services.keys import home
from amana.services.people import viewpoint_of
from amana.services.posting import LinkNotReconciled
from amana.services.running import run_worker
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held

if TYPE_CHECKING:
    from pytest_django import DjangoCaptureOnCommitCallbacks


def recalled(washington: Counterpart) -> Report:
    row, content = held(washington)
    body = RecallBody(content.report, (1,), "withdrawn")
    (answer,) = washington.send(washington.message(Type.RECALL, body, agreement=""))
    assert isinstance(answer, Accepted)
    return row


# The ledger.
def test_every_erasure_stands_in_the_ledger_without_a_word_of_its_content(washington: Counterpart) -> None:
    row = recalled(washington)
    assert ledger.sync_ledger() == 1
    text = (home() / ledger.NAME).read_text(encoding="utf-8")
    (line,) = ledger.read_ledger(home() / ledger.NAME)
    assert line.key == ("washington", str(row.uid), 1)
    assert line.state == "withdrawn"
    assert "Belkadi" not in text
    assert "Tanger" not in text
    assert (home() / ledger.NAME).stat().st_mode & 0o777 == 0o600
    assert ledger.sync_ledger() == 0


def test_the_ledger_is_written_as_soon_as_the_erasure_is_committed(
    washington: Counterpart, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        row = recalled(washington)
        assert not (home() / ledger.NAME).exists()
    assert [line.uid for line in ledger.read_ledger(home() / ledger.NAME)] == [str(row.uid)]


def test_a_line_that_a_crash_broke_off_is_written_again(washington: Counterpart) -> None:
    recalled(washington)
    ledger.sync_ledger()
    path = home() / ledger.NAME
    path.write_bytes(path.read_bytes()[:-9])
    assert ledger.read_ledger(path) == []
    recalled(washington)
    assert ledger.sync_ledger() == 2
    assert len({line.key for line in ledger.read_ledger(path)}) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"%PDF",
        b"amana-erased/1\n{}\n",
        b"amana-erased/1\nx\n",
        b'amana-erased/1\n{"originator":"a","uid":"b","version":1,"state":"withdrawn","at":"2026-01-01T00:00:00.000Z"}\n',
        b"\xff\xfe",
    ],
)
def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "file").write_bytes(data)
    with pytest.raises(ledger.LedgerMalformed):
        ledger.read_ledger(tmp_path / "file")


def test_what_an_old_backup_brought_back_is_erased_again(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    kept, _ = held(washington)
    line = ledger.Line("washington", content.report, 1, "withdrawn", "2026-01-01T00:00:00.000Z")
    assert restoring.apply_ledger([line], at=timezone.now()) == 1
    row.refresh_from_db()
    assert (row.state, row.title, row.text, row.folded) == (State.WITHDRAWN, "", "", "")
    assert Message.objects.get(report=row).body_key is None
    assert [one.pk for one in reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")] == [kept.pk]
    assert restoring.apply_ledger([line], at=timezone.now()) == 0
    assert "report-erased-again" in (LogEntry.objects.order_by("-index")[0].event or "") + "".join(
        entry.event or "" for entry in LogEntry.objects.all()
    )


def test_what_the_ledger_names_does_not_come_in_by_its_message_either(washington: Counterpart) -> None:
    content = washington.content()
    line = ledger.Line("washington", content.report, 1, "withdrawn", "2026-01-01T00:00:00.000Z")
    restoring.apply_ledger([line], at=timezone.now())
    (answer,) = washington.send(washington.report(content))
    assert isinstance(answer, Refused)
    assert answer.code == "receive-version-ended"
    assert not Report.objects.filter(originator="washington").exists()


def test_a_superseded_version_is_not_erased_twice(washington: Counterpart) -> None:
    _, content = held(washington)
    held(washington, report=content.report, version=2)
    (row,) = Erasure.objects.all()
    line = ledger.Line(row.originator, str(row.uid), row.version, row.state, "2026-01-01T00:00:00.000Z")
    assert restoring.apply_ledger([line], at=timezone.now()) == 0


# The shut doors.
@pytest.fixture
def restored(washington: Counterpart) -> Counterpart:
    assert restoring.mark_restored(at=timezone.now()) == ["washington"]
    return washington


def test_nothing_goes_out_or_comes_in_before_the_link_is_reconciled(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    restoring.mark_restored(at=timezone.now())
    with pytest.raises(LinkNotReconciled):
        releases.release_report(row.uid, by=omar)
    (answer,) = washington.send(washington.report())
    assert isinstance(answer, Refused)
    assert (answer.code, answer.expected) == ("link-not-reconciled", 0)
    assert deliver_due(batch=9, at=timezone.now()) == {}


def test_neither_doors_nor_worker_start(restored: Counterpart) -> None:
    with pytest.raises(restoring.NodeRestored, match="washington"):
        restoring.require_reconciled()
    with pytest.raises(restoring.NodeRestored):
        run_worker()


def test_an_operator_opens_it_nevertheless_with_a_reason_in_the_log(restored: Counterpart) -> None:
    with pytest.raises(restoring.RestoreReasonMissing):
        restoring.open_without_reconciliation("  ")
    assert restoring.open_without_reconciliation("the partner's node is gone for good") == ["washington"]
    restoring.require_reconciled()
    assert "gone for good" in "".join(entry.event or "" for entry in LogEntry.objects.all())
    assert Partner.objects.get(pk="washington").restored_at is None
    (answer,) = restored.send(restored.report())
    assert isinstance(answer, Accepted)


def test_a_node_without_partners_is_open_at_once(node: object) -> None:
    assert restoring.mark_restored(at=timezone.now()) == []
    restoring.require_reconciled()


def test_erasing_by_itself_is_noted_too(washington: Counterpart) -> None:
    row, _ = held(washington)
    recalls.erase_held([row], State.WITHDRAWN, reason="order of the overseer")
    assert Erasure.objects.get().uid == row.uid
