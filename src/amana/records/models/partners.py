"""Partners as this node knows them, and the agreements with them."""

from __future__ import annotations

from django.db import models


class Partner(models.Model):
    """Another node, known by its card. The link's counters order what was sent to and received from it.

    `restored_at` is set while the link waits to be reconciled after this node came back from a backup.
    """

    class State(models.TextChoices):
        """How far a partner is trusted."""

        INTRODUCED = "introduced"  # its card is here, nobody has compared the fingerprint
        CONFIRMED = "confirmed"
        SUSPENDED = "suspended"

    node = models.CharField(max_length=40, primary_key=True)
    agency = models.CharField(max_length=200)
    country = models.CharField(max_length=2)
    card = models.TextField()
    serial = models.IntegerField()
    fingerprint = models.CharField(max_length=60)
    tls_ca = models.TextField()
    url = models.CharField(max_length=300)
    state = models.CharField(max_length=12, choices=State.choices, default=State.INTRODUCED)
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True)
    restored_at = models.DateTimeField(null=True)
    out_seq = models.BigIntegerField(default=0)
    out_hash = models.CharField(max_length=64, default="0" * 64)
    in_seq = models.BigIntegerField(default=0)
    in_hash = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return self.node


class Agreement(models.Model):
    """Terms with one partner; `terms` are the canonical bytes that both signed."""

    id = models.UUIDField(primary_key=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="agreements")
    terms = models.TextField()
    state = models.CharField(max_length=12)
    proposed_here = models.BooleanField()
    our_signature = models.TextField(blank=True)
    partner_signature = models.TextField(blank=True)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    in_force_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.id)
