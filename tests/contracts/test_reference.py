"""What exists is documented, and what is documented exists: settings, errors, commands, variables."""

from __future__ import annotations

import re

import pytest

from tests.contracts.tree import ROOT, files, named, text_of

DOCS = ROOT / "docs"
MEND = "run `make reference` and commit what it writes"


def first_cells(page: str) -> set[str]:
    """The codes in the first column of a page's table."""
    return set(re.findall(r"^\| `([^`]+)` \|", (DOCS / page).read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("page", ["settings.md", "errors.md", "cli.md"])
def test_a_reference_page_is_as_the_code_writes_it(page: str) -> None:
    from tools.reference import PAGES

    assert (DOCS / page).read_text(encoding="utf-8") == PAGES[page](), MEND


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    from amana.config.node_settings import NodeSettings

    assert first_cells("settings.md") == {f"AMANA_{name.upper()}" for name in NodeSettings.model_fields}, MEND


def test_every_setting_says_what_it_does() -> None:
    from amana.config.node_settings import NodeSettings

    silent = [name for name, field in NodeSettings.model_fields.items() if not field.description]
    assert not silent, f"settings without a description: {silent}"


def test_every_error_code_is_documented_and_every_documented_code_exists() -> None:
    from tools.reference import errors

    assert first_cells("errors.md") == {kind.code for kind in errors()}, MEND


def test_no_two_errors_share_a_code() -> None:
    from tools.reference import errors

    codes = [kind.code for kind in errors()]
    assert sorted(codes) == sorted(set(codes))


def test_every_error_speaks_one_sentence_of_its_own_and_its_code_is_in_kebab_case() -> None:
    from tools.reference import errors

    for kind in errors():
        assert "sentence" in vars(kind), f"{kind.__qualname__} has a code and no sentence"
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", kind.code), kind.code
        assert kind.sentence[0] in "“%" or kind.sentence[0].isupper(), kind.sentence
        assert kind.sentence.endswith((".", "?", "s")), kind.sentence


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    from tools.reference import commands

    documented = re.findall(r"^##+ `(amana[^`]*)`$", (DOCS / "cli.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert documented == [name for name, _command, _context in commands()], MEND


def test_every_command_reads_as_a_manual() -> None:
    import click

    from tools.reference import commands

    for name, command, _context in commands():
        assert command.help, f"`{name}` has no help"
        silent = [one.name for one in command.params if isinstance(one, click.Option) and not one.help]
        assert not silent, f"`{name}` has options without help: {silent}"


def test_no_page_or_code_names_a_variable_that_nobody_reads() -> None:
    known = first_cells("settings.md")
    known |= {f"{name}_FILE" for name in known}
    for path in files("*.md", "*.py", "*.html", "Makefile", ":!tests"):
        strange = set(re.findall(r"\bAMANA_[A-Z_]*[A-Z]\b", text_of(path))) - known
        assert not strange, f"{named(path)} names {sorted(strange)}"
