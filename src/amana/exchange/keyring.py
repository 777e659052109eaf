"""Which key of a partner's card counts at a time.

Invariant: a key is taken from the partner's card and nowhere else, for its one use, within its window, and never from
the time on from which it counts as compromised.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from amana.domain.errors import NotAllowed, gettext_noop
from amana.exchange.card import Card, CardKey, Use
from amana.exchange.keys import SealingPublicKey, VerifyingKey


class CardWithoutKey(NotAllowed):
    """A card has no valid key for a use at this time."""

    code = "identity-no-key"
    sentence = gettext_noop("The partner's card has no %(use)s key that is valid now; ask for its newest card.")


class KeyCompromised(NotAllowed):
    """A key signed after the time from which it counts as compromised."""

    code = "identity-key-compromised"
    sentence = gettext_noop("The signing key was reported as compromised before this; the message goes to quarantine.")


def signing_key_at(card: Card, kid: str, at: datetime) -> VerifyingKey | None:
    """The partner's key that may sign messages at this time; None where the card has none. Raises KeyCompromised."""
    return _verifying_key_at(card, Use.SIGNING, kid, at)


def signing_key_then(card: Card, kid: str, *, signed: datetime, now: datetime) -> VerifyingKey | None:
    """The key that may have signed something kept since then; None where the card has none. Raises KeyCompromised.

    Whoever holds a compromised key can write any date: from the report on, nothing under it is proved by its date.
    """
    for key in card.keys:
        if key.use is Use.SIGNING and key.kid == kid and key.compromised_at(now):
            raise KeyCompromised
    return signing_key_at(card, kid, signed)


def checkpoint_key_at(card: Card, kid: str, at: datetime) -> VerifyingKey | None:
    """The partner's key that may sign checkpoints at this time; None where there is none. Raises KeyCompromised."""
    return _verifying_key_at(card, Use.CHECKPOINT, kid, at)


def _verifying_key_at(card: Card, use: Use, kid: str, at: datetime) -> VerifyingKey | None:
    for key in card.keys:
        if key.use is use and key.kid == kid:
            if key.compromised_at(at):
                raise KeyCompromised
            return _verifying_key(key.public) if key.valid_at(at) else None
    return None


def sealing_key_at(card: Card, at: datetime) -> SealingPublicKey:
    """The partner's newest key to which a message may be sealed at this time; raises CardWithoutKey."""
    return _sealing_key(_newest(card, Use.SEALING, at).public)


def newest_checkpoint_key(card: Card, at: datetime) -> VerifyingKey:
    """The key that signs a node's checkpoints at this time; raises CardWithoutKey."""
    return _verifying_key(_newest(card, Use.CHECKPOINT, at).public)


# A link uses the same few keys for every message, and loading one takes as long as using it.
@lru_cache(maxsize=256)
def _verifying_key(public: str) -> VerifyingKey:
    return VerifyingKey.from_text(public)


@lru_cache(maxsize=256)
def _sealing_key(public: str) -> SealingPublicKey:
    return SealingPublicKey.from_text(public)


def _newest(card: Card, use: Use, at: datetime) -> CardKey:
    valid = [key for key in card.keys if key.use is use and key.valid_at(at)]
    if not valid:
        raise CardWithoutKey(use=str(use))
    return max(valid, key=lambda key: key.not_before)
