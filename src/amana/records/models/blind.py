"""Blind comparisons: keys and filters by scope, rounds in and out, our questions, alarms, silent subjects.

Invariant: nothing here tells what a partner asked; a question of ours keeps its subjects, and loses its secret when it
is answered. A scope is one agreement, purpose, epoch and side, as `amana.matching.blind.scope` has it.
"""

from __future__ import annotations

from django.db import models

from amana.domain.answers import Reason
from amana.records.models.partners import Agreement, Partner
from amana.records.models.reports import Entity


class BlindScope(models.Model):
    """A scope in which this node holds the key; `scalar` is destroyed with the epoch.

    `real` and `padding` are the prepared outputs (rows of 8 bytes), `held` pairs a token's digest with its output (16
    bytes each), `stamp` says of which holdings it was made, `sent` is the last version that the partner was sent.
    """

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    epoch = models.IntegerField()
    side = models.CharField(max_length=10)
    scalar = models.BinaryField(null=True)
    public = models.BinaryField()
    version = models.IntegerField(default=0)
    sent = models.IntegerField(default=0)
    bucket = models.IntegerField(default=0)
    real = models.BinaryField(default=bytes)
    padding = models.BinaryField(default=bytes)
    held = models.BinaryField(default=bytes)
    stamp = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("agreement", "purpose", "epoch", "side"), name="blind_scope_once"),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.purpose} {self.epoch} {self.side}"


class BlindFilterPiece(models.Model):
    """A piece of a partner's filter for one of its scopes."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    epoch = models.IntegerField()
    side = models.CharField(max_length=10)
    version = models.IntegerField()
    part = models.IntegerField()
    parts = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "purpose", "epoch", "side", "version", "part"), name="blind_piece_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.partner_id} {self.version} {self.part}"


class BlindQuestion(models.Model):
    """What we ask a partner blindly: the subjects as a person named them, and for each what came of it.

    `subjects` are {"label", "category", "names", "born", "identifiers", "schema"}, `results` one {"grade", "kinds",
    "because"} for each. An `automatic` question is the node's own, about silent subjects.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ASKED = "asked"
        ANSWERED = "answered"
        REFUSED = "refused"

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=40)
    epoch = models.IntegerField()
    side = models.CharField(max_length=10)
    case = models.CharField(max_length=200)
    ground = models.TextField()
    subjects = models.JSONField()
    results = models.JSONField(default=list)
    secret = models.BinaryField(null=True)
    automatic = models.BooleanField(default=False)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    code = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return str(self.id)


class BlindRound(models.Model):
    """One round, ours or a partner's; `form` is what is still to be worked on: their question, or their answer."""

    class State(models.TextChoices):
        """Where it stands: asked, answer here and not read yet, done, or refused with `code`."""

        ASKED = "asked"
        ANSWERED = "answered"
        DONE = "done"
        REFUSED = "refused"

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="+")
    ours = models.BooleanField()
    question = models.ForeignKey(BlindQuestion, on_delete=models.CASCADE, null=True, related_name="rounds")
    round = models.CharField(max_length=32)
    purpose = models.CharField(max_length=40)
    epoch = models.IntegerField()
    side = models.CharField(max_length=10)
    case = models.CharField(max_length=200)
    ground = models.TextField(blank=True)
    size = models.IntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    code = models.CharField(max_length=60, blank=True)
    form = models.JSONField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "ours", "round"), name="blind_round_once"),)

    def __str__(self) -> str:
        return self.round


class BlindAlarm(models.Model):
    """A partner's asking that may be probing, with its reason; it stays until an officer has seen it."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    reason = models.JSONField()
    at = models.DateTimeField()
    seen_by = models.CharField(max_length=150, blank=True)

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def why(self) -> Reason:
        """The reason as a value."""
        return Reason.from_json(self.reason)


class SilentSubject(models.Model):
    """An entity of ours that is left out of our filters; we learn first when a partner asks about it."""

    entity = models.OneToOneField(Entity, on_delete=models.CASCADE, related_name="silent")
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.entity_id)
