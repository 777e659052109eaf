"""“Your first report in ten minutes”, by the buttons that the manual names, between two running nodes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from amana.cli.demo_nodes import DemoNode
from tests.journeys.test_browser import QUIET, enter, problems

pytestmark = pytest.mark.browser
TITLE = "A lorry at Tanger Med, as the manual says"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
        yield found
        found.close()


def test_the_first_report_goes_as_the_manual_says(nodes: tuple[DemoNode, DemoNode], chromium: Browser) -> None:
    rabat, washington = nodes
    alice = enter(chromium, rabat, "alice")
    alice.locator("#rail").get_by_role("link", name="Compose").click()
    alice.get_by_label("Write or paste").fill("Karim Belkadi met Sofia Rahmouni in Casablanca. Call +212 661 234567.")
    alice.get_by_label("Title, if you know it already").fill(TITLE)
    alice.get_by_role("button", name="Begin the draft").click()
    alice.get_by_role("button", name="Accept all").click()
    expect(alice.locator("#people")).to_be_visible()
    for one in alice.locator("select[data-category]").all():
        one.select_option("contact")
    chosen = {
        "source": "B: reliable",
        "information": "2: known",
        "recipients": "washington",
        "crime_areas": "Terrorism",
    }
    for place, choice in chosen.items():
        alice.locator(f"#{place} .choice", has_text=choice).locator("input").check()
    alice.locator("#tlp input[value='TLP:AMBER']").check()
    alice.get_by_role("button", name="Keep the draft", exact=True).first.click()
    expect(alice.locator("#missing")).to_contain_text("Nothing is missing")
    alice.get_by_role("button", name="Propose to a second person").click()
    expect(alice.get_by_text("The report waits for a second person now.")).to_be_visible()

    omar = enter(chromium, rabat, "omar")
    row = omar.locator("#releases li", has_text=TITLE)
    row.get_by_role("link", name="See what leaves").click()
    expect(omar.get_by_role("heading", name="The second person decides")).to_be_visible()
    omar.locator("#decide-reason").fill("It helps the search.")
    omar.get_by_role("button", name="Entrust to washington").click()
    washington.wait(
        lambda: any(one["title"] == TITLE for one in washington.do("inbox", officer="bob")), "the manual's report"
    )
    alice.reload()
    expect(alice.get_by_role("heading", name="Entrusted to")).to_be_visible()
    assert problems(alice) == problems(omar) == []
