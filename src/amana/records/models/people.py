"""People with a sign-in on this node: roles, clearance, desk."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from amana.domain.handling import Purpose, Tlp
from amana.domain.viewpoint import Role, Viewpoint


class User(AbstractUser):
    """One named human. `roles` is a list of `Role` values; `clearance` the strictest marking they may read."""

    roles = models.JSONField(default=list)
    clearance = models.CharField(max_length=20, default=Tlp.AMBER)
    desk = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10, blank=True)

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
