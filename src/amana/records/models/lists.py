"""Public lists that were taken in, and the drafts that hold their entries."""

from __future__ import annotations

from django.db import models


class SubjectList(models.Model):
    """A list by the name that an officer gave it; its entries lie in so many drafts, by their ids."""

    name = models.CharField(max_length=100, primary_key=True)
    parts = models.IntegerField()
    entries = models.IntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    imported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class ListPart(models.Model):
    """One draft of a list: the report by its number, newest version counts."""

    list = models.ForeignKey(SubjectList, on_delete=models.CASCADE, related_name="drafts")
    number = models.IntegerField()
    report_uid = models.UUIDField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("list", "number"), name="list_part_once"),)

    def __str__(self) -> str:
        return f"{self.list_id} {self.number}"
