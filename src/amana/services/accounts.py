"""Changing accounts: opened, other roles, closed and opened again, a new password, factors reset, sessions ended.

Invariant: nobody acts alone on an account of equal or higher rank (`rank_of`), nor gives such roles: one officer
proposes and another confirms. The node keeps an open account of an operator and, once it has one, of an overseer.
Whatever is changed stands in the log with who and why, and ends the account's sessions in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, NotAllowed, NotFound, gettext_noop
from amana.domain.handling import Tlp
from amana.domain.viewpoint import Role, rank_of
from amana.records.models import PeopleChange, User
from amana.services import factors, sessions
from amana.services.journal import Act, record
from amana.services.people import (
    OfficerUnknown,
    add_officer,
    find_officer,
    list_officers,
    one_time_password,
    set_password,
)
from amana.services.rights import Deed, require

KEPT = (Role.OPERATOR, Role.OVERSEER)
What = PeopleChange.What


class AccountLast(Conflict):
    """The change would leave the node without an operator or an overseer."""

    code = "account-last"
    sentence = gettext_noop(
        "“%(name)s” is the last open account with the role %(role)s; give it to somebody else first."
    )


class AccountReasonMissing(BadInput):
    """An act on an account needs its reason."""

    code = "account-reason"
    sentence = gettext_noop("Say why, in a few words: it stands in the log, and a second person may have to read it.")


class AccountChangeOpen(Conflict):
    """Another change of the same account waits."""

    code = "account-change-open"
    sentence = gettext_noop("Another change of “%(name)s” waits for its second person; confirm or decline it first.")


class AccountChangeUnknown(NotFound):
    """No such change waits."""

    code = "account-change-unknown"
    sentence = gettext_noop("No such change of an account waits for a second person.")


class AccountSecondPerson(NotAllowed):
    """Whoever proposed a change of an account, or whose account it is, may not confirm it."""

    code = "account-second-person"
    sentence = gettext_noop("You proposed this or it is your own account; another officer must confirm it.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an act: done, with the one-time password if one was made, or waiting for a second person."""

    officer: User
    waiting: PeopleChange | None = None
    password: str = ""


@dataclass(frozen=True, slots=True)
class _Wish:
    what: What
    reason: str
    roles: list[str] | None = None
    clearance: str = ""
    desk: str | None = None
    password: str = ""
    session: int | None = None
    proposed_by: str = ""


@transaction.atomic
def open_account(
    name: str,
    *,
    roles: Sequence[Role],
    clearance: Tlp,
    desk: str = "",
    full_name: str = "",
    password: str = "",
    reason: str,
    by: User,
) -> Outcome:
    """Give a person an account with a password that opens nothing but the page to choose another.

    The first overseer of a node is given by one operator alone; other accounts of the operator's rank or above stay
    closed until a second person confirms. Raises RoleMissing, AccountReasonMissing, OfficerExists, NameUnfit,
    PasswordWeak.
    """
    require(by, Deed.MANAGE_PEOPLE)
    given = password or one_time_password()
    first_watch = set(roles) == {Role.OVERSEER} and not _others_with(Role.OVERSEER)
    alone = rank_of(roles) < by.rank() or first_watch
    if not reason.strip():
        raise AccountReasonMissing
    officer = add_officer(
        name=name, password=given, roles=roles, clearance=clearance, desk=desk, full_name=full_name,
        password_once=True, is_open=alone, reason=reason, by=by.username,
    )  # fmt: skip
    if alone:
        return Outcome(officer, password="" if password else given)
    wish = _Wish(What.OPEN, reason)
    return Outcome(officer, waiting=_propose(officer, wish, by=by), password="" if password else given)


def change_account(
    name: str,
    *,
    roles: Sequence[Role] | None = None,
    clearance: Tlp | None = None,
    desk: str | None = None,
    reason: str,
    by: User,
) -> Outcome:
    """Give an account other roles, another clearance or desk. Raises OfficerUnknown, AccountLast, RoleMissing."""
    wanted = sorted(set(map(str, roles))) if roles is not None else None
    return _act(name, _Wish(What.CHANGE, reason, wanted, str(clearance or ""), desk), by=by)


def close_account(name: str, *, reason: str, by: User) -> Outcome:
    """Close an account: it signs in and acts no more, from this moment. Raises what `change_account` raises."""
    return _act(name, _Wish(What.CLOSE, reason), by=by)


def reopen_account(name: str, *, reason: str, by: User) -> Outcome:
    """Open a closed account again, with the roles that it had. Raises OfficerUnknown, RoleMissing."""
    return _act(name, _Wish(What.REOPEN, reason), by=by)


