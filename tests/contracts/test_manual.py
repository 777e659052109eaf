"""The manual names what stands on the pages: a picture that is there, and the words of the button in its language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.contracts.tree import ROOT, text_of

MANUAL = ROOT / "docs/manual"
LANGUAGES = ("en", "de")
MOST_BYTES = 60_000
PICTURE = re.compile(r"!\[[^\]]+\]\(([^)]+)\)")
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#][^)]*)\)")
BOLD = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)
BLANK = re.compile(r"%\(\w+\)[sd]")


def words_in(language: str) -> set[str]:
    """Every sentence of the catalogue as a person of this language sees it; English is the key of each."""
    path = ROOT / f"src/amana/locale/{'de' if language == 'en' else language}/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        catalogue = read_po(file)
    said: set[str] = set()
    for message in catalogue:
        words = message.id if language == "en" else message.string
        said.update(str(one or "") for one in (words if isinstance(words, list | tuple) else (words,)))
    return said - {""}


def stands(bold: str, said: set[str]) -> bool:
    """Whether a page says this, with or without a name in place of a blank."""
    if bold in said:
        return True
    return any(
        re.fullmatch(".+".join(map(re.escape, BLANK.split(words))), bold)
        for words in said
        if BLANK.search(words) and len(BLANK.sub("", words).strip()) > 4
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_button_that_the_manual_names_stands_on_a_page(language: str) -> None:
    said = words_in(language)
    bold = {re.sub(r"\s+", " ", words) for words in BOLD.findall(text_of(MANUAL / f"{language}.md"))}
    assert len(bold) > 40
    assert sorted(words for words in bold if not stands(words, said)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_and_page_that_the_manual_names_is_there(language: str) -> None:
    text = text_of(MANUAL / f"{language}.md")
    pictures = PICTURE.findall(text)
    assert pictures
    assert [name for name in pictures if not name.startswith(f"pictures/{language}/")] == []
    for name in [*pictures, *LINK.findall(text)]:
        assert (MANUAL / name.partition("#")[0]).is_file(), name


def test_both_manuals_have_the_same_parts_and_pictures() -> None:
    english, german = (text_of(MANUAL / f"{language}.md") for language in LANGUAGES)
    assert [Path(one).name for one in PICTURE.findall(english)] == [Path(one).name for one in PICTURE.findall(german)]
    assert re.findall(r"^#+", english, re.MULTILINE) == re.findall(r"^#+", german, re.MULTILINE)


def test_the_pictures_are_light_and_each_is_used() -> None:
    used = {
        (path.parent / name).resolve()
        for path in (*(MANUAL / f"{language}.md" for language in LANGUAGES), ROOT / "README.md")
        for name in re.findall(r"\(([^)\s]+\.webp)\)|src=\"([^\"]+\.webp)\"", text_of(path))
        for name in name
        if name
    }
    kept = {path.resolve() for path in MANUAL.rglob("*.webp")}
    assert kept == used
    assert [path.name for path in kept if path.stat().st_size > MOST_BYTES] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_that_the_contents_lead_to_is_there(language: str) -> None:
    text = text_of(MANUAL / f"{language}.md")
    anchors = {
        re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    }
    assert sorted(set(re.findall(r"\]\(#([^)]+)\)", text)) - anchors) == []
