"""The whole story by clicks, between two running nodes, in Arabic and in German: from a dropped file to the log."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from amana.cli.demo_nodes import DemoNode
from tests.journeys.window import Window, chromium

pytestmark = pytest.mark.browser
Nodes = tuple[DemoNode, DemoNode]
NUMBER = re.compile(r"/([0-9a-f-]{36})/")
TEXTS = {
    "ar": "غادرت الحاوية MSKU9070323 ميناء الدار البيضاء في 24 سبتمبر 2026. الهاتف +212 661 234599.",
    "de": "Der Container TCLU4265447 verließ Casablanca am 24. September 2026. Rufnummer +212 661 234588.",
}
# Notes of the person who plays this, which no page may take for its own words.
TITLES = {"ar": "حاوية غادرت الميناء", "de": "Ein Container verließ den Hafen"}
REASONS = {
    "ar": ("تحققت من كل شيء", "السفينة غير الصحيحة"),
    "de": ("Alles nachgesehen", "Es war das falsche Schiff"),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def test_a_page_in_the_wrong_language_is_found(nodes: Nodes, browser: Browser) -> None:
    alice = Window(browser, nodes[0], "alice")
    alice.go("compose/")
    for tongue in ("de", "ar"):
        alice.tongue = tongue  # what is looked for; the page stays English
        assert len(alice.untranslated()) > 5
    alice.clean()


def composed(alice: Window, folder: Path) -> str:
    """A report that Alice makes of a file and proposes; its number."""
    page, tongue = alice.page, alice.tongue
    file = folder / "note.txt"
    file.write_text(TEXTS[tongue] * 2, encoding="utf-8")
    alice.go("compose/")
    alice.look()
    page.locator("#id_file").set_input_files(file)
    page.locator("#id_title").fill(TITLES[tongue])
    alice.button("Begin the draft").click()
    page.wait_for_url("**/compose/*-*/")
    alice.look()
    alice.button("Accept all").click()
    expect(page.locator("#suggestions")).to_have_count(0)
    expect(page.locator("#statements .says li").first).to_be_visible()
    marked(page)
    lacks = page.locator("#missing .lacks li")
    before = lacks.count()
    page.locator("#marking").get_by_role("button", name=alice.say("Keep the draft")).click()
    expect(page.locator(".lacks-none")).to_be_visible()
    assert before > 0
    alice.look()
    alice.button("Propose to a second person").click()
    page.wait_for_url("**/reports/*/")
    expect(page.locator(".state-awaiting-release").first).to_be_visible()
    alice.look()
    found = NUMBER.search(page.url)
    assert found is not None
    return found[1]


def marked(page: Page) -> None:
    """Grade, handling, recipients, purposes and areas of the draft that is open, and who its people are."""
    for name, value in (("source", "B"), ("information", "2"), ("tlp", "TLP:AMBER")):
        page.locator(f"input[name={name}][value='{value}']").check()
    for name, value in (("recipients", "washington"), ("crime_areas", "drug-trafficking"), ("codes", "H1")):
        page.locator(f"input[name={name}][value='{value}']").check()
    page.locator("#id_regrade").check()
    page.locator("#id_erase_by").fill((date.today() + timedelta(days=300)).isoformat())
    for one in page.locator("select[data-category]").all():
        one.select_option("contact")


def released(omar: Window, uid: str, why: str) -> None:
    """Omar sees on his desk what waits, looks at what leaves, and lets it go with a reason."""
    page = omar.page
    omar.go("desk/")
    omar.look()
    page.locator(f"#releases a[href*='{uid}/preview']").click()
    expect(page.get_by_text(omar.say("The agreement permits it."))).to_be_visible()
    omar.look()
    page.locator("#decide-reason").fill(why)
    omar.button("Entrust to %(nodes)s", nodes="washington").click()
    expect(page.locator(".state-released").first).to_be_visible()
    omar.look()


def received(bob: Window, uid: str) -> None:
    """Bob sees it on his desk, opens it, sees the evidence of a statement, and says that it was useful."""
    page = bob.page
    bob.node.wait(lambda: uid in [one["report"] for one in bob.node.do("inbox", officer="bob")], "the report")
    bob.go("desk/")
    bob.look()
    page.locator(f"#news a[href*='{uid}']").first.click()
    expect(page.locator("main .tag-tlp, .handling").first).to_contain_text("TLP:AMBER")
    bob.look()
    page.locator(".says .evidence-link").first.click()
    expect(page.locator("#drawer blockquote mark")).to_be_visible()
    bob.look()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_empty()
    page.locator("#step").select_option("feedback-useful")
    page.locator("#note").fill("✓")
    bob.button("Tell").click()
    expect(page.locator("#step")).to_be_visible()
    bob.look()


def recalled(omar: Window, uid: str, why: str) -> None:
    """Omar takes it back with a reason, and waits until the tree says that Washington confirmed."""
    page = omar.page
    omar.go(f"reports/{uid}/")
    deed = page.locator("details.deed", has=page.locator("#reason-recall"))
    deed.locator("summary").click()
    page.locator("#reason-recall").fill(why)
    deed.get_by_role("button").click()
    recall = omar.say("Recalled by %(by)s: %(reason)s", by="omar", reason=why)
    expect(page.get_by_text(recall)).to_be_visible()
    omar.node.wait(lambda: page.reload() and page.locator(".tree .confirmed").count(), "the certificate")
    expect(page.locator(".tree .confirmed").first).to_contain_text(
        omar.say("withdrawn everywhere, and its key destroyed")
    )
    omar.look()


@pytest.mark.parametrize("tongue", ["ar", "de"])
def test_from_a_dropped_file_to_the_log_by_clicks(nodes: Nodes, browser: Browser, tmp_path: Path, tongue: str) -> None:
    rabat, washington = nodes
    release, recall = REASONS[tongue]
    alice, omar = (Window(browser, rabat, name, tongue=tongue) for name in ("alice", "omar"))
    bob, salma = Window(browser, washington, "bob", tongue=tongue), Window(browser, rabat, "salma", tongue=tongue)
    uid = composed(alice, tmp_path)
    released(omar, uid, release)
    received(bob, uid)
    alice.go(f"reports/{uid}/")
    rabat.wait(lambda: alice.page.reload() and "✓" in alice.page.locator("main").inner_text(), "what Bob said")
    alice.look()
    recalled(omar, uid, recall)
    bob.go(f"reports/{uid}/")
    expect(bob.page.get_by_role("heading", name=bob.say("The content is gone"))).to_be_visible()
    bob.look()
    assert TEXTS[tongue][:12] not in bob.page.content()
    salma.page.locator(".rail a[data-key='o']").click()
    salma.look()
    salma.page.locator(".tabs a[href$='/oversight/log/']").click()
    salma.page.locator("#id_report").fill(uid)
    salma.button("Look").click()
    for why in (release, recall):
        expect(salma.page.locator("table.rows tr", has_text=why).first).to_contain_text("omar")
    salma.look()
    salma.page.locator("table.rows tbody a").first.click()
    salma.page.wait_for_url("**/oversight/log/*/")
    salma.look()
    for window in (alice, omar, bob, salma):
        window.clean()