def replace_password(name: str, password: str = "", *, reason: str, by: User) -> Outcome:
    """Give an account a password for one sign-in, at which its owner chooses another.

    Where a second person must confirm it is made then, whatever was given. Raises PasswordWeak, OfficerUnknown,
    RoleMissing.
    """
    return _act(name, _Wish(What.PASSWORD, reason, password=password), by=by)


def reset_factors(name: str, *, reason: str, by: User) -> Outcome:
    """Take away a person's second factors; the next sign-in sets up new ones. Raises OfficerUnknown, RoleMissing."""
    return _act(name, _Wish(What.FACTORS, reason), by=by)


def end_account_sessions(name: str, *, session: int | None = None, reason: str, by: User) -> Outcome:
    """End a person's sessions, or the one named. Raises OfficerUnknown, SessionUnknown, RoleMissing."""
    return _act(name, _Wish(What.SESSIONS, reason, session=session), by=by)


def list_waiting(*, by: User) -> list[PeopleChange]:
    """Changes of accounts that wait for a second person, oldest first. Raises RoleMissing."""
    require(by, Deed.CONFIRM_PEOPLE)
    rows = PeopleChange.objects.filter(state=PeopleChange.State.OPEN).select_related("officer")
    return list(rows.order_by("proposed_at", "pk"))


@transaction.atomic
def confirm_change(number: int, *, by: User) -> Outcome:
    """Carry out what another officer proposed for an account.

    Raises AccountChangeUnknown, AccountSecondPerson, AccountLast, RoleMissing.
    """
    require(by, Deed.CONFIRM_PEOPLE)
    everyone = _everyone()
    change = _decided(number, PeopleChange.State.CONFIRMED, by=by)
    if by.username in (change.proposed_by, change.officer.username):
        raise AccountSecondPerson
    officer = next(one for one in everyone if one.pk == change.officer_id)
    what = What(change.what)
    wish = _Wish(what, change.reason, change.roles, change.clearance, change.desk, proposed_by=change.proposed_by)
    return _carry_out(officer, wish, by=by)


@transaction.atomic
def decline_account_change(number: int, *, by: User) -> PeopleChange:
    """Drop what was proposed for an account; whoever proposed it may drop it too. Raises AccountChangeUnknown."""
    require(by, Deed.CONFIRM_PEOPLE)
    _everyone()
    change = _decided(number, PeopleChange.State.DECLINED, by=by)
    details = [("what", str(change.what)), ("proposed-by", change.proposed_by)]
    _note("officer-change-declined", change.officer, reason=change.reason, details=details, by=by)
    return change


def waiting_for(officer: User) -> PeopleChange | None:
    """The change of an account that waits for a second person, if there is one."""
    return PeopleChange.objects.filter(officer=officer, state=PeopleChange.State.OPEN).first()


@dataclass(frozen=True, slots=True)
class Account:
    """An account in the list of all: how many factors it has, and when it was last seen signed in."""

    officer: User
    factors: int
    seen_at: datetime | None


def list_accounts(*, by: User) -> list[Account]:
    """All accounts with their factors and when they were seen, by name. Raises RoleMissing."""
    everyone = list_officers(by=by)
    strong, seen = factors.count_factors(), sessions.last_seen()
    return [Account(one, strong.get(one.pk, 0), seen.get(one.pk)) for one in everyone]


def show_factors(name: str, *, by: User) -> list[factors.Factor]:
    """What second factors a person has, without any secret. Raises OfficerUnknown, RoleMissing."""
    require(by, Deed.MANAGE_PEOPLE)
    return factors.factors_of(find_officer(name))


def show_sessions(name: str, *, by: User) -> list[sessions.Seat]:
    """Where a person is signed in. Raises OfficerUnknown, RoleMissing."""
    require(by, Deed.MANAGE_PEOPLE)
    return sessions.list_seats(find_officer(name))


def needs_second_person(officer: User, *, by: User) -> bool:
    """Whether this officer cannot act alone on the account."""
    return officer.rank() >= by.rank()


@transaction.atomic
def _act(name: str, wish: _Wish, *, by: User) -> Outcome:
    """Carry out a wish at once, or write it down for a second person; all accounts are locked meanwhile."""
    require(by, Deed.MANAGE_PEOPLE)
    if not wish.reason.strip():
        raise AccountReasonMissing
    officer = next((one for one in _everyone() if one.username == name), None)
    if officer is None:
        raise OfficerUnknown(name=name)
    given = rank_of(Role(role) for role in wish.roles or ())
    if max(officer.rank(), given) >= by.rank():
        _require_possible(officer, wish)
        return Outcome(officer, waiting=_propose(officer, wish, by=by))
    return _carry_out(officer, wish, by=by)


