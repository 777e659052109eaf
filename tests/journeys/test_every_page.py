"""Every page of every address that answers GET, in a browser: no serious barrier, no error, room on a telephone.

Invariant: a new address is looked at unasked; one that has no page of its own stands in `NO_PAGE` with the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page

from amana.cli.demo_nodes import DemoNode, running
from tests import blank
from tests.journeys.conftest import PASSWORD
from tests.journeys.window import LISTEN, NARROW, OVER, WIDE, chromium
from tests.ports import a_port

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
AT_THE_DOOR = {"sign-in", "mfa_authenticate", "second-factor", "mfa_activate_totp"}
BROKEN_ONLY = {"resultTypes": ["violations"], "reporter": "no-passes"}  # what holds is many times longer to tell
LOOKS = (("en", "light"), ("ar", "dark"))
NO_PAGE = {
    "home": "leads to each role's first page",
    "account_login": "the address of the door",
    "account_reauthenticate": "asked only long after a sign-in; its page is that of one's own password",
    "match": "the address of the search from before, now that of the entities",
    "mfa_view_recovery_codes": "nobody has any, as they are shown once",
    "mfa_remove_webauthn": "nobody has a key here",
    "original": "a file",
    "letter": "a file",
    "oversight-bundle": "a file",
    "oversight-proof": "a file",
    "style": "only in development",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def furnished(
    django_db_setup: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[DemoNode, dict[str, Any]]]:
    """A running node on which every page has something to show, and where its people may go."""
    folder = tmp_path_factory.mktemp("furnished")
    node = DemoNode(folder / "rabat", a_port(), a_port(), "en", "UTC")
    blank.lay(node.home)
    node.do("init", "--agency", "Agency of Rabat", "--country", "MA", "--name", "rabat")
    told = subprocess.run(
        [sys.executable, "-m", "tests.web.furnished_node"],
        env=node.surroundings(), cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    with running(node):
        yield node, json.loads(told.stdout.splitlines()[-1])


def barriers(page: Page) -> list[str]:
    """Serious and critical findings on the page as it stands."""
    return [
        f"{one['id']}: {node['html'][:160]} ({(node.get('failureSummary') or '')[:220]})"
        for one in Axe().run(page, options=BROKEN_ONLY).response["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


def looked_at(page: Page, name: str) -> list[str]:
    """What is wrong with the page that is open: on a desk and on a telephone."""
    found = [f"{name}: {one}" for one in barriers(page)]
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    over = page.evaluate(OVER)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    return found + ([f"{name}: {over} px too wide on a telephone"] if over > 0 else [])


def window(browser: Browser, node: DemoNode, look: tuple[str, str], session: str, found: list[str]) -> Page:
    """A window in a language and in light or dark; it notes what breaks."""
    tongue, scheme = look
    context = browser.new_context(viewport=WIDE, color_scheme=scheme, locale=tongue)  # type: ignore[arg-type]
    cookies = [{"name": "django_language", "value": tongue, "url": node.address}]
    if session:
        cookies.append({"name": "amana-session", "value": session, "url": node.address})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    context.add_init_script(LISTEN)
    page = context.new_page()
    page.on("console", lambda one: found.append(f"{page.url}: {one.text}") if one.type == "error" else None)
    page.on("pageerror", lambda one: found.append(f"{page.url}: {one}"))
    return page


def at_the_door(page: Page, node: DemoNode) -> list[str]:
    """The pages of somebody who is not in yet: the door, the second step, and the first factor of a newcomer."""
    page.goto(node.address)
    found = looked_at(page, "sign-in")
    for name in ("alice", "newcomer"):
        page.context.clear_cookies(name="amana-session")  # nobody stands half in the door
        page.goto(f"{node.address}sign-in/")
        page.locator("#id_username").fill(name)
        page.locator("#id_password").fill(PASSWORD)
        page.locator("#id_password").press("Enter")
        page.wait_for_url("**/second-step/" if name == "alice" else "**/set-up/")
        found += looked_at(page, f"the door of {name}")
    page.goto(node.address + reverse("mfa_activate_totp").lstrip("/"))
    return found + looked_at(page, "mfa_activate_totp")


@pytest.mark.parametrize("look", LOOKS, ids=["english-light", "arabic-dark"])
def test_no_page_of_the_node_has_a_barrier(
    furnished: tuple[DemoNode, dict[str, Any]], browser: Browser, look: tuple[str, str]
) -> None:
    node, told = furnished
    found: list[str] = []
    with closing(window(browser, node, look, "", found).context) as context:
        found += at_the_door(context.pages[0], node)
    assert set(told["left"]) <= NO_PAGE.keys() | AT_THE_DOOR
    seen = set[str]()
    for session, addresses in told["tours"].values():
        with closing(window(browser, node, look, session, found).context) as context:
            page = context.pages[0]
            for name, address in addresses.items():
                if name not in seen:
                    seen.add(name)
                    page.goto(node.address.rstrip("/") + address)
                    assert page.locator("html").get_attribute("lang") == look[0], address
                    found += looked_at(page, name)
    assert found == [], "\n".join(found)
