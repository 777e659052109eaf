"""What the tables are trained from: `../shared/data/names`, parted by entity.

Invariant: an entity is in the training or in the validation part by a hash of its id, so no validation name is seen in
training; pairs with a name in each part are used by neither. `maroc_arfr` and `lists_xscript` are never read here.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(os.environ.get("NAMES_FOLDER", Path(__file__).parents[3] / "shared" / "data" / "names"))
VALIDATION_TENTHS = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, whether they are the same person's, and how a different one was chosen (hard, share, rand)."""

    a: str
    b: str
    same: bool
    kind: str


@dataclass(frozen=True, slots=True)
class Entity:
    """An entity of the lists with all its names."""

    id: str
    source: str  # ofac, or ep: and a parliament
    type: str  # person, org, vessel
    region: str
    names: tuple[str, ...]


def lexicon(name: str) -> list[tuple[str, str]]:
    """(Arabic, Latin) tokens of `train/NAME.tsv`, in order of the file."""
    lines = (ROOT / "train" / f"{name}.tsv").read_text("utf-8").splitlines()
    return [(arabic, latin) for arabic, latin in (line.split("\t") for line in lines)]


def pairs(name: str) -> list[Pair]:
    """All labelled pairs of `dev/NAME.tsv`."""
    lines = (ROOT / "dev" / f"{name}.tsv").read_text("utf-8").splitlines()[1:]
    return [Pair(a, b, same == "1", kind) for a, b, same, kind in (line.split("\t") for line in lines)]


@cache
def entities() -> tuple[Entity, ...]:
    """The entities of the lists."""
    found = []
    for line in gzip.decompress((ROOT / "dev" / "entities.jsonl.gz").read_bytes()).decode().splitlines():
        data = json.loads(line)
        found.append(
            Entity(data["id"], data["source"], data["type"], data["region"], tuple(name for name, _ in data["names"]))
        )
    return tuple(found)


def is_validation(entity: str) -> bool:
    """Whether an entity belongs to the part that is kept away."""
    return zlib.crc32(entity.encode()) % 10 < VALIDATION_TENTHS


@cache
def _validation_names() -> dict[str, bool]:
    parts: dict[str, bool] = {}
    for entity in entities():
        for name in entity.names:
            parts[name] = parts.get(name, False) or is_validation(entity.id)
    return parts


def part(name: str, *, validation: bool) -> Iterator[Pair]:
    """The pairs of a list with both names in the one part."""
    parts = _validation_names()
    for pair in pairs(name):
        if parts[pair.a] == parts[pair.b] == validation:
            yield pair


def unseen(name: str) -> Iterator[Pair]:
    """The pairs of a list that can measure: same pairs of the validation part, different ones with a name in it."""
    parts = _validation_names()
    for pair in pairs(name):
        kept_away = parts[pair.a] + parts[pair.b]
        if kept_away == 2 or (kept_away and not pair.same):
            yield pair
