"""What keeps two nodes the same over time: changes of the roster, holdings agreed on, and what was erased."""

from __future__ import annotations

from django.db import models

from amana.records.models.partners import Partner


class RosterChange(models.Model):
    """A change of who is trusted, or of our own keys, which one officer proposes and another decides.

    `node` is the partner's name, or our own where our keys change; `card` is the card that comes into force, `since`
    the time from which a key counts as compromised.
    """

    class What(models.TextChoices):
        """What changes."""

        INTRODUCE = "introduce"
        CARD = "card"
        SUSPEND = "suspend"
        RESUME = "resume"
        ROTATE = "rotate"
        COMPROMISED = "compromised"

    class State(models.TextChoices):
        """Where the decision stands."""

        OPEN = "open"
        CONFIRMED = "confirmed"
        DECLINED = "declined"

    node = models.CharField(max_length=40, db_index=True)
    what = models.CharField(max_length=12, choices=What.choices)
    card = models.TextField(blank=True)
    since = models.DateTimeField(null=True)
    checkpoint = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("node",), condition=models.Q(state="open"), name="roster_change_one_open"),
        )

    def __str__(self) -> str:
        return f"{self.node} {self.what}"


class Holdings(models.Model):
    """What both sides of a link signed about what they hold; `left` lists what could not be mended, by code."""

    partner = models.ForeignKey(Partner, on_delete=models.CASCADE, related_name="holdings")
    at = models.DateTimeField()
    agreed = models.BooleanField()
    ours = models.TextField()
    theirs = models.TextField()
    left = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.partner_id} {self.at}"


class Erasure(models.Model):
    """One version of a report that was erased here, without a word of its content; a restore applies it again."""

    originator = models.CharField(max_length=40)
    uid = models.UUIDField()
    version = models.IntegerField()
    state = models.CharField(max_length=20)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("originator", "uid", "version"), name="erasure_once"),)

    def __str__(self) -> str:
        return f"{self.uid} v{self.version}"
