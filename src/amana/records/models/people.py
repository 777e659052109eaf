"""People with a sign-in on this node: roles, clearance, desk; and changes of accounts that wait for a second person."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from amana.domain.handling import Purpose, Tlp
from amana.domain.viewpoint import Role, Viewpoint, rank_of


class User(AbstractUser):
    """One named human. `roles` is a list of `Role` values; `clearance` the strictest marking they may read."""

    roles = models.JSONField(default=list)
    clearance = models.CharField(max_length=20, default=Tlp.AMBER)
    desk = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10, blank=True)
    password_once = models.BooleanField(default=False)  # somebody else chose it: it opens only the page to change it

    def rank(self) -> int:
        """How high this account stands among the others; see `rank_of`."""
        return rank_of(Role(role) for role in self.roles)

    def has_role(self, role: Role) -> bool:
        """Whether this person was given the role."""
        return str(role) in self.roles

    def viewpoint(self, *, node: str, purpose: Purpose, case: str = "") -> Viewpoint:
        """This person looking from this node for a purpose."""
        return Viewpoint(
            officer=self.username,
            node=node,
            roles=frozenset(Role(role) for role in self.roles),
            clearance=Tlp(self.clearance),
            purpose=purpose,
            case=case,
        )


class PeopleChange(models.Model):
    """What one person proposed for an account that nobody changes alone; one may wait for each account."""

    class What(models.TextChoices):
        """What would be done."""

        OPEN = "open"  # a new account, closed until then
        CHANGE = "change"
        CLOSE = "close"
        REOPEN = "reopen"
        PASSWORD = "password"  # noqa: S105 -- a word for the act
        FACTORS = "factors"
        SESSIONS = "sessions"

    class State(models.TextChoices):
        """Where the proposal stands."""

        OPEN = "open"
        CONFIRMED = "confirmed"
        DECLINED = "declined"

    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="proposed_changes")
    what = models.CharField(max_length=8, choices=What.choices)
    roles = models.JSONField(null=True)
    clearance = models.CharField(max_length=20, blank=True)
    desk = models.CharField(max_length=100, null=True)
    reason = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    proposed_by = models.CharField(max_length=150)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [  # noqa: RUF012 -- Django reads it so
            models.UniqueConstraint(
                fields=["officer"], condition=models.Q(state="open"), name="one_open_change_an_account"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.officer_id}"