def _everyone() -> list[User]:
    return list(User.objects.select_for_update(no_key=True).order_by("pk"))


def _propose(officer: User, wish: _Wish, *, by: User) -> PeopleChange:
    """Write a wish down. Raises AccountChangeOpen."""
    if PeopleChange.objects.filter(officer=officer, state=PeopleChange.State.OPEN).exists():
        raise AccountChangeOpen(name=officer.username)
    details = [("what", str(wish.what)), *_wished(wish)]
    _note("officer-change-proposed", officer, reason=wish.reason, details=details, by=by)
    return PeopleChange.objects.create(
        officer=officer, what=wish.what, roles=wish.roles, clearance=wish.clearance, desk=wish.desk,
        reason=wish.reason, proposed_by=by.username, proposed_at=timezone.now(),
    )  # fmt: skip


def _decided(number: int, state: PeopleChange.State, *, by: User) -> PeopleChange:
    change = PeopleChange.objects.filter(pk=number, state=PeopleChange.State.OPEN).select_related("officer").first()
    if change is None or not PeopleChange.objects.filter(pk=number, state=PeopleChange.State.OPEN).update(
        state=state, decided_by=by.username, decided_at=timezone.now()
    ):
        raise AccountChangeUnknown
    return change


def _carry_out(officer: User, wish: _Wish, *, by: User) -> Outcome:
    """Do it, end the sessions that stood on what was before, and write one entry."""
    before = {role for role in KEPT if officer.is_active and officer.has_role(role)}
    password = wish.password
    if wish.what == What.PASSWORD:
        password = password or one_time_password()
        set_password(officer, password)
        officer.password_once = True
    _apply(officer, wish)
    _require_kept(officer, before)
    officer.save(update_fields=["roles", "clearance", "desk", "is_active", "password", "password_once"])
    removed = factors.remove_all(officer) if wish.what == What.FACTORS else 0
    ended = sessions.end_sessions(officer, number=wish.session)
    details = [*_wished(wish), *([("factors", str(removed))] if wish.what == What.FACTORS else [])]
    details += [("sessions", str(ended))] if ended else []
    details += [("proposed-by", wish.proposed_by)] if wish.proposed_by else []
    _note(_VERBS[wish.what], officer, reason=wish.reason, details=details, by=by)
    made = password if wish.what == What.PASSWORD and not wish.password else ""
    return Outcome(officer, password=made)


def _apply(officer: User, wish: _Wish) -> None:
    if wish.what == What.CHANGE:
        officer.roles = wish.roles if wish.roles is not None else officer.roles
        officer.clearance = wish.clearance or officer.clearance
        officer.desk = wish.desk if wish.desk is not None else officer.desk
    if wish.what == What.CLOSE:
        officer.is_active = False
    if wish.what in (What.REOPEN, What.OPEN):
        officer.is_active = True


def _require_possible(officer: User, wish: _Wish) -> None:
    """Refuse to propose what could not be carried out. Raises AccountLast."""
    before = {role for role in KEPT if officer.is_active and officer.has_role(role)}
    tried = User(pk=officer.pk, username=officer.username, roles=officer.roles, is_active=officer.is_active)
    _apply(tried, wish)
    _require_kept(tried, before)


def _require_kept(officer: User, before: set[Role]) -> None:
    for role in sorted(before):
        still = officer.is_active and officer.has_role(role)
        if not still and not _others_with(role, but=officer):
            raise AccountLast(name=officer.username, role=str(role))


def _others_with(role: Role, *, but: User | None = None) -> bool:
    others = User.objects.filter(is_active=True)
    return any(one.has_role(role) for one in others if but is None or one.pk != but.pk)


_VERBS: dict[What, str] = {
    What.OPEN: "officer-opened",
    What.CHANGE: "officer-changed",
    What.CLOSE: "officer-closed",
    What.REOPEN: "officer-reopened",
    What.PASSWORD: "officer-password-replaced",
    What.FACTORS: "factor-reset",
    What.SESSIONS: "session-ended",
}


def _wished(wish: _Wish) -> list[tuple[str, str]]:
    words = [("roles", " ".join(wish.roles or [])), ("clearance", wish.clearance)]
    return [pair for pair in words if pair[1]]


def _note(verb: str, officer: User, *, reason: str, details: Sequence[tuple[str, str]] = (), by: User) -> None:
    subject = f"officer:{officer.username}"
    record(Act.ADMINISTRATION, verb, subject, by=by.username, reason=reason, details=list(details))
