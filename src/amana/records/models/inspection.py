"""What an overseer does: orders, spot checks, data subjects' requests for access, mandates to open content.

Invariant: none of these rows holds content of a report; an order and a finding are never changed, only lifted or
answered, and each of them stands in the log.
"""

from __future__ import annotations

from django.db import models

from amana.records.models.partners import Partner


class OversightOrder(models.Model):
    """An overseer's order: restrict or erase a report, or stop disclosures of a report, to a partner, or by the node.

    `report_uid` names the report, `partner` the partner, neither of them the whole node. `held_back` are the ids of the
    messages that were on their way when a stop was ordered; they go as voids, and once more when it is lifted.
    """

    class What(models.TextChoices):
        """What is ordered."""

        RESTRICT = "restrict"
        ERASE = "erase"
        STOP = "stop"

    what = models.CharField(max_length=10, choices=What.choices)
    report_uid = models.UUIDField(null=True, db_index=True)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=40)
    reason = models.TextField()
    addressee = models.CharField(max_length=200)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    held_back = models.JSONField(default=list)
    log_index = models.BigIntegerField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_reason = models.TextField(blank=True)

    class Meta:
        indexes = (models.Index(fields=("what", "lifted_at"), name="oversight_order_open"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.what}"


class SpotCheck(models.Model):
    """A draw of log entries: of what, how many, and from what anybody draws the same again.

    `number` is the overseer's own, `size` and `root` are those of the newest witnessed checkpoint.
    """

    what = models.CharField(max_length=20)
    wanted = models.IntegerField()
    number = models.CharField(max_length=100)
    size = models.BigIntegerField()
    root = models.CharField(max_length=64)
    seed = models.CharField(max_length=64)
    population = models.IntegerField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.pk)


class DrawnEntry(models.Model):
    """One drawn entry of the log, what the overseer found, and, where it was a question, what the officer answered.

    `asked` is the officer who has the question; empty where the node itself acted, so that the head answers.
    """

    class Finding(models.TextChoices):
        """What the overseer found."""

        IN_ORDER = "in-order"
        QUESTION = "question"
        OBJECTION = "objection"

    check_of = models.ForeignKey(SpotCheck, on_delete=models.CASCADE, related_name="entries")
    place = models.IntegerField()
    index = models.BigIntegerField()
    finding = models.CharField(max_length=10, choices=Finding.choices, blank=True)
    words = models.TextField(blank=True)
    found_by = models.CharField(max_length=150, blank=True)
    found_at = models.DateTimeField(null=True)
    asked = models.CharField(max_length=150, blank=True)
    answer = models.TextField(blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("place",)
        constraints = (models.UniqueConstraint(fields=("check_of", "index"), name="drawn_entry_once"),)

    def __str__(self) -> str:
        return f"{self.check_of_id}/{self.place}"


class Mandate(models.Model):
    """An overseer may open content for given checks until a day, as one officer proposed and another confirmed."""

    officer = models.CharField(max_length=150, db_index=True)
    ground = models.TextField()
    until = models.DateField()
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=150, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.officer} {self.until}"


class AccessRequest(models.Model):
    """A data subject's request for access: who asked, how the identity was checked, its deadline, the decision."""

    class Outcome(models.TextChoices):
        """What was decided."""

        GIVEN = "given"
        PARTLY = "partly"
        REFUSED = "refused"

    name = models.CharField(max_length=300)
    born = models.CharField(max_length=10, blank=True)
    identity = models.CharField(max_length=300)
    asked_on = models.DateField()
    due = models.DateField()
    extended_for = models.TextField(blank=True)
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    searched_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, blank=True)
    ground = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.pk)


class AccessFinding(models.Model):
    """A report in which the search found somebody who may be who asks; of a partner's, what its originator says.

    `notice` is the number of the notice that asks the originator; `consented` is empty until its answer is noted.
    """

    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="findings")
    report_uid = models.UUIDField()
    version = models.IntegerField()
    originator = models.CharField(max_length=40)
    likeness = models.SmallIntegerField()
    notice = models.UUIDField(null=True)
    consented = models.BooleanField(null=True)
    words = models.TextField(blank=True)

    class Meta:
        ordering = ("-likeness", "pk")
        constraints = (models.UniqueConstraint(fields=("request", "report_uid"), name="access_finding_once"),)

    def __str__(self) -> str:
        return f"{self.request_id} {self.report_uid}"


class ContentOpening(models.Model):
    """A report whose content an overseer opened under a mandate, and for which check or request for access."""

    mandate = models.ForeignKey(Mandate, on_delete=models.PROTECT, related_name="openings")
    check_of = models.ForeignKey(SpotCheck, on_delete=models.PROTECT, null=True, related_name="+")
    access = models.ForeignKey(AccessRequest, on_delete=models.PROTECT, null=True, related_name="+")
    report_uid = models.UUIDField()
    version = models.IntegerField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.report_uid} {self.by}"
