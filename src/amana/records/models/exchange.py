"""What crossed the wire, what waits to, and how it was answered."""

from __future__ import annotations

from django.db import models

from amana.records.models.partners import Agreement, Partner
from amana.records.models.reports import Report


class Release(models.Model):
    """A second person's decision that a report, in the previewed form, goes to one partner."""

    class State(models.TextChoices):
        """Where the decision stands."""

        PROPOSED = "proposed"
        RELEASED = "released"
        DECLINED = "declined"
        STOPPED = "stopped"

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="releases")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="releases")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT)
    preview_sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("report", "partner"), name="release_once"),)
        indexes = (models.Index(fields=("state",), name="release_state"),)

    def __str__(self) -> str:
        return f"{self.report_id} → {self.partner_id}"


class Message(models.Model):
    """One signed message, sent or received; `hash` is the SHA-256 of its JWS.

    `received_at` is the instant that our receipt of an incoming message names, however often it is repeated. `sealed`
    holds the bytes to send until the partner has receipted them; `body` the signed message itself, locked under a key
    of its own (`body_key`) that a recall or an erasure destroys.
    """

    class Direction(models.TextChoices):
        """Which way it goes."""

        OUT = "out"
        IN = "in"

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="messages")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    seq = models.BigIntegerField()
    prev = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, db_index=True)
    type = models.CharField(max_length=24)
    report = models.ForeignKey(Report, on_delete=models.SET_NULL, null=True, related_name="messages")
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)
    body = models.BinaryField(null=True)
    body_key = models.BinaryField(null=True)
    log_index = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("partner", "direction", "seq"), name="message_link_order"),)
        # Figures count messages by these alone, without reading a body.
        indexes = (
            models.Index(fields=("report", "type", "partner", "direction", "created_at"), name="message_figures"),
            models.Index(fields=("type", "created_at", "partner", "direction", "report"), name="message_lately"),
            models.Index(fields=("direction", "type", "received_at", "partner"), name="message_came"),
        )

    def __str__(self) -> str:
        return str(self.id)


class Outbox(models.Model):
    """A message on its way; the row is the job. `void` means: never send the content, send the void in its place."""

    class State(models.TextChoices):
        """Where delivery stands."""

        QUEUED = "queued"
        SENDING = "sending"
        DELIVERED = "delivered"
        REFUSED = "refused"

    message = models.OneToOneField(Message, on_delete=models.CASCADE, primary_key=True, related_name="outbox")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    seq = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED, db_index=True)
    void = models.BooleanField(default=False)
    attempts = models.IntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    exported_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = (models.Index(fields=("partner", "state", "seq"), name="outbox_next"),)

    def __str__(self) -> str:
        return str(self.message_id)


class Receipt(models.Model):
    """A partner's signed answer about a message of ours; `proof` is the JWS or the message that carried it."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    step = models.CharField(max_length=24)
    at = models.DateTimeField()
    note = models.TextField(blank=True)
    proof = models.TextField(blank=True)
    log_index = models.BigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("message", "step"), name="receipt_step_once"),)
        indexes = (models.Index(fields=("step", "at"), name="receipt_of_step"),)

    def __str__(self) -> str:
        return f"{self.message_id} {self.step}"


class Recall(models.Model):
    """Our withdrawal of exact versions of a report of ours."""

    id = models.UUIDField(primary_key=True)
    report_uid = models.UUIDField(db_index=True)
    versions = models.JSONField()
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class Certificate(models.Model):
    """What a holder answers to a recall; before the answer `effect` is empty."""

    recall = models.ForeignKey(Recall, on_delete=models.CASCADE, related_name="certificates")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="certificate")
    effect = models.CharField(max_length=20, blank=True)
    certified_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)
    jws = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("recall", "partner"), name="certificate_once"),)

    def __str__(self) -> str:
        return f"{self.recall_id} {self.partner_id}"


class Quarantine(models.Model):
    """A message that was refused, with the reason; its bytes stay sealed."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True)
    message_id_text = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    sealed = models.BinaryField()
    code = models.CharField(max_length=80)
    sentence = models.TextField()
    at = models.DateTimeField()
    outgoing = models.BooleanField(default=False)

    class Meta:
        indexes = (models.Index(fields=("-at",), name="quarantine_newest"),)

    def __str__(self) -> str:
        return self.code
