"""Templates and styles: nothing inline (the content-security policy forbids it), and no left or right in them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.contracts.tree import files, named, text_of

TEMPLATES = files("src/amana/web/templates/*.html")
STYLES = files("src/amana/web/assets/*.css")
PHYSICAL = re.compile(
    r"(?:^|[\s;{])(?:(?:margin|padding|border)-(?:left|right)|(?:left|right)\s*:|text-align:\s*(?:left|right)|float:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)",
    re.MULTILINE,
)
# Classes of the framework that mean a side; its start and end are to be used.
SIDED = re.compile(r'class="[^"]*\b(?:text-(?:left|right)|float-(?:left|right)|[mp][lr]-\w+)\b')


def test_there_are_templates_and_styles_to_look_at() -> None:
    assert TEMPLATES
    assert STYLES


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_holds_no_script_and_no_style(path: Path) -> None:
    text = text_of(path)
    assert not re.search(r"<style|\sstyle\s*=", text, re.IGNORECASE), "write it into assets/"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text, re.IGNORECASE), "write it into assets/"
    assert not re.search(r"""\son[a-z]+=["']""", text, re.IGNORECASE), "handlers belong into assets/"
    assert "javascript:" not in text.lower()


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_trusts_no_value(path: Path) -> None:
    assert not re.search(r"\|\s*safe\b|\{%\s*autoescape\s+off", text_of(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_template_takes_nothing_from_elsewhere(path: Path) -> None:
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text_of(path), re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_a_form_that_posts_carries_its_token(path: Path) -> None:
    for form in re.findall(r'<form[^>]*method="post".*?</form>', text_of(path), re.IGNORECASE | re.DOTALL):
        assert "{% csrf_token %}" in form


@pytest.mark.parametrize("path", [*STYLES, *TEMPLATES], ids=named)
def test_nothing_is_laid_out_by_left_and_right(path: Path) -> None:
    text = text_of(path)
    assert not PHYSICAL.search(text), PHYSICAL.search(text)
    assert not SIDED.search(text), SIDED.search(text)


def test_every_icon_that_a_template_shows_is_in_the_bundle() -> None:
    bundled = {name for path in files("src/amana/web/assets/icons.txt") for name in text_of(path).split()}
    pattern = r'{%\s*icon\s+"([a-z0-9-]+)"|symbol="([a-z0-9-]+)"'
    shown = {name for path in TEMPLATES for pair in re.findall(pattern, text_of(path)) for name in pair if name}
    assert shown <= bundled, sorted(shown - bundled)


def test_no_room_styles_a_word_of_another_room() -> None:
    bare = re.compile(r"^\.([\w-]+)(?=[\s,]*[{,])", re.MULTILINE)
    owners: dict[str, set[str]] = {}
    for path in STYLES:
        if path.parent.name == "rooms":
            for name in bare.findall(text_of(path)):
                owners.setdefault(name, set()).add(path.stem)
    assert {name: sorted(rooms) for name, rooms in owners.items() if len(rooms) > 1} == {}
