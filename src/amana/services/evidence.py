"""The evidence behind one statement: its words, its place in the source, its grade, its marking and its log entries.

Invariant: it shows what the report shows under the same viewpoint, and the look stands in the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from amana.domain.errors import NotFound, gettext_noop
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Statement
from amana.records.queries.entities import CALLED_BY, carried_in_log, said_of, statements_called
from amana.services.journal import Act, record
from amana.services.profile_parts import Said, called

AROUND = 320  # letters of the source that are shown before and after


class EvidenceUnknown(NotFound):
    """No statement of that number may be seen from here."""

    code = "evidence-unknown"
    sentence = gettext_noop("There is no statement of this number that you may see.")


@dataclass(frozen=True, slots=True)
class Passage:
    """The words of the source that say it, and some around them; `cut` where there is more before or after."""

    before: str
    words: str
    after: str
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class Carried:
    """A log entry about the report: its number, `in` or `out`, and the partner."""

    index: int
    direction: str
    partner: str


@dataclass(frozen=True, slots=True)
class Evidence(Said):
    """One statement with all that stands behind it; `look` is the number of this look in the log."""

    called: str
    passage: Passage | None
    entries: tuple[Carried, ...]
    look: int


@transaction.atomic
def open_evidence(report: UUID, statement: str, *, version: int | None = None, viewpoint: Viewpoint) -> Evidence:
    """Open what stands behind a statement, in the newest version of its report; the look stands in the log.

    Raises EvidenceUnknown.
    """
    rows = statements_called(report, statement, viewpoint=viewpoint)
    rows = [one for one in rows if version is None or one.report.version == version]
    if not rows:
        raise EvidenceUnknown
    row = max(rows, key=lambda one: one.report.version)
    look = record(
        Act.CONSULTATION,
        "statement-opened",
        f"report:{row.report.uid}:{row.report.version}",
        by=viewpoint.officer,
        reason="reading",
        details=[("statement", row.uid), *viewpoint.in_log],
    )
    names = called(said_of([row.entity_id], viewpoint=viewpoint).filter(property__in=CALLED_BY)[:100])
    entries = tuple(Carried(*one) for one in carried_in_log(row.report))
    return Evidence(row, names.get(row.entity_id, row.entity.uid), _passage(row), entries, look)


def _passage(row: Statement) -> Passage | None:
    text = row.report.text
    if row.start is None or row.end is None or not text:
        return None
    first, last = max(0, row.start - AROUND), min(len(text), row.end + AROUND)
    before, after = text[first : row.start], text[row.end : last]
    if first:
        before = before.partition(" ")[2] or before
    if last < len(text):
        after = after.rpartition(" ")[0] or after
    return Passage(before, text[row.start : row.end], after, first > 0, last < len(text))
