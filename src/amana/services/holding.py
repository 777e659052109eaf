"""A version of a report that comes a second time: confirmed, or refused because it ended here or says something else.

Invariant: one version of a report has one content here; what was erased never comes back.
"""

from __future__ import annotations

from datetime import datetime

from amana.domain.errors import Conflict, NotAllowed, gettext_noop
from amana.domain.report import Content, State
from amana.exchange.canonical import encode
from amana.records.models import Erasure, Quarantine, Report
from amana.services.contents import content_of, store
from amana.services.journal import Act, record


class VersionTaken(Conflict):
    """The same version of a report came with another content."""

    code = "receive-version-taken"
    sentence = gettext_noop("This version of the report is held here with another content; send a new version.")


class VersionEnded(NotAllowed):
    """This version was erased here and does not come back."""

    code = "receive-version-ended"
    sentence = gettext_noop("This version of the report was withdrawn or erased here and is not taken in again.")


def held_already(originator: str, content: Content, *, at: datetime) -> Report | None:
    """The held report where this version is here already, None where it is new.

    A doubted version is in force again, with the content that now comes. Raises VersionTaken, VersionEnded.
    """
    key = {"originator": originator, "uid": content.report, "version": content.version}
    if Erasure.objects.filter(**key).exists():
        raise VersionEnded
    row = Report.objects.select_for_update().filter(**key).first()
    if row is None:
        return None
    if row.state == State.DOUBTED:
        return _reconfirmed(row, content, at=at)
    if row.state != State.HELD:
        raise VersionEnded
    if encode(content_of(row).to_json()) != encode(content.to_json()):
        raise VersionTaken
    return row


def _reconfirmed(row: Report, content: Content, *, at: datetime) -> Report:
    numbers = [str(number) for number in row.messages.values_list("pk", flat=True)]
    Quarantine.objects.filter(partner_id=row.originator, outgoing=False, message_id_text__in=numbers).delete()
    row.state = State.HELD
    store(content, row, originator=row.originator)
    record(
        Act.ALTERATION,
        "report-reconfirmed",
        f"report:{row.uid}:{row.version}",
        by=f"node:{row.originator}",
        reason="signed again",
        at=at,
    )
    return row
