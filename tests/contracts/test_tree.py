"""What the tree may not hold, and what every file of it must: names of machines and hosts, docstrings, true maps."""

from __future__ import annotations

import ast
import re

import pytest

from tests.contracts.tree import ROOT, files, named, text_of

# Put together from parts, so that this file does not hold what it looks for.
HOSTS = re.compile(
    "|".join(
        (r"registry\.npm" + r"js\.org", r"files\.python" + r"hosted\.org", r"py" + r"pi\.org/", r"/simp" + r"le/?$")
    )
)
MACHINE = re.compile(r"(^|[^A-Za-z0-9_.-])/(home|root|" + r"work|farm)/[a-z]", re.MULTILINE)
LOCKS = ("requirements.txt", "requirements-dev.txt", "package-lock.json")


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [named(path) for path in files() if MACHINE.search(text_of(path))]
    assert not found


def test_no_file_names_a_host_that_packages_come_from() -> None:
    found = [named(path) for path in files() if HOSTS.search(text_of(path))]
    assert not found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in re.sub(r'"url": "https?://[^"]+"', "", text), "a lock must not say where packages come from"
    if lock.endswith(".txt"):
        pins = re.findall(r"^([a-z0-9._-]+(?:\[[a-z0-9,-]+\])?)==(\S+)(.*)$", text, re.MULTILINE)
        bare = [name for name, _version, rest in pins if not rest.rstrip().endswith("\\")]
        assert pins
        assert not bare, f"without a hash: {bare}"
    else:
        assert text.count('"integrity": "sha512-') == text.count('"version": ') - text.count('"link": true')


def test_no_lock_stands_in_the_way_of_rows_that_only_refer_to_what_is_locked() -> None:
    """On PostgreSQL a plain lock and a foreign key to its row can wait for each other for ever."""
    found = [named(path) for path in files("src/*.py") if "select_for_update()" in text_of(path)]
    assert not found, "take select_for_update(no_key=True)"


def test_every_module_opens_with_what_it_is() -> None:
    silent = []
    for path in files("*.py"):
        source = text_of(path)
        if source.strip() and not ast.get_docstring(ast.parse(source)) and "migrations" not in path.parts:
            silent.append(named(path))
    assert not silent


def test_the_map_names_only_places_that_exist() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|")]
    places = {place for row in rows for place in re.findall(r"`((?:[\w.-]+/)+[\w.*-]*|[\w-]+\.(?:md|toml|py))`", row)}
    assert places, "ARCHITECTURE.md has no table with places in it"

    def there(place: str) -> bool:
        return any(next(base.glob(place.rstrip("/")), None) is not None for base in (ROOT, ROOT / "src" / "amana"))

    missing = sorted(place for place in places if not there(place))
    assert not missing, f"ARCHITECTURE.md names what is not there: {missing}"


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_a_link_between_pages_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", (ROOT / page).read_text(encoding="utf-8"))
    missing = [link for link in links if not (ROOT / link).exists()]
    assert not missing


def test_every_target_that_a_page_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for path in files("*.md", "*.py", ".ci/*"):
        strange = set(re.findall(r"`make ([a-z-]+)", text_of(path))) - targets
        assert not strange, f"{named(path)} names {sorted(strange)}"
