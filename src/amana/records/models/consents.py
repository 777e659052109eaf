"""Originator control as rows: consents asked and given, restrictions, what went on down the chain, holds, flags."""

from __future__ import annotations

from django.db import models

from amana.records.models.exchange import Certificate, Message, Release
from amana.records.models.partners import Partner
from amana.records.models.reports import Report


class Consent(models.Model):
    """One onward step: who asks its originator, for which node and purpose; the signed token once it is granted.

    The same row stands at the originator, at the holder that asked, and, with the token, at the recipient.
    """

    class State(models.TextChoices):
        """Where the question stands."""

        ASKED = "asked"
        GRANTED = "granted"
        REFUSED = "refused"
        REVOKED = "revoked"

    id = models.UUIDField(primary_key=True)
    originator = models.CharField(max_length=40)
    holder = models.CharField(max_length=40)
    recipient = models.CharField(max_length=40)
    report_uid = models.UUIDField(db_index=True)
    version = models.IntegerField()
    purpose = models.CharField(max_length=20)
    reason = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.CharField(max_length=150, blank=True)
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    token = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.id} {self.holder} → {self.recipient}"


class PassedOn(models.Model):
    """Under which consent a release of another's report goes on."""

    release = models.OneToOneField(Release, on_delete=models.CASCADE, primary_key=True, related_name="passed_on")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="uses")

    def __str__(self) -> str:
        return str(self.release)


class Restriction(models.Model):
    """Our late restriction of a report of ours: of its handling, or, with `consent`, of one consented step."""

    id = models.UUIDField(primary_key=True)
    report_uid = models.UUIDField(db_index=True)
    versions = models.JSONField()
    handling = models.JSONField(null=True)
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True)
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.id)


class RestrictionCertificate(models.Model):
    """What a holder answers to a restriction; before the answer `effect` is empty."""

    restriction = models.ForeignKey(Restriction, on_delete=models.CASCADE, related_name="certificates")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    message = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, related_name="restriction_certificate"
    )
    effect = models.CharField(max_length=20, blank=True)
    certified_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)
    jws = models.TextField(blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("restriction", "partner"), name="restriction_certificate_once"),)

    def __str__(self) -> str:
        return f"{self.restriction_id} {self.partner_id}"


class OnwardCertificate(models.Model):
    """What a node further down the chain answers to our recall or restriction, below the holder that we sent it to.

    `holder` is that node, `via` who passed the order to it; `effect` is empty while it is silent.
    """

    recall = models.ForeignKey(Certificate, on_delete=models.CASCADE, null=True, related_name="onward")
    restriction = models.ForeignKey(RestrictionCertificate, on_delete=models.CASCADE, null=True, related_name="onward")
    holder = models.CharField(max_length=40)
    via = models.CharField(max_length=40)
    effect = models.CharField(max_length=20, blank=True)
    certified_at = models.DateTimeField(null=True)
    details = models.JSONField(default=dict)
    jws = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("recall", "holder", "via"), name="onward_recall_once"),
            models.UniqueConstraint(fields=("restriction", "holder", "via"), name="onward_restriction_once"),
        )

    def __str__(self) -> str:
        return f"{self.via} → {self.holder}"


class Forwarded(models.Model):
    """An originator's order (by its hash) that we passed down to one partner; its certificate goes up to `upstream`."""

    sha256 = models.CharField(max_length=64)
    originator = models.CharField(max_length=40)
    report_uid = models.UUIDField()
    upstream = models.CharField(max_length=40)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    message = models.OneToOneField(Message, on_delete=models.SET_NULL, null=True, related_name="forwarded")
    effect = models.CharField(max_length=20, blank=True)
    certified_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("sha256", "partner"), name="forwarded_once"),)

    def __str__(self) -> str:
        return f"{self.sha256[:8]} → {self.partner_id}"


class WaitingRelay(models.Model):
    """A signed order or certificate that goes on to a partner as soon as the link with it is reconciled."""

    forwarded = models.ForeignKey(Forwarded, on_delete=models.CASCADE, related_name="waiting")
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT)
    jws = models.TextField()
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.forwarded} waits for {self.partner_id}"


class LegalHold(models.Model):
    """A head's order to keep the locked message of a held report: a recall then takes it out of use, not away.

    `recall` and `upstream` say which recall came meanwhile and who gets the fresh certificate when the hold ends.
    """

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="holds")
    reason = models.TextField()
    by = models.CharField(max_length=150)
    at = models.DateTimeField()
    recall = models.CharField(max_length=64, blank=True)
    upstream = models.CharField(max_length=40, blank=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=150, blank=True)
    lifted_reason = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("report",), condition=models.Q(lifted_at__isnull=True), name="legal_hold_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.report_id}"


class Flag(models.Model):
    """A report of ours rests on something that changed: `what` happened to it, and `why` in its originator's words."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="flags")
    source = models.CharField(max_length=40)
    source_uid = models.UUIDField()
    what = models.CharField(max_length=20)
    why = models.TextField()
    since = models.DateTimeField()
    seen_by = models.CharField(max_length=150, blank=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("report", "seen_at"), name="flag_unseen"),)

    def __str__(self) -> str:
        return f"{self.report_id} {self.what}"
