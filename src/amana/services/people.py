"""People of this node: adding, finding, their passwords, and the viewpoint from which they read.

Invariant: a password that somebody else chose is marked so and opens only the page to choose another.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from secrets import choice

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.domain.handling import Purpose, Tlp
from amana.domain.viewpoint import Role, Viewpoint
from amana.records.models import User
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.rights import Deed, may, require

__all__ = [
    "User",
    "add_officer",
    "choose_language",
    "choose_password",
    "find_officer",
    "list_officers",
    "note_failure",
    "note_sign_in",
    "one_time_password",
    "set_password",
    "viewpoint_of",
    "who_adds",
]


class OfficerUnknown(NotFound):
    """Nobody of that name has an account here."""

    code = "officer-unknown"
    sentence = gettext_noop("Nobody called “%(name)s” has an account on this node.")


class OfficerExists(Conflict):
    """The name is taken."""

    code = "officer-exists"
    sentence = gettext_noop("There is already an account called “%(name)s”.")


class NameUnfit(BadInput):
    """The name cannot be typed, said and written into an address."""

    code = "officer-name"
    sentence = gettext_noop("A name has 2 to 40 letters, digits, dots and hyphens, and begins with a letter or digit.")


class OperatorUnnamed(NotAllowed):
    """The node has an operator, and nobody was named."""

    code = "officer-operator-unnamed"
    sentence = gettext_noop("This node has an operator, who alone gives accounts; name one with “amana --as NAME”.")


class PasswordWrong(BadInput):
    """The password given is not the account's."""

    code = "password-wrong"
    sentence = gettext_noop("This is not your present password. Nothing was changed.")


class PasswordSame(BadInput):
    """The new password is the old one."""

    code = "password-same"
    sentence = gettext_noop("Choose a password other than the present one.")


class PasswordWeak(BadInput):
    """The password does not meet the rules."""

    code = "password-weak"
    sentence = gettext_noop("The password needs at least 12 characters and must not be common or like the name.")


_NAME = re.compile(r"\w[\w.-]{1,39}")
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


def one_time_password() -> str:
    """A password to be handed over and changed at the first sign-in: three groups of five signs, 74 bits."""
    return "-".join("".join(choice(_LETTERS) for _sign in range(5)) for _group in range(3))


def find_officer(name: str) -> User:
    """The officer of that name; raises OfficerUnknown."""
    officer = User.objects.filter(username=name).first()
    if officer is None:
        raise OfficerUnknown(name=name)
    return officer


def list_officers(*, by: User | None) -> list[User]:
    """All accounts, for the operator; `by` is None only for the shell of the machine itself."""
    if by is not None:
        require(by, Deed.MANAGE_PEOPLE)
    return list(User.objects.order_by("username"))


def who_adds(name: str) -> User | None:
    """Who gives a new account: an operator, or nobody but the machine's own shell while the node has none yet.

    Raises OperatorUnnamed, OfficerUnknown, and RoleMissing or OfficerInactive for whoever may not give accounts.
    """
    if name:
        officer = find_officer(name)
        require(officer, Deed.MANAGE_PEOPLE)
        return officer
    if any(may(one, Deed.MANAGE_PEOPLE) for one in User.objects.filter(is_active=True)):
        raise OperatorUnnamed
    return None


@transaction.atomic
def add_officer(
    *,
    name: str,
    password: str,
    roles: Sequence[Role],
    clearance: Tlp,
    desk: str = "",
    full_name: str = "",
    password_once: bool = False,
    is_open: bool = True,
    reason: str = "account",
    by: str,
) -> User:
    """Write an account down; who may is asked by `open_account`. Raises NameUnfit, OfficerExists, PasswordWeak."""
    if not _NAME.fullmatch(name):
        raise NameUnfit
    officer = User(
        username=name,
        roles=sorted(set(map(str, roles))),
        clearance=clearance,
        desk=desk,
        first_name=full_name,
        password_once=password_once,
        is_active=is_open,
    )
    set_password(officer, password)
    try:
        with transaction.atomic():
            officer.save(force_insert=True)
    except IntegrityError as error:
        raise OfficerExists(name=name) from error
    record(
        Act.ADMINISTRATION,
        "officer-added",
        f"officer:{name}",
        by=by,
        reason=reason,
        details=[("roles", " ".join(officer.roles)), ("clearance", officer.clearance)],
    )
    return officer


def set_password(officer: User, password: str) -> None:
    """Let an account that is not yet saved have this password. Raises PasswordWeak."""
    try:
        validate_password(password, officer)
    except ValidationError as error:
        raise PasswordWeak from error
    officer.set_password(password)


@transaction.atomic
def choose_password(old: str, new: str, *, by: User) -> User:
    """Change one's own password. Raises PasswordWrong, PasswordSame, PasswordWeak."""
    officer = User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if not officer.check_password(old):
        raise PasswordWrong
    if old == new:
        raise PasswordSame
    set_password(officer, new)
    officer.password_once = False
    officer.save(update_fields=["password", "password_once"])
    record(Act.ADMINISTRATION, "password-changed", f"officer:{by.username}", by=by.username, reason="own account")
    return officer


@transaction.atomic
def note_sign_in(*, factor: str = "", by: User) -> None:
    """Write into the log that somebody signed in at the people's door, and by which second factor."""
    details = [("factor", factor or "none")]
    record(
        Act.ADMINISTRATION,
        "signed-in",
        f"officer:{by.username}",
        by=by.username,
        reason="people's door",
        details=details,
    )


@transaction.atomic
def note_failure(name: str, *, step: str, stopped: bool = False) -> None:
    """Write into the log that a sign-in failed, and once when no more are taken for a while.

    A name that nobody has is not written: people type passwords there.
    """
    known = User.objects.filter(username__iexact=name).values_list("username", flat=True).first()
    subject = f"officer:{known}" if known else "officer:?"
    verb = "sign-in-stopped" if stopped else "sign-in-failed"
    record(Act.ADMINISTRATION, verb, subject, by="people's door", reason=step)


def choose_language(code: str, *, by: User) -> None:
    """Remember in which language a person reads."""
    User.objects.filter(pk=by.pk).update(language=code)


def viewpoint_of(officer: User, *, purpose: Purpose = Purpose.INVESTIGATION, case: str = "") -> Viewpoint:
    """From where an officer looks; the purpose stands in the log of every read."""
    require(officer, Deed.READ)
    return officer.viewpoint(node=own_node(), purpose=purpose, case=case)
