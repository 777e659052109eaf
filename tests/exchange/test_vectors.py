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
from amana.exchange.versions import SPOKEN

FOLDER = Path(__file__).parent.parent / "vectors"
RELEASED = sorted(FOLDER.glob("v[0-9]*"))
Reader = Callable[[bytes], object]


def loaded(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text(encoding="utf-8"))


def readers(folder: Path) -> dict[str, Reader]:
    """How each file of a folder is read, under that folder's keys."""
    keys = loaded(folder, "keys.json")
    signing = VerifyingKey.from_text(keys["signing"])
    sealing = SealingKey.from_bytes(b64decode(keys["sealing_private"]))
    outer = Outer.from_json(json.loads(keys["outer"]))

    def signing_key(kid: str) -> VerifyingKey | None:
        return signing if kid == signing.kid else None

    def read_one(jws: bytes) -> object:
        return read_message(jws, key_of=signing_key, me=keys["me"], outer=outer, now=parse_instant(keys["now"]))

    return {
        "canonical.json": decode,
        "signed.json": lambda data: verify(data, keys["typ"], signing_key),
        "sealed.json": lambda data: open_sealed(data, lambda kid: sealing if kid == sealing.kid else None),
        "cards.json": read_card,
        "messages.json": read_one,
    }


def cases(folder: Path) -> list[Any]:
    return [
        pytest.param(read, case["data"], case["code"], id=f"{folder.name}/{name}: {case['name']}")
        for name, read in readers(folder).items()
        for case in loaded(folder, name)
    ]


def judge(read: Reader, data: str, code: str | None) -> None:
    if code is None:
        read(b64decode(data))
        return
    with pytest.raises(AmanaError) as caught:
        read(b64decode(data))
    assert caught.value.code == code


@pytest.mark.parametrize(("read", "data", "code"), cases(FOLDER))
def test_each_vector_is_judged_as_it_says(read: Reader, data: str, code: str | None) -> None:
    judge(read, data, code)


@pytest.mark.parametrize(("read", "data", "code"), [case for folder in RELEASED for case in cases(folder)])
def test_the_vectors_of_every_released_version_are_still_judged_alike(
    read: Reader, data: str, code: str | None
) -> None:
    judge(read, data, code)


def test_each_version_that_a_node_speaks_has_its_vectors() -> None:
    assert {folder.name for folder in RELEASED} == {f"v{version}" for version in SPOKEN}


def test_the_vectors_can_be_made_again_to_the_byte() -> None:
    made: dict[str, str] = runpy.run_path(str(FOLDER / "make.py"))["vectors"]()
    assert set(made) == {path.name for path in FOLDER.glob("*.json")}
    for name, text in made.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text
