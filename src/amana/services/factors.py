"""Second factors of people: what each has, what of them is written into the log, and how they are taken away.

Invariant: nobody removes their own last factor, and no function here tells or makes a code. A person's secrets leave
this room for that person's own page only, at the moment they are made.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Count

from amana.domain.errors import Conflict, gettext_noop
from amana.records.models import User
from amana.services.journal import Act, record


class FactorLast(Conflict):
    """The factor is a person's only one."""

    code = "factor-last"
    sentence = gettext_noop("This is your only second factor; set up another before you remove it.")


KINDS = ("totp", "webauthn", "recovery_codes")
_WORDS = {"totp": "authenticator", "webauthn": "key", "recovery_codes": "recovery-codes"}
_STANDS = ("totp", "webauthn")


@dataclass(frozen=True, slots=True)
class Factor:
    """One factor as pages and commands show it; `left` counts unused recovery codes, of which 10 are made."""

    number: int
    kind: str
    name: str
    since: datetime
    used_at: datetime | None
    left: int | None


def factors_of(officer: User) -> list[Factor]:
    """What a person has set up: the authenticator, keys, recovery codes."""
    rows = Authenticator.objects.filter(user=officer).order_by("created_at", "pk")
    return sorted((_factor(row) for row in rows), key=lambda one: KINDS.index(one.kind))


def _factor(row: Authenticator) -> Factor:
    name = str(row.data.get("name", "")) if row.type == "webauthn" else ""
    left = 10 - int(row.data["used_mask"]).bit_count() if row.type == "recovery_codes" else None
    return Factor(row.pk, str(row.type), name, row.created_at, row.last_used_at, left)


def has_factor(officer: User) -> bool:
    """Whether a person has a factor that asks at the door: an authenticator or a key; codes alone are none."""
    return bool(Authenticator.objects.filter(user=officer, type__in=_STANDS).exists())


def count_factors() -> dict[int, int]:
    """How many factors that ask at the door each account has, by the account's key."""
    rows = Authenticator.objects.filter(type__in=_STANDS).values_list("user").annotate(Count("pk"))
    return dict(rows.order_by("user"))


def is_last(officer: User, number: int) -> bool:
    """Whether this is the only factor that a person has."""
    return not Authenticator.objects.filter(user=officer, type__in=_STANDS).exclude(pk=number).exists()


def require_another(number: int, *, by: User) -> None:
    """Go on only where another factor is left; the account is locked until the transaction ends. Raises FactorLast."""
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    if is_last(by, number):
        raise FactorLast


def remove_all(officer: User) -> int:
    """Take away everything a person has set up, in the caller's transaction; returns how many factors that were."""
    count = int(Authenticator.objects.filter(user=officer, type__in=_STANDS).count())
    Authenticator.objects.filter(user=officer).delete()
    return count


@transaction.atomic
def note_set_up(kind: str, *, by: User) -> None:
    """Write into the log that a person has set up a factor."""
    record(Act.ADMINISTRATION, "factor-set-up", f"officer:{by.username}", by=by.username, reason=_WORDS[kind])


@transaction.atomic
def note_removed(kind: str, *, by: User) -> None:
    """Write into the log that a person has removed one of their own factors."""
    record(Act.ADMINISTRATION, "factor-removed", f"officer:{by.username}", by=by.username, reason=_WORDS[kind])


@transaction.atomic
def note_codes_renewed(*, by: User) -> None:
    """Write into the log that a person has made new recovery codes; the old ones are void."""
    verb = "recovery-codes-renewed"
    record(Act.ADMINISTRATION, verb, f"officer:{by.username}", by=by.username, reason="own account")


@transaction.atomic
def note_code_used(*, by: User) -> None:
    """Write into the log that a person came in by a recovery code."""
    left = next((one.left for one in factors_of(by) if one.left is not None), 0)
    record(
        Act.ADMINISTRATION,
        "recovery-code-used",
        f"officer:{by.username}",
        by=by.username,
        reason="people's door",
        details=[("left", str(left))],
    )
