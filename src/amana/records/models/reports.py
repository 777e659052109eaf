"""Reports by version, the entities they speak of, and the statements in them."""

from __future__ import annotations

from secrets import randbits

from django.db import models

from amana.records.models.documents import Document
from amana.records.models.people import User


def fresh_edition() -> int:
    """A number that nobody has used before: 62 random bits."""
    return randbits(62)


class Report(models.Model):
    """One version of one report, our own or held for a partner; `originator` is a node's name.

    `purposes` and `strictness` repeat the handling so that a viewpoint can be applied in the database.
    `categories` says of how many of each category it speaks, such as {"suspect": 2}.
    `folded` holds its words for search, each once; `edition` is another whenever its names are. A withdrawn version
    keeps its number and dates, and no content. `via` is the partner that passed it on where it did not come from its
    originator; `restrictions` are the originator's signed restrictions (JWS) that its marking honours already.
    """

    uid = models.UUIDField()
    version = models.IntegerField(default=1)
    originator = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=20)
    via = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=1000, blank=True)
    language = models.CharField(max_length=35, blank=True)
    text = models.TextField(blank=True)
    crime_areas = models.JSONField(default=list)
    categories = models.JSONField(default=dict)
    handling = models.JSONField(default=dict)
    purposes = models.CharField(max_length=200, blank=True)
    strictness = models.SmallIntegerField()
    evaluation = models.JSONField(default=dict)
    originals = models.JSONField(default=list)
    details = models.JSONField(null=True)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, null=True, related_name="reports")
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="reports")
    built_on = models.ManyToManyField("self", symmetrical=False, related_name="products")
    written = models.DateTimeField()
    changed_at = models.DateTimeField(auto_now=True)
    erase_by = models.DateField(null=True)
    ended_reason = models.TextField(blank=True)
    restrictions = models.JSONField(default=list)
    folded = models.TextField(blank=True)
    edition = models.BigIntegerField(default=fresh_edition)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("originator", "uid", "version"), name="report_version_once"),)
        indexes = (
            # What the register counts of a period stands in the index beside the day.
            models.Index(
                fields=("-written", "kind", "originator", "purposes", "crime_areas", "categories"), name="report_newest"
            ),
            models.Index(fields=("state", "erase_by"), name="report_erasure"),
            models.Index(fields=("kind", "-written"), name="report_kind"),
            models.Index(fields=("kind", "state", "strictness"), name="report_of_kind"),
            # All that a viewpoint is applied to, so that what may be seen is told without reading a text.
            models.Index(
                fields=("state", "strictness", "purposes", "kind", "edition", "uid", "id"), name="report_seen"
            ),
        )

    def __str__(self) -> str:
        return f"{self.uid} v{self.version}"


class Entity(models.Model):
    """What statements speak of, under the id its originator gave it."""

    originator = models.CharField(max_length=40)
    uid = models.CharField(max_length=200)
    schema = models.CharField(max_length=100)
    caption = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("originator", "uid"), name="entity_once"),)

    def __str__(self) -> str:
        return self.uid


class ReportEntity(models.Model):
    """An entity as one report sees it: for a person, the category."""

    # No index of its own: that of `report_people` begins with it.
    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="entity_links", db_index=False)
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="report_links")
    position = models.IntegerField()
    category = models.CharField(max_length=20, blank=True)
    grounds = models.TextField(blank=True)

    class Meta:
        ordering = ("position",)
        constraints = (models.UniqueConstraint(fields=("report", "entity"), name="report_entity_once"),)
        indexes = (models.Index(fields=("report", "category"), name="report_people"),)

    def __str__(self) -> str:
        return f"{self.report_id}/{self.entity_id}"


class Statement(models.Model):
    """One fact or assessment; `start` and `end` are its place in the report's text.

    `key` is by what the same thing is found elsewhere: a folded name or an exact identifier, empty for other values.
    `points_to` repeats a value that is the id of another entity of the same originator. `handling` is what its own
    marking adds to the report's, null where it adds nothing.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="statements")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="statements")
    position = models.IntegerField()
    uid = models.CharField(max_length=100)
    property = models.CharField(max_length=100)
    value = models.TextField()
    key = models.CharField(max_length=200, blank=True)
    points_to = models.CharField(max_length=200, null=True)
    lang = models.CharField(max_length=35, blank=True)
    nature = models.CharField(max_length=12)
    evaluation = models.JSONField()
    handling = models.JSONField(null=True)
    start = models.IntegerField(null=True)
    end = models.IntegerField(null=True)

    class Meta:
        ordering = ("position",)
        indexes = (
            models.Index(fields=("key",), name="statement_key"),
            models.Index(
                fields=("points_to",), name="statement_points_to", condition=models.Q(points_to__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return self.uid


class EntityName(models.Model):
    """A folded name under which an entity of a report is found."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="names")
    entity = models.ForeignKey(Entity, on_delete=models.CASCADE, related_name="names")
    folded = models.CharField(max_length=500, db_index=True)
    name = models.CharField(max_length=500)

    def __str__(self) -> str:
        return str(self.pk)


class Dropped(models.Model):
    """A suggestion that an officer rejected while writing a draft; `mark` is a hash of it.

    Its purpose is that nothing is suggested twice; it goes when the report ends.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="dropped")
    mark = models.CharField(max_length=64)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("report", "mark"), name="dropped_once"),)

    def __str__(self) -> str:
        return self.mark
