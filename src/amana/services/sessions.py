"""Sessions of people at the node's pages: where each is signed in, and how that ends.

Invariant: a session that is not listed here opens nothing, so what is ended here has ended. Address and device are
kept as long as the session, and no longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, Max, OuterRef
from django.utils import timezone

from amana.domain.errors import NotFound, gettext_noop
from amana.records.models import User
from amana.services.journal import Act, record

SEEN_EVERY = timedelta(minutes=1)
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class SessionUnknown(NotFound):
    """No such session of this person."""

    code = "session-unknown"
    sentence = gettext_noop("There is no such session; it may have ended already.")


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of a request's session: whether it is listed, and whether its person has a second factor."""

    listed: bool
    has_factor: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """One session as pages show it; `here` is the one that asks."""

    number: int
    device: str
    address: str
    since: datetime
    seen_at: datetime
    here: bool


def stand(key: str | None, officer: User) -> Standing:
    """Where a request's session stands, with one query; when it was last seen is written once a minute."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=("totp", "webauthn"))
    row = UserSession.objects.filter(session_key=key or "", user=officer).annotate(factor=Exists(factors)).first()
    if row is None:
        return Standing(listed=False, has_factor=False)
    now = timezone.now()
    if now - row.last_seen_at >= SEEN_EVERY:
        UserSession.objects.filter(pk=row.pk).update(last_seen_at=now)
    return Standing(listed=True, has_factor=bool(row.factor))


def list_seats(officer: User, *, key: str | None = None) -> list[Seat]:
    """Where a person is signed in, the newest first; `key` is that of the session that asks."""
    running = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    rows = UserSession.objects.filter(Exists(running), user=officer).order_by("-last_seen_at", "-pk")
    return [
        Seat(row.pk, device_of(row.user_agent), str(row.ip), row.created_at, row.last_seen_at, row.session_key == key)
        for row in rows
    ]


def last_seen() -> dict[int, datetime]:
    """When each account with a session was last seen, by the account's key."""
    rows = UserSession.objects.values_list("user").annotate(Max("last_seen_at"))
    return dict(rows.order_by("user"))


def device_of(user_agent: str) -> str:
    """A browser and its system as people call them, such as “Firefox · Windows”; empty where neither is known."""
    found = [next((name for sign, name in table if sign in user_agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(name for name in found if name)


@transaction.atomic
def end_own_session(number: int, *, by: User) -> None:
    """End one of one's own sessions. Raises SessionUnknown."""
    row = _row(number, by)
    _end([row.session_key])
    _note(1, by=by)


@transaction.atomic
def end_other_sessions(key: str | None, *, by: User) -> int:
    """End all of one's own sessions but the one that asks; returns how many."""
    keys = list(
        UserSession.objects.filter(user=by).exclude(session_key=key or "").values_list("session_key", flat=True)
    )
    if keys:
        _end(keys)
        _note(len(keys), by=by)
    return len(keys)


def end_sessions(officer: User, *, number: int | None = None) -> int:
    """End a person's sessions, or one of them, in the caller's transaction; returns how many. Raises SessionUnknown."""
    rows = [_row(number, officer)] if number is not None else UserSession.objects.filter(user=officer).order_by("pk")
    keys = [row.session_key for row in rows]
    _end(keys)
    return len(keys)


def follow_session(old: str | None, new: str | None) -> None:
    """A session goes on under a new key."""
    UserSession.objects.filter(session_key=old or "").update(session_key=new or "")


def forget_ended_sessions(*, at: datetime) -> None:
    """Forget sessions that have run out, and where they were."""
    Session.objects.filter(expire_date__lte=at).delete()
    running = Session.objects.filter(session_key=OuterRef("session_key"))
    UserSession.objects.filter(~Exists(running)).delete()


@transaction.atomic
def leave(key: str | None, *, by: User) -> None:
    """A person signs out: the session ends, and the log says so."""
    _end([key or ""])
    record(Act.ADMINISTRATION, "signed-out", f"officer:{by.username}", by=by.username, reason="people's door")


def _row(number: int, officer: User) -> UserSession:
    row = UserSession.objects.filter(pk=number, user=officer).first()
    if row is None:
        raise SessionUnknown
    return row


def _end(keys: list[str]) -> None:
    Session.objects.filter(session_key__in=keys).delete()
    UserSession.objects.filter(session_key__in=keys).delete()


def _note(count: int, *, by: User) -> None:
    record(
        Act.ADMINISTRATION,
        "session-ended",
        f"officer:{by.username}",
        by=by.username,
        reason="own account",
        details=[("sessions", str(count))],
    )
