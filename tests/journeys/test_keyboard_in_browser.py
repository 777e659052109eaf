"""By keys alone: in through both steps, the palette, a list and a thing, a draft, the sheet of keys; focus always seen.

Invariant: after every key the focus is on something that can be seen and shows it, never lost to the page's body.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from amana.cli.demo_nodes import DemoNode
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_browser import speak
from tests.journeys.test_story import drawn
from tests.journeys.window import OVER, WIDE, chromium
from tools.door import fresh_code

pytestmark = pytest.mark.browser
# Where the focus is, and whether it can be seen: an outline or a shadow of its own, or of what stands for it.
FOCUS = """
() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return "lost";
  const seen = (part) => {
    const style = getComputedStyle(part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  };
  const box = one.getBoundingClientRect();
  const name = `${one.tagName} ${one.id} ${(one.textContent || "").trim().slice(0, 30)}`;
  if (!box.width || !box.height) return `not to be seen: ${name}`;
  return seen(one) || seen(one.closest("label, tr, li, .thing, .drawer") || one) ? "" : `without a mark: ${name}`;
}
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


class Keys:
    """A keyboard at a page: each key is pressed, and then the focus is looked for."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, *keys: str) -> None:
        """Press keys one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.focused(f"after {key}")

    def focused(self, when: str) -> None:
        """The focus is somewhere, and to be seen."""
        told = self.page.evaluate(FOCUS)
        assert not told, f"{when} at {self.page.url}: {told}"

    def write(self, words: str) -> None:
        """Type words into what has the focus."""
        self.page.keyboard.type(words)

    def tab_to(self, selector: str, most: int = 150) -> None:
        """Walk with Tab until the focus is on what is named."""
        for _step in range(most):
            self.press("Tab")
            if self.page.evaluate("(name) => document.activeElement.matches(name)", selector):
                return
        raise AssertionError(f"Tab does not come to {selector}")


@pytest.fixture(scope="module")
def keys(nodes: tuple[DemoNode, DemoNode], browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Alice, who came in by keys alone: name, password and code; her list of reports has two."""
    rabat, _ = nodes
    for place in ("gate", "quay"):
        drawn(rabat, tmp_path_factory.mktemp(place), f"The lorry waited at the {place} of Casablanca. ")
    page = browser.new_context(locale="en-GB", viewport=WIDE).new_page()  # type: ignore[arg-type]
    page.goto(f"{rabat.address}sign-in/")
    found = Keys(page)
    expect(page.locator("#id_username")).to_be_focused()
    found.focused("at the door")
    found.write("alice")
    found.press("Tab")
    found.write(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#id_code")).to_be_focused()
    found.focused("at the second step")
    found.write(fresh_code(rabat, "alice"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")
    speak(page, "en")  # a test before may have chosen another language for her
    return found


def by_palette(keys: Keys, words: str, address: str) -> None:
    """Go to a page by the palette."""
    page = keys.page
    page.keyboard.press("Control+k")
    expect(page.locator("#palette-words")).to_be_focused()
    keys.focused("in the palette")
    with page.expect_response("**/find/", timeout=10_000):
        keys.write(words)
    chosen = page.locator(f"#palette [role=option][href='{address}']")
    expect(chosen).to_be_visible()
    for _step in range(12):
        if chosen.get_attribute("aria-selected"):
            break
        keys.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{address}")


def test_a_list_is_walked_and_its_thing_opened_and_left_by_keys(keys: Keys) -> None:
    page = keys.page
    by_palette(keys, "reports", "/reports/")
    keys.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    keys.press("j", "j", "k", "j")
    there = page.locator("[data-walk] tbody tr").nth(1).locator("a").first
    expect(there).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r".*/reports/[0-9a-f-]{36}/"))
    expect(page.locator("#thing h1")).to_be_visible()
    expect(page.locator("#thing")).to_be_focused()
    keys.press("Tab", "Tab", "Escape")
    expect(there).to_be_focused()
    keys.press("k")
    expect(page.locator("[data-walk] tbody tr a").first).to_be_focused()


def test_the_sheet_of_keys_opens_and_gives_the_focus_back(nodes: tuple[DemoNode, DemoNode], keys: Keys) -> None:
    page = keys.page
    page.goto(f"{nodes[0].address}reports/")
    keys.press("j", "?")
    expect(page.locator("#keys")).to_be_visible()
    keys.press("Escape")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("[data-walk] tbody tr a").first).to_be_focused()
    page.keyboard.press("g")
    page.keyboard.press("q")
    page.wait_for_url("**/requests/")


def test_a_draft_is_composed_by_keys(nodes: tuple[DemoNode, DemoNode], keys: Keys) -> None:
    page = keys.page
    page.goto(f"{nodes[0].address}desk/")
    page.keyboard.press("n")
    page.wait_for_url("**/compose/")
    keys.tab_to("#id_text")
    keys.write("The coaster met the container BICU1234565 off Agadir. Call +212 661 234577.")
    keys.press("Tab")
    keys.write("A coaster off Agadir")
    keys.tab_to("button.first")
    page.keyboard.press("Enter")
    page.wait_for_url("**/compose/*-*/")
    page.keyboard.press("j")
    expect(page.locator("[data-offer]").first).to_be_focused()
    keys.focused("on the first suggestion")
    many = page.locator("#suggestions .offers li").count()
    page.keyboard.press("Enter")
    expect(page.locator("#suggestions .offers li")).to_have_count(many - 1)
    keys.focused("after a suggestion was accepted")
    page.keyboard.press("x")
    expect(page.locator("#suggestions .offers li")).to_have_count(many - 2)
    keys.focused("after a suggestion was rejected")
    keys.press("Escape")
    expect(page.locator("#text .edit-text summary")).to_be_focused()
    keys.tab_to("#id_as_of")
    keys.tab_to("input[name=recipients]")
    keys.press("Space")
    keys.tab_to("input[name=crime_areas]")
    keys.press("Space")
    keys.tab_to("#id_erase_by")
    keys.tab_to("#marking button[value=keep]")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=recipients]").first).to_be_checked()
    expect(page.locator(".lacks a[href='#recipients'], .lacks a[href='#crime_areas']")).to_have_count(0)
    keys.focused("after the draft was kept")
    assert page.evaluate(OVER) <= 0
