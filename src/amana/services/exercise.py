"""Sign-ins of an exercise: known second factors, so that a demo can be entered within a minute.

Invariant: nothing here works on a node that was not made for an exercise; there, a factor is set up by its owner only.
"""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from amana.domain.errors import NotAllowed, gettext_noop
from amana.services.factor_key import lock_secret
from amana.services.journal import Act, record
from amana.services.node import is_exercise
from amana.services.people import find_officer


class NoExercise(NotAllowed):
    """The node was not made for an exercise."""

    code = "node-no-exercise"
    sentence = gettext_noop("This node was not made for an exercise; here everybody sets up their own second factor.")


@transaction.atomic
def enrol(name: str, secret: str) -> None:
    """Give an exercise account an authenticator with this secret and let its password stay.

    `secret` is base32 of 20 bytes. Raises NoExercise, OfficerUnknown.
    """
    if not is_exercise():
        raise NoExercise
    officer = find_officer(name)
    Authenticator.objects.filter(user=officer).delete()
    Authenticator.objects.create(user=officer, type="totp", data={"secret": lock_secret(secret)})
    officer.password_once = False
    officer.save(update_fields=["password_once"])
    record(Act.ADMINISTRATION, "factor-set-up", f"officer:{name}", by="operator", reason="exercise")
