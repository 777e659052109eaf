"""Signing in with a real browser at a node of the exercise: name, password, and the code of the authenticator."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from amana.cli.demo_codes import code_at

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

    from amana.cli.demo_nodes import DemoNode

TRIES = 2
_CAME_IN: dict[tuple[str, str], StorageState] = {}


def sign_in(page: Page, node: DemoNode, name: str, password: str) -> None:
    """Go through both steps of the door; what the page is at afterwards is the person's first page.

    A code that ended between being read and being looked at is refused; then the next one is tried.
    """
    page.goto(f"{node.address}sign-in/")
    page.locator("#id_username").fill(name)
    page.locator("#id_password").fill(password)
    page.locator("#id_password").press("Enter")
    for _ in range(TRIES):
        page.locator("#id_code").fill(code_at(node.secrets[name], time.time()))
        with page.expect_navigation():
            page.locator("#id_code").press("Enter")
        if "sign-in" not in page.url:
            return
    raise AssertionError(f"{name} does not come in: {page.url}")


def signed_in_context(browser: Browser, node: DemoNode, name: str, password: str, **options: object) -> BrowserContext:
    """A window of a person who came in before, or comes in now: a code opens the door only once in its 30 seconds."""
    key = (node.address + str(node.home), name)
    if key not in _CAME_IN:
        first = browser.new_context()
        sign_in(first.new_page(), node, name, password)
        _CAME_IN[key] = first.storage_state()
        first.close()
    return browser.new_context(storage_state=_CAME_IN[key], **options)  # type: ignore[arg-type]
