"""Signing in with a real browser at a node of the exercise: name, password, and the code of the authenticator."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

from playwright.sync_api import TimeoutError  # what it raises is no TimeoutError of Python's

from amana.cli.demo_codes import code_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

    from amana.cli.demo_nodes import DemoNode

TRIES, PATIENCE_MS = 2, 20_000
_CAME_IN: dict[tuple[str, str], StorageState] = {}
_USED: dict[tuple[str, str], str] = {}


def fresh_code(node: DemoNode, name: str) -> str:
    """A code that this process has not typed yet, waited for where need be: each opens the door once."""
    key = (node.address + str(node.home), name)
    while (code := code_at(node.secrets[name], time.time())) == _USED.get(key):
        time.sleep(0.2)
    _USED[key] = code
    return code


def sign_in(page: Page, node: DemoNode, name: str, password: str) -> None:
    """Go through both steps of the door; what the page is at afterwards is the person's first page.

    A code that ended between being read and being looked at is refused; then the next one is tried.
    """
    page.goto(f"{node.address}sign-in/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    for _ in range(TRIES):
        page.locator("#id_code").fill(fresh_code(node, name))
        page.locator("#id_code").press("Enter")
        with suppress(TimeoutError):
            page.wait_for_url(_beyond_the_door, timeout=PATIENCE_MS)
            return
    page.wait_for_url(_beyond_the_door)


def _beyond_the_door(url: str) -> bool:
    return "sign-in" not in url


def signed_in_context(browser: Browser, node: DemoNode, name: str, password: str, **options: object) -> BrowserContext:
    """A window of a person who came in before, or comes in now."""
    key = (node.address + str(node.home), name)
    if key not in _CAME_IN:
        first = browser.new_context()
        sign_in(first.new_page(), node, name, password)
        _CAME_IN[key] = first.storage_state()
        first.close()
    return browser.new_context(storage_state=_CAME_IN[key], **options)  # type: ignore[arg-type]
