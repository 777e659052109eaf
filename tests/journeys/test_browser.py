"""The story by clicks in a real browser, between two running nodes: release, read, recall; and in Arabic."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from amana.cli.demo_nodes import DemoNode
from tests.journeys.conftest import PASSWORD
from tests.journeys.test_story import drawn
from tools.door import signed_in_context

pytestmark = pytest.mark.browser
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium")
    assert path, "install the package chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


def enter(browser: Browser, node: DemoNode, name: str) -> Page:
    """A fresh browser window, signed in; it fails on any error in the console (so on any breach of the policy)."""
    page = signed_in_context(browser, node, name, PASSWORD, locale="en-GB").new_page()
    page.on("console", lambda message: problems(page).append(message.text) if message.type == "error" else None)
    page.goto(node.address)
    page.wait_for_url("**/desk/")
    speak(page, "en")  # a test before may have chosen another language
    return page


def speak(page: Page, tongue: str) -> None:
    """Choose the language of the pages."""
    page.locator("#language").select_option(tongue)
    expect(page.locator("html")).to_have_attribute("lang", tongue)


_PROBLEMS: dict[int, list[str]] = {}


def problems(page: Page) -> list[str]:
    return _PROBLEMS.setdefault(id(page), [])


def test_release_read_and_recall_by_clicks(nodes: tuple[DemoNode, DemoNode], browser: Browser, tmp_path: Path) -> None:
    rabat, washington = nodes
    uid = drawn(rabat, tmp_path, "The vessel of the ring called at Tanger Med. Call +212 661 234567. ")
    omar = enter(browser, rabat, "omar")
    omar.goto(f"{rabat.address}reports/{uid}/")
    omar.get_by_role("link", name="See exactly what they will hold").click()
    expect(omar.get_by_text("The agreement permits it.")).to_be_visible()
    omar.get_by_role("link", name="Back to the report").click()
    omar.get_by_role("button", name="Entrust to washington").click()
    expect(omar.get_by_text("Entrusted to washington.")).to_be_visible()
    bob = enter(browser, washington, "bob")
    washington.wait(lambda: uid in [one["report"] for one in washington.do("inbox", officer="bob")], "the report")
    bob.goto(f"{washington.address}inbox/")
    bob.locator(f"a[href*='{uid}']").click()
    expect(bob.get_by_text("TLP:AMBER", exact=True).first).to_be_visible()
    rabat.wait(
        lambda: any(
            rung["step"] == "read" and rung["at"]
            for ladder in rabat.do("report", "show", uid, officer="alice")["ladders"]
            for rung in ladder["rungs"]
        ),
        "the read receipt",
    )
    omar.reload()
    recall = omar.locator("details", has_text="Recall from all holders")
    recall.locator("summary").click()
    recall.get_by_label("Reason").fill("wrong vessel")
    omar.get_by_role("button", name="Recall from all holders").click()
    expect(omar.get_by_text("Recalled by omar: wrong vessel")).to_be_visible()
    rabat.wait(lambda: "withdrawn everywhere" in _reloaded(omar), "the certificate")
    bob.reload()
    expect(bob.get_by_role("heading", name="The content is gone")).to_be_visible()
    assert problems(omar) == []
    assert problems(bob) == []


def _reloaded(page: Page) -> str:
    page.reload()
    return page.content()


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_no_page_has_a_serious_barrier(
    nodes: tuple[DemoNode, DemoNode], browser: Browser, tmp_path: Path, tongue: str
) -> None:
    rabat, _ = nodes
    report = drawn(rabat, tmp_path, f"The vessel was seen at Casablanca ({tongue}). ")
    page = enter(browser, rabat, "omar")
    speak(page, tongue)
    for path in ("inbox/", "reports/", "documents/", "consents/", "partners/", "log/", f"reports/{report}/"):
        page.goto(rabat.address + path)
        found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]})
        bad = [
            f"{one['id']}: {one['nodes'][0]['html'][:200]}"
            for one in found.response["violations"]
            if one["impact"] in ("serious", "critical")
        ]
        assert bad == [], path
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
    assert problems(page) == []


def test_the_desk_fits_a_telephone(nodes: tuple[DemoNode, DemoNode], browser: Browser) -> None:
    rabat, _ = nodes
    page = enter(browser, rabat, "omar")
    page.set_viewport_size({"width": 390, "height": 800})
    for path in ("inbox/", "reports/", "partners/", "log/"):
        page.goto(rabat.address + path)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path


def test_the_page_works_by_keyboard_alone(nodes: tuple[DemoNode, DemoNode], browser: Browser, tmp_path: Path) -> None:
    rabat, _ = nodes
    drawn(rabat, tmp_path, "The lorry waited at the port of Casablanca. ")
    page = enter(browser, rabat, "alice")
    page.goto(f"{rabat.address}reports/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r".*/reports/[0-9a-f-]{36}/"))


def test_what_is_known_here_comes_beside_the_draft_and_leaves_what_was_typed(
    nodes: tuple[DemoNode, DemoNode], browser: Browser, tmp_path: Path
) -> None:
    rabat, _ = nodes
    drawn(rabat, tmp_path, "Mr Karim Belkadi met Ms Sofia Rahmouni in Casablanca. ")
    alice = enter(browser, rabat, "alice")
    late: list[Route] = []

    def keep(one: Route) -> None:
        late.append(one)

    alice.route("**/known/", keep)
    alice.goto(f"{rabat.address}compose/")
    alice.get_by_label("Write or paste").fill("Mr Kareem Belkadhi knew that the IMO 9074729 left.")
    alice.get_by_role("button", name="Begin the draft").click()
    known = alice.locator("#suggestions li", has_text="Kareem Belkadhi").get_by_text("known here")
    expect(known).to_be_hidden()
    alice.locator("#suggestions").get_by_role("button", name="Accept", exact=False).last.click()
    expect(alice.locator("#suggestions li")).to_have_count(1)
    alice.locator("#id_title").press_sequentially("A silent")
    assert len(late) == 2
    for one in late:  # the first speaks of a suggestion that is gone
        one.continue_()
    expect(known).to_be_visible()
    expect(alice.locator("[data-unsaved-note]").first).to_be_visible()
    expect(alice.locator("#id_title")).to_be_focused()
    assert problems(alice) == []


@pytest.mark.parametrize("tongue", ["en", "ar"])
def test_the_phone_bar_shows_several_rooms_at_once(
    nodes: tuple[DemoNode, DemoNode], browser: Browser, tongue: str
) -> None:
    page = enter(browser, nodes[0], "alice")
    speak(page, tongue)
    page.set_viewport_size({"width": 390, "height": 844})
    rooms = page.locator(".rail a")
    boxes = [box for place in range(rooms.count()) if (box := rooms.nth(place).bounding_box()) is not None]
    assert len([box for box in boxes if box["x"] >= 0 and box["x"] + box["width"] <= 390]) >= 4


def test_a_new_officer_comes_in_by_a_security_key_and_no_page_breaks_the_policy(
    nodes: tuple[DemoNode, DemoNode], browser: Browser
) -> None:
    rabat, _ = nodes
    given = rabat.do("user", "add", "lea", "--role", "port-officer", "--reason", "joins", officer="rachid")["password"]
    page = browser.new_context(locale="en-GB").new_page()
    page.on("console", lambda message: problems(page).append(message.text) if message.type == "error" else None)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"automaticPresenceSimulation": True}})
    # Browsers let a key sign for a name, never for a number.
    page.goto(rabat.address.replace("127.0.0.1", "localhost"))
    page.get_by_label("Name").fill("lea")
    page.get_by_label("Password").fill(given)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Present password").fill(given)
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("The new password again").fill(PASSWORD)
    page.get_by_role("button", name="Change my password").click()
    page.get_by_role("link", name="A security key or passkey").click()
    page.get_by_role("button", name="Connect it now").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/desk/")
    page.locator(".rail").get_by_role("button", name="Sign out").click()
    page.get_by_label("Name").fill("lea")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Use your security key").click()
    page.wait_for_url("**/desk/")
    assert problems(page) == []
