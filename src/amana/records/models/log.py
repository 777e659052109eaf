"""The node's append-only log as rows: entries, the tree's complete nodes, checkpoints and who co-signed them."""

from __future__ import annotations

from django.db import models

from amana.records.models.partners import Partner


class LogHead(models.Model):
    """One row: how many entries there are, how many the stored tree covers, and when a witness last co-signed.

    Taking a number locks it. Before the first co-signature `witnessed_at` is when the first agreement came into force.
    """

    size = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    witnessed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.size)


class LogEntry(models.Model):
    """One event: the commitment that is the tree's leaf, and what opens it. Erasing the salt closes it for ever."""

    index = models.BigIntegerField(primary_key=True)
    commitment = models.BinaryField()
    salt = models.BinaryField(null=True)
    event = models.TextField(null=True)

    def __str__(self) -> str:
        return str(self.index)


class LogNode(models.Model):
    """A complete subtree's hash; `place` is level × 2^48 + index."""

    place = models.BigIntegerField(primary_key=True)
    hash = models.BinaryField()

    def __str__(self) -> str:
        return str(self.place)


class LogTally(models.Model):
    """How many acts of each kind 256 entries in a row are, and between which instants: they never change again.

    Made of the entries alone, so that a long period is counted without reading them.
    """

    block = models.BigIntegerField(primary_key=True)
    earliest = models.CharField(max_length=30)
    latest = models.CharField(max_length=30)
    acts = models.JSONField()

    def __str__(self) -> str:
        return str(self.block)


class Checkpoint(models.Model):
    """A signed head of the log."""

    size = models.BigIntegerField(primary_key=True)
    root = models.CharField(max_length=64)
    note = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.size)


class Witness(models.Model):
    """Who co-signs our checkpoints: a partner, or an overseer with a key of their own."""

    name = models.CharField(max_length=200, primary_key=True)
    vkey = models.CharField(max_length=300)
    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, null=True)
    overseer = models.BooleanField(default=False)
    size = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=80, blank=True)

    def __str__(self) -> str:
        return self.name


class Cosignature(models.Model):
    """A witness's line under a checkpoint."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.CASCADE, related_name="cosignatures")
    witness = models.ForeignKey(Witness, on_delete=models.CASCADE)
    line = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("checkpoint", "witness"), name="cosignature_once"),)

    def __str__(self) -> str:
        return f"{self.checkpoint_id} {self.witness_id}"


class WitnessedOrigin(models.Model):
    """The newest checkpoint of another node's log that we co-signed."""

    origin = models.CharField(max_length=200, primary_key=True)
    size = models.BigIntegerField(default=0)
    root = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.origin
