"""Hit or no hit: two nodes learn whether both hold a subject, and neither shows question or holdings.

Its parts are loaded when first asked for, as libsodium comes with them: write `blind.holder.prepare`.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amana.matching.blind import asker, filter, holder, rounds, voprf

_PARTS = frozenset({"asker", "filter", "holder", "rounds", "voprf"})
__all__ = ["asker", "filter", "holder", "rounds", "voprf"]


def __getattr__(name: str) -> ModuleType:
    if name not in _PARTS:
        raise AttributeError(name)
    return import_module(f"amana.matching.blind.{name}")
