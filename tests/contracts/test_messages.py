"""Every sentence of Amana is said in every language of it: nothing missing, empty, doubtful or misfilled."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from tools.messages import LANGUAGES, PACKAGE, collect

MEND = "run `make messages` and translate what is new"


def catalog(folder: Path, language: str) -> Catalog:
    """A language's sentences."""
    with (folder / "locale" / language / "LC_MESSAGES" / "django.po").open("rb") as file:
        return read_po(file, locale=language)


def forms(text: object) -> tuple[str, ...]:
    """What is said for one thing and for several, where that differs."""
    return tuple(str(one or "") for one in text) if isinstance(text, list | tuple) else (str(text or ""),)


def sentences(found: Catalog) -> dict[tuple[str, ...], Message]:
    """Messages by what is said in English."""
    return {forms(one.id): one for one in found if one.id}


def places(text: str) -> list[str]:
    """The places that a sentence fills."""
    return sorted(re.findall(r"%\(\w+\)[sd]|\{\w*\}", text))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, ...]]:
    """Every sentence that xgettext finds in the code and the templates of now."""
    copy = tmp_path_factory.mktemp("messages") / "amana"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("locale", "built", "__pycache__"))
    collect(copy)
    return set(sentences(catalog(copy, LANGUAGES[0])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_known_to_the_language(language: str, said: set[tuple[str, ...]]) -> None:
    known = set(sentences(catalog(PACKAGE, language)))
    assert not said - known, MEND
    assert not known - said, f"no longer said: {MEND}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated_and_none_is_doubtful(language: str) -> None:
    for ids, message in sentences(catalog(PACKAGE, language)).items():
        assert not message.fuzzy, f"doubtful in {language}: {ids[0]}"
        assert all(forms(message.string)), f"not translated into {language}: {ids[0]}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_fills_the_same_places(language: str) -> None:
    for ids, message in sentences(catalog(PACKAGE, language)).items():
        allowed = [places(one) for one in ids]
        for string in forms(message.string):
            # A plural form for one or two things may say the number in a word.
            fewer = len(ids) > 1 and set(places(string)) <= {place for one in allowed for place in one}
            assert places(string) in allowed or fewer, f"{language}: {ids[0]} → {string}"


def glossary() -> list[list[str]]:
    """The glossary's rows: the word in English and in each language."""
    page = (PACKAGE.parents[1] / "docs" / "glossary.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|\n").split("|")] for line in page.splitlines() if line.startswith("|")
    ]
    return rows[2:]


@pytest.mark.parametrize(("place", "language"), [(1, "de"), (2, "fr"), (3, "ar")])
def test_the_pages_use_the_glossarys_words(place: int, language: str) -> None:
    said = {ids[0]: forms(one.string)[0] for ids, one in sentences(catalog(PACKAGE, language)).items() if len(ids) == 1}
    known = [row for row in glossary() if row[0] in said]
    assert len(known) > 25
    assert {row[0]: row[place] for row in known} == {row[0]: said[row[0]] for row in known}
