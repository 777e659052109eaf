"""A request with a clock by clicks, in Arabic and in German: asked, a second person, answered beside our holdings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from amana.cli.demo_nodes import DemoNode
from tests.journeys.window import Window, chromium

pytestmark = pytest.mark.browser
Nodes = tuple[DemoNode, DemoNode]
NUMBER = re.compile(r"/([0-9a-f-]{36})/")
PHONES = {"ar": "+12025550171", "de": "+12025550172"}
ASKED = {
    "ar": ("من صاحب هذا الهاتف؟", "من استعمله في 24 سبتمبر؟", "اشتُري هناك.", "شخص محتجز.", "هو لرجل معروف."),
    "de": ("Wem gehört das Telefon?", "Wer nutzte es?", "Dort gekauft.", "Es gibt eine Geisel.", "Es ist bekannt."),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


def owned(washington: DemoNode, folder: Path, phone: str) -> str:
    """A report of Bob's own about the phone, which may go to Rabat."""
    lines = folder / "sale.ftm"
    lines.write_text(f'{{"id": "p-1", "schema": "Phone", "properties": {{"number": ["{phone}"]}}}}\n', "utf-8")
    made = washington.do(
        "report", "new", "--title", f"№ {phone}", "--ftm", str(lines), "--tlp", "TLP:AMBER", "--to", "rabat",
        "--crime-area", "terrorism", "--source", "B", "--information", "2",
        "--erase-by", (date.today() + timedelta(days=300)).isoformat(), officer="bob",
    )  # fmt: skip
    return str(made["report"])


def asked(alice: Window) -> str:
    """Alice asks with grounds and urgency; the request's number."""
    page, (title, text, grounds, why, _) = alice.page, ASKED[alice.tongue]
    alice.go("requests/")
    alice.look()
    page.locator("main a[href$='/requests/ask/']").first.click()
    page.wait_for_url("**/requests/ask/**")
    alice.look()
    for name, value in (("title", title), ("text", text), ("grounds", grounds), ("urgency_reason", why)):
        page.locator(f"#id_{name}").fill(value)
    page.locator("#id_things").fill(f"Phone:number = {PHONES[alice.tongue]}")
    page.locator("#id_urgency").select_option("imminent-danger-to-life-or-limb")
    page.locator("#id_tlp").select_option("TLP:AMBER")
    for name, value in (("recipients", "washington"), ("crime_areas", "terrorism")):
        page.locator(f"input[name={name}][value='{value}']").check()
    alice.button("Write and propose").click()
    page.wait_for_url(re.compile(r".*/[0-9a-f-]{36}/$"))
    alice.look()
    found = NUMBER.search(page.url)
    assert found is not None
    return found[1]


def entrusted(second: Window, number: str) -> None:
    """The second person finds it on the desk, looks at what leaves, and lets it go."""
    page = second.page
    second.go("desk/")
    page.locator(f"#releases a[href*='{number}/preview']").click()
    second.look()
    page.locator("#decide-reason").fill("✓")
    page.locator("#decide button.first").click()
    expect(page.locator(".state-released").first).to_be_visible()
    second.look()


def answered(bob: Window, number: str, own: str) -> str:
    """Bob reads the clock on his desk and answers beside what his node holds itself; the reply's number."""
    page = bob.page

    def there() -> bool:
        bob.go("desk/")
        return page.locator(f"#requests a[href*='{number}']").count() > 0

    bob.node.wait(there, "the request")
    row = page.locator("#requests li", has=page.locator(f"a[href*='{number}']"))
    expect(row.locator(".pace")).to_contain_text("7")
    expect(row.locator("strong")).to_have_text(bob.say("urgent"))
    bob.look()
    row.get_by_role("link", name=bob.say("Answer"), exact=True).click()
    expect(page.locator(f"input[name=pick][value='{own}']")).to_be_checked()
    expect(page.locator("article.entity").first).to_contain_text(PHONES[bob.tongue])
    bob.look()
    page.locator(".answering select[name=full]").select_option("full")
    page.locator(".answering textarea[name=text]").first.fill(ASKED[bob.tongue][4])
    page.locator(".answering form").first.get_by_role("button", name=bob.say("Write and propose")).click()
    page.wait_for_url(lambda url: number not in url)
    bob.look()
    found = NUMBER.search(page.url)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("tongue", ["ar", "de"])
def test_a_question_with_a_clock_is_answered_by_clicks(
    nodes: Nodes, browser: Browser, tmp_path: Path, tongue: str
) -> None:
    rabat, washington = nodes
    own = owned(washington, tmp_path, PHONES[tongue])
    alice, omar = (Window(browser, rabat, name, tongue=tongue) for name in ("alice", "omar"))
    bob, grace = (Window(browser, washington, name, tongue=tongue) for name in ("bob", "grace"))
    number = asked(alice)
    entrusted(omar, number)
    reply = answered(bob, number, own)
    entrusted(grace, reply)

    def came() -> bool:
        alice.go(f"requests/{number}/")
        return alice.page.locator(".state-answered").count() > 0

    rabat.wait(came, "the answer")
    alice.look()
    alice.page.locator("ul.tree .confirmed a").first.click()
    expect(alice.page.locator("main")).to_contain_text(ASKED[tongue][4])
    expect(alice.page.locator("main")).to_contain_text(PHONES[tongue])
    alice.look()
    for window in (alice, omar, bob, grace):
        window.clean()
