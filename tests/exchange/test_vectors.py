"""The vectors beside `tests/vectors/make.py`: regenerable to the byte, and each judged as it says."""

from __future__ import annotations

import json
import runpy
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from amana.domain.errors import AmanaError
from amana.domain.times import parse_instant
from amana.exchange.canonical import decode
from amana.exchange.card import read_card
from amana.exchange.envelope import Outer, open_sealed, verify
from amana.exchange.keys import SealingKey, VerifyingKey
from amana.exchange.protocol import read_message

FOLDER = Path(__file__).parent.parent / "vectors"
KEYS: dict[str, str] = json.loads((FOLDER / "keys.json").read_text(encoding="utf-8"))
SIGNING = VerifyingKey.from_text(KEYS["signing"])
SEALING = SealingKey.from_bytes(b64decode(KEYS["sealing_private"]))


def signing_key(kid: str) -> VerifyingKey | None:
    return SIGNING if kid == SIGNING.kid else None


def read_one(jws: bytes) -> object:
    outer = Outer.from_json(json.loads(KEYS["outer"]))
    return read_message(jws, key_of=signing_key, me=KEYS["me"], outer=outer, now=parse_instant(KEYS["now"]))


READERS: dict[str, Callable[[bytes], object]] = {
    "canonical.json": decode,
    "signed.json": lambda data: verify(data, KEYS["typ"], signing_key),
    "sealed.json": lambda data: open_sealed(data, lambda kid: SEALING if kid == SEALING.kid else None),
    "cards.json": read_card,
    "messages.json": read_one,
}


def cases() -> list[Any]:
    return [
        pytest.param(name, case["data"], case["code"], id=f"{name}: {case['name']}")
        for name in READERS
        for case in json.loads((FOLDER / name).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("name", "data", "code"), cases())
def test_each_vector_is_judged_as_it_says(name: str, data: str, code: str | None) -> None:
    if code is None:
        READERS[name](b64decode(data))
        return
    with pytest.raises(AmanaError) as caught:
        READERS[name](b64decode(data))
    assert caught.value.code == code


def test_the_vectors_can_be_made_again_to_the_byte() -> None:
    made: dict[str, str] = runpy.run_path(str(FOLDER / "make.py"))["vectors"]()
    assert set(made) == {path.name for path in FOLDER.glob("*.json")}
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text
