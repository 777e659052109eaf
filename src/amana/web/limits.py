"""One limit on failed sign-ins, by name and by address, for every step at the door.

Invariant: a right password takes nothing off the count while the second step is still to come, and nobody's success
makes an address fresh for another name.
"""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest

from amana.services.people import note_failure

MOST_BY_NAME = 5
MOST_BY_ADDRESS = 20
FORGET_AFTER_S = 15 * 60


def too_many(request: HttpRequest, name: str) -> bool:
    """Whether this name or this address has to wait."""
    by_name, by_address = _keys(request, name)
    return bool(cache.get(by_name, 0) >= MOST_BY_NAME or cache.get(by_address, 0) >= MOST_BY_ADDRESS)


def count_failure(request: HttpRequest, name: str, *, step: str) -> None:
    """Count a failed attempt, and write it into the log; `step` says at which step of the door."""
    counts = []
    for key in _keys(request, name):
        cache.add(key, 0, FORGET_AFTER_S)
        counts.append(cache.incr(key))
    note_failure(name, step=step)
    if counts[0] == MOST_BY_NAME or counts[1] == MOST_BY_ADDRESS:
        note_failure(name, step=step, stopped=True)


def forget_failures(request: HttpRequest, name: str) -> None:
    """Somebody came in through all steps: their name starts anew."""
    cache.delete(_keys(request, name)[0])


def _keys(request: HttpRequest, name: str) -> tuple[str, str]:
    address = request.META.get("REMOTE_ADDR", "")
    plain = "".join(sign for sign in name.casefold() if sign.isalnum())
    return f"failed-name-{plain}", f"failed-address-{address}"
