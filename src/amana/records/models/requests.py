"""Requests between this node and a partner, the answers to them, and what our own holdings say to them.

Invariant: a row here holds no content: it outlives the report's words, so that clocks and figures stay true.
"""

from __future__ import annotations

from django.db import models

from amana.domain.answers import Reason
from amana.records.models.exchange import Message
from amana.records.models.partners import Partner
from amana.records.models.reports import Report, Statement


class Request(models.Model):
    """One version of a request as it went to, or came from, one partner.

    `sha256` is the hash of the canonical content that its holder has, `clock` how long it may take from receipt. When
    it was received, the message knows. `answered` says whether a final answer counts: a list of what is open reads no
    answers. `compared_at` says when a partner's names were compared with our holdings.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="asked")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="requests")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="request")
    ours = models.BooleanField()
    uid = models.UUIDField(db_index=True)
    version = models.IntegerField()
    sha256 = models.CharField(max_length=64)
    urgency = models.CharField(max_length=60)
    clock = models.DurationField()
    asked_at = models.DateTimeField(db_index=True)
    withdrawn_at = models.DateTimeField(null=True)
    answered = models.BooleanField(default=False)
    compared_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "ours", "uid", "version"), name="request_once"),)

    def __str__(self) -> str:
        return f"{self.uid} {self.partner_id}"


class RequestAnswer(models.Model):
    """One signed answer to a request, sent or received; `at` is when its message was made.

    A correction takes the place of the answer it corrects and leaves the time; what was recalled is `taken_back_at`.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="answers")
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="answers")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="answer")
    uid = models.UUIDField(db_index=True)
    outcome = models.CharField(max_length=24)
    ground = models.CharField(max_length=60, blank=True)
    hours = models.IntegerField(default=0)
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("at", "pk")
        constraints = (models.UniqueConstraint(fields=("request", "uid"), name="request_answer_once"),)

    def __str__(self) -> str:
        return f"{self.uid} {self.outcome}"


class CrossHit(models.Model):
    """A statement of a partner's request that a statement held here says too; it goes with either of them.

    `likeness` is in hundredths: 100 where both say the same, else that of two records whose names are alike, with its
    `reasons`.
    """

    request = models.ForeignKey(Request, on_delete=models.CASCADE, related_name="hits")
    asked = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+")
    found = models.ForeignKey(Statement, on_delete=models.CASCADE, related_name="+")
    likeness = models.SmallIntegerField(default=100)
    reasons = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("request", "asked", "found"), name="cross_hit_once"),)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def because(self) -> list[Reason]:
        """The reasons as values."""
        return [Reason.from_json(one) for one in self.reasons]
