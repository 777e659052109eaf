"""What came in: original files, their text, and what was suggested from them."""

from __future__ import annotations

from django.db import models

from amana.records.models.people import User


class OriginalFile(models.Model):
    """A file as it came, named by its SHA-256; the bytes lie in the node's folder and are never altered."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=200)
    filename = models.CharField(max_length=300)
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.sha256


class Document(models.Model):
    """The readable text of one original; suggestions and statements point into it by character."""

    id = models.UUIDField(primary_key=True)
    original = models.ForeignKey(OriginalFile, on_delete=models.PROTECT, related_name="documents")
    title = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=35)
    text = models.TextField()
    warnings = models.JSONField(default=list)
    strictness = models.SmallIntegerField()
    taken_in_by = models.ForeignKey(User, on_delete=models.PROTECT)
    taken_in_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=("-taken_in_at",), name="document_newest"),)

    def __str__(self) -> str:
        return str(self.id)


class Suggestion(models.Model):
    """Something the machine noticed in a text; nothing until a person accepts it."""

    class State(models.TextChoices):
        """What a person decided."""

        OPEN = "open"
        ACCEPTED = "accepted"
        REJECTED = "rejected"

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="suggestions")
    position = models.IntegerField()
    kind = models.CharField(max_length=20)
    value = models.CharField(max_length=500)
    role = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    start = models.IntegerField()
    end = models.IntegerField()
    schema = models.CharField(max_length=100, blank=True)
    properties = models.JSONField(default=list)
    reason = models.CharField(max_length=100)
    known = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position",)

    def __str__(self) -> str:
        return f"{self.kind} {self.position}"
