"""What named officers decided of pairs of entities, and the reports on which they decided it.

Invariant: a row is never deleted and its decision never changed; undoing is noted beside it. Nothing of it crosses the
wire. It names entities as originator/uid, so that it outlives the rows that a recall takes away.
"""

from __future__ import annotations

from uuid import uuid4

from django.db import models

from amana.records.models.people import User
from amana.records.models.reports import Report


class Judgement(models.Model):
    """One decision; `one` comes before `other`, both as originator/uid. It stands until it is undone or overtaken."""

    uid = models.UUIDField(unique=True, default=uuid4)
    one = models.CharField(max_length=241, db_index=True)
    other = models.CharField(max_length=241, db_index=True)
    verdict = models.CharField(max_length=10)
    reason = models.TextField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="judgements")
    at = models.DateTimeField()
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return str(self.uid)


class JudgementBasis(models.Model):
    """A report that a judgement stood on, in the edition that it had then."""

    judgement = models.ForeignKey(Judgement, on_delete=models.CASCADE, related_name="basis")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="+")
    edition = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("judgement", "report"), name="judgement_basis_once"),)

    def __str__(self) -> str:
        return f"{self.judgement_id}/{self.report_id}"
