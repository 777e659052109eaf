"""The same 200 payloads in a real browser: nothing runs, nothing is asked for elsewhere, the policy is never broken."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from playwright.sync_api import Page, Response, sync_playwright

from amana.cli.demo_nodes import DemoNode, running
from tests import blank
from tests.ports import a_port
from tests.web.payloads import MARK
from tools.screenshots import CHROMIUM

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
LISTEN = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (one) =>
  window.broken.push(`${one.violatedDirective} ${one.blockedURI}`));
"""
TOUCH = """
for (const one of document.querySelectorAll("details")) one.open = true;
for (const one of document.querySelectorAll("*")) {
  for (const kind of ["mouseover", "focus"]) one.dispatchEvent(new Event(kind, { bubbles: true }));
}
"""


def test_no_payload_runs_and_no_page_breaks_the_policy(django_db_setup: None, tmp_path: Path) -> None:
    node = DemoNode(tmp_path / "rabat", a_port(), a_port(), "en", "UTC")
    blank.lay(node.home)
    node.do("init", "--agency", "Agency of Rabat", "--country", "MA", "--name", "rabat")
    told = subprocess.run(
        [sys.executable, "-m", "tests.web.laced_node"],
        env=node.surroundings(), cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    tours = json.loads(told.stdout.splitlines()[-1])
    found: Counter[str] = Counter()
    with running(node), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        for session, addresses in tours.values():
            context = browser.new_context(locale="en-GB")
            context.add_cookies([{"name": "amana-session", "value": session, "url": node.address}])
            context.add_init_script(LISTEN)
            page = context.new_page()
            page.on("dialog", lambda one: found.update([f"dialog {one.message}"]))
            page.on("pageerror", lambda one: found.update([f"error {one}"]))
            page.on("request", lambda one: found.update(_elsewhere(one.url, node.address)))
            page.on("response", lambda one: found.update(_broken_down(one)))
            for address in addresses:
                found.update(f"{address}: {one}" for one in visited(page, node.address.rstrip("/") + address))
            context.close()
        browser.close()
    assert found == Counter()
    assert sum(len(addresses) for _, addresses in tours.values()) > 50


def visited(page: Page, address: str) -> list[str]:
    """Open a page, touch what reacts to touch, and tell what ran or was refused."""
    page.goto(address)
    page.evaluate(TOUCH)
    ran = [f"window.{MARK} was set"] if page.evaluate(f"typeof window.{MARK} !== 'undefined'") else []
    return ran + list(page.evaluate("window.broken"))


def _elsewhere(url: str, home: str) -> list[str]:
    return [] if url.startswith((home, "data:", "blob:")) else [f"asked for {url[:80]}"]


def _broken_down(answer: Response) -> list[str]:
    return [f"{answer.status} at {answer.url[:120]}"] if answer.status >= 500 or "sign-in" in answer.url else []
