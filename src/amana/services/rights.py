"""Which role may do what. One table, asked by every service before anything else.

Invariant: an act that is not in the table is allowed to nobody; nobody decides alone on their own release.
"""

from __future__ import annotations

from enum import StrEnum

from amana.domain.errors import NotAllowed, gettext_noop
from amana.domain.handling import Tlp
from amana.domain.viewpoint import READS_CONTENT, Role
from amana.records.models import User


class Deed(StrEnum):
    """What an officer may want to do."""

    READ = "read"
    WRITE = "write"
    RELEASE = "release"
    RECALL = "recall"
    CONSENT = "consent"
    HOLD = "hold"
    JUDGE = "judge"
    SEE_PARTNERS = "see-partners"
    MANAGE_PARTNERS = "manage-partners"
    CARRY = "carry"
    AGREE = "agree"
    MANAGE_PEOPLE = "manage-people"
    CONFIRM_PEOPLE = "confirm-people"
    MANAGE_NODE = "manage-node"
    OVERSEE = "oversee"
    INSPECT = "inspect"
    GIVE_MANDATE = "give-mandate"


_MAY: dict[Deed, frozenset[Role]] = {
    Deed.READ: READS_CONTENT,
    Deed.WRITE: frozenset({Role.AUTHOR, Role.ANALYST, Role.PORT_OFFICER, Role.HEAD}),
    Deed.RELEASE: frozenset({Role.RELEASING_OFFICER, Role.HEAD}),
    Deed.RECALL: frozenset({Role.AUTHOR, Role.RELEASING_OFFICER, Role.HEAD}),
    Deed.CONSENT: frozenset({Role.RELEASING_OFFICER, Role.HEAD}),
    Deed.HOLD: frozenset({Role.HEAD}),
    Deed.JUDGE: frozenset({Role.ANALYST, Role.AUTHOR, Role.HEAD}),
    Deed.SEE_PARTNERS: frozenset(Role),
    Deed.MANAGE_PARTNERS: frozenset({Role.HEAD, Role.OPERATOR}),
    Deed.CARRY: frozenset({Role.OPERATOR, Role.HEAD, Role.RELEASING_OFFICER}),
    Deed.AGREE: frozenset({Role.HEAD}),
    Deed.MANAGE_PEOPLE: frozenset({Role.OPERATOR}),
    Deed.CONFIRM_PEOPLE: frozenset({Role.OPERATOR, Role.HEAD, Role.OVERSEER}),
    Deed.MANAGE_NODE: frozenset({Role.OPERATOR}),
    Deed.OVERSEE: frozenset({Role.OVERSEER, Role.HEAD, Role.OPERATOR}),
    Deed.INSPECT: frozenset({Role.OVERSEER}),
    Deed.GIVE_MANDATE: frozenset({Role.HEAD, Role.OPERATOR}),
}
# Who answers for the node does not inspect it, whatever other role they were given.
_NEVER: dict[Deed, frozenset[Role]] = {Deed.INSPECT: frozenset(Role) - {Role.OVERSEER}}


class RoleMissing(NotAllowed):
    """The officer's roles do not include one that may do this."""

    code = "role-missing"
    sentence = gettext_noop("Your roles do not include one that may do this; it needs one of: %(roles)s.")


class MarkingAboveClearance(NotAllowed):
    """The officer would write what they may not read."""

    code = "marking-above-clearance"
    sentence = gettext_noop(
        "You are cleared up to %(clearance)s; %(tlp)s is above that, and you could not read it again."
    )


class OverseerNotApart(NotAllowed):
    """An overseer has another role too."""

    code = "overseer-not-apart"
    sentence = gettext_noop(
        "Whoever oversees this node has no other role on it; ask the operator for an account apart."
    )


class OfficerInactive(NotAllowed):
    """The account is closed."""

    code = "officer-inactive"
    sentence = gettext_noop("This account is closed.")


def may(officer: User, deed: Deed) -> bool:
    """Whether one of the officer's roles allows the deed."""
    held = {Role(role) for role in officer.roles}
    return officer.is_active and bool(held & _MAY[deed]) and not held & _NEVER.get(deed, frozenset())


def require(officer: User, deed: Deed) -> None:
    """Go on only where the officer may; raises RoleMissing, OverseerNotApart, OfficerInactive."""
    if not officer.is_active:
        raise OfficerInactive
    if not may(officer, deed) and deed in _NEVER and any(officer.has_role(role) for role in _MAY[deed]):
        raise OverseerNotApart
    if not may(officer, deed):
        raise RoleMissing(roles=", ".join(sorted(_MAY[deed])))


def require_cleared(officer: User, tlp: Tlp) -> None:
    """Go on only where the officer may read what is so marked; raises MarkingAboveClearance."""
    if tlp.strictness > Tlp(officer.clearance).strictness:
        raise MarkingAboveClearance(clearance=officer.clearance, tlp=str(tlp))
