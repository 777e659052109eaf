"""Changing accounts: other roles, another clearance, a new password, closed and opened again.

Invariant: the node keeps an open account of an operator and, once it has one, of an overseer; whatever is changed
stands in the log with who changed it and why. A closed account keeps its name, so the log stays readable.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from amana.domain.errors import Conflict, gettext_noop
from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role
from amana.records.models import User
from amana.services.journal import Act, record
from amana.services.people import OfficerUnknown, set_password
from amana.services.rights import Deed, require

KEPT = (Role.OPERATOR, Role.OVERSEER)


class AccountLast(Conflict):
    """The change would leave the node without an operator or an overseer."""

    code = "account-last"
    sentence = gettext_noop(
        "“%(name)s” is the last open account with the role %(role)s; give it to somebody else first."
    )


@transaction.atomic
def change_account(
    name: str, *, roles: Sequence[Role] | None = None, clearance: Tlp | None = None, reason: str, by: User
) -> User:
    """Give an account other roles, or another clearance. Raises OfficerUnknown, AccountLast, RoleMissing."""
    officer, before = _to_change(name, by=by)
    if roles is not None:
        officer.roles = sorted(set(map(str, roles)))
    if clearance is not None:
        officer.clearance = str(clearance)
    _require_kept(officer, before)
    officer.save(update_fields=["roles", "clearance"])
    details = [("roles", " ".join(officer.roles)), ("clearance", officer.clearance)]
    _note("officer-changed", officer, reason=reason, details=details, by=by)
    return officer


@transaction.atomic
def close_account(name: str, *, reason: str, by: User) -> User:
    """Close an account: it signs in and acts no more, from this moment. Raises what `change_account` raises."""
    officer, before = _to_change(name, by=by)
    officer.is_active = False
    _require_kept(officer, before)
    officer.save(update_fields=["is_active"])
    _note("officer-closed", officer, reason=reason, by=by)
    return officer


@transaction.atomic
def reopen_account(name: str, *, reason: str, by: User) -> User:
    """Open a closed account again, with the roles that it had. Raises OfficerUnknown, RoleMissing."""
    officer, _ = _to_change(name, by=by)
    officer.is_active = True
    officer.save(update_fields=["is_active"])
    _note("officer-reopened", officer, reason=reason, by=by)
    return officer


@transaction.atomic
def replace_password(name: str, password: str, *, reason: str, by: User) -> User:
    """Give an account a new password; whoever is signed in under it is signed out.

    Raises PasswordWeak, OfficerUnknown, RoleMissing.
    """
    officer, _ = _to_change(name, by=by)
    set_password(officer, password)
    officer.save(update_fields=["password"])
    _note("officer-password-replaced", officer, reason=reason, by=by)
    return officer


def _to_change(name: str, *, by: User) -> tuple[User, set[Role]]:
    """The account, and which of the kept roles it holds open now; all accounts are locked until the change is done."""
    require(by, Deed.MANAGE_PEOPLE)
    everyone = list(User.objects.select_for_update(no_key=True).order_by("pk"))
    officer = next((one for one in everyone if one.username == name), None)
    if officer is None:
        raise OfficerUnknown(name=name)
    return officer, {role for role in KEPT if officer.is_active and officer.has_role(role)}


def _require_kept(officer: User, before: set[Role]) -> None:
    others = list(User.objects.filter(is_active=True).exclude(pk=officer.pk))
    for role in sorted(before):
        still = officer.is_active and officer.has_role(role)
        if not still and not any(one.has_role(role) for one in others):
            raise AccountLast(name=officer.username, role=str(role))


def _note(verb: str, officer: User, *, reason: str, details: Sequence[tuple[str, str]] = (), by: User) -> None:
    subject = f"officer:{officer.username}"
    record(Act.ADMINISTRATION, verb, subject, by=by.username, reason=reason, details=list(details))
