"""The node's own identity and keys, read from its folder once per process and again when the card changes."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from amana.domain.errors import Unavailable, gettext_noop
from amana.exchange.identity import Card, NodeSecrets, load, read_card
from amana.oversight.checkpoint import COSIGNATURE_KEY, LOG_KEY, VerifierKey


class NodeMissing(Unavailable):
    """The folder holds no node yet."""

    code = "node-missing"
    sentence = gettext_noop("There is no node in this folder yet; make one with “amana init”.")


def holds_node() -> bool:
    """Whether the folder of the settings holds a node that was made to the end."""
    return (keys_folder() / "card.jws").exists()


def home() -> Path:
    """The node's folder."""
    path: Path = settings.AMANA.home
    return path


def keys_folder() -> Path:
    """Where the keys lie."""
    return home() / "keys"


@lru_cache(maxsize=4)
def _card_file(folder: Path) -> Path:
    return folder / "keys" / "card.jws"


@lru_cache(maxsize=4)
def _load(folder: Path, changed: int) -> NodeSecrets:
    return load(folder)


def secrets() -> NodeSecrets:
    """The node's keys and card; raises NodeMissing."""
    try:
        changed = _card_file(home()).stat().st_mtime_ns
    except FileNotFoundError as error:
        raise NodeMissing from error
    return _load(keys_folder(), changed)


def own_card() -> Card:
    """The card that this node shows its partners."""
    return secrets().card


def own_node() -> str:
    """The node's name."""
    return own_card().node


@lru_cache(maxsize=256)
def card_of(jws: str) -> Card:
    """A card that was verified when it was taken in, read again."""
    return read_card(jws)


def log_origin(node: str | None = None) -> str:
    """The name under which a node's log signs its checkpoints."""
    return f"{node or own_node()}.amana/log"


def log_key() -> VerifierKey:
    """The key under which anybody checks this node's checkpoints."""
    return VerifierKey(log_origin(), LOG_KEY, secrets().checkpoint.public.raw)


def witness_key() -> VerifierKey:
    """The key under which partners check our co-signatures."""
    return VerifierKey(witness_name(), COSIGNATURE_KEY, secrets().checkpoint.public.raw)


def witness_name(node: str | None = None) -> str:
    """The name under which a node co-signs the checkpoints of others."""
    return f"{node or own_node()}.amana/witness"
