"""Faults planted to see that the deaths find them: each does in two steps what must be one."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from unittest.mock import patch

from django.db import transaction
from django.utils import timezone

from amana.exchange import identity
from amana.exchange.protocol import ReportBody, Type
from amana.records.models import Report
from amana.services import reports
from amana.services.journal import Act, record
from amana.services.keys import keys_folder, secrets
from tests.faults.crash_operations import OPERATIONS, Operation
from tests.faults.crash_world import House
from tests.services.test_exchange import drafted


def _logged_afterwards(house: House) -> None:
    if Report.objects.filter(title="Written once").exists():
        return
    with patch.object(reports, "record", return_value=0):
        row = drafted(house.alice, "washington", title="Written once")
    with transaction.atomic():
        record(Act.COLLECTION, "report-drafted", f"report:{row.uid}:{row.version}", by="alice", reason="information")


def _one_by_one(house: House) -> None:
    def write(folder: Path, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            (folder / name).write_bytes(data)

    if secrets().card.serial == 1:
        with patch.object(identity, "replace_together", write):
            identity.save(identity.rotate(secrets(), timezone.now()), keys_folder())


def _acknowledged_too_early(house: House) -> None:
    """Bob has our receipt before our transaction has committed, so he never sends the message again."""
    house.bob.say("report", Type.REPORT, ReportBody(house.content("new")), agreement=house.ids["agreement"])
    line = house.bob.all("sent")[-1]
    if any(answer["id"] == line["id"] for answer in house.bob.all("answer")):
        return
    house.bob.write("answer", id=line["id"], hash=line["hash"], code="", again=False)
    house.bob.hand.send_bytes([b64decode(line["data"])])


PLANTED = {
    "a draft that is logged afterwards": Operation("", _logged_afterwards, OPERATIONS["draft"].done, 10),
    "keys that change one by one": Operation("", _one_by_one, OPERATIONS["rotate keys"].done, 8),
    "a message that is acknowledged before it is kept": Operation(
        "", _acknowledged_too_early, OPERATIONS["receive"].done, 10
    ),
}
