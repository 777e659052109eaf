"""A person's browser window at a running node, and what every page in it must be: whole, quiet, and all in one tongue.

Invariant: a window notes every error of the console, every error of a script and every breach of the policy, from the
first page on; `clean()` finds none of them.
"""

from __future__ import annotations

import gettext
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from playwright.sync_api import Browser, Page, expect, sync_playwright

import amana
from amana.cli.demo_nodes import DemoNode
from tests.journeys.conftest import PASSWORD
from tools.door import signed_in_context

LOCALE = Path(amana.__file__).parent / "locale"
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LISTEN = """
window.broken = [];
document.addEventListener("securitypolicyviolation", (one) =>
  console.error(`policy: ${one.violatedDirective} ${one.blockedURI}`));
"""
# What a person can read on the page and what is read out to them; not what people wrote, which has its own element.
READ = """
() => {
  const data = "bdi, code, pre, textarea, script, style, noscript, .text, [lang]:not(html), option[lang], kbd";
  const shown = (one) => one.checkVisibility() || one.closest("select, .visually-hidden");
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent.replace(/\\s+/g, " ").trim();
    const around = walker.currentNode.parentElement;
    if (words && !around.closest(data) && shown(around)) found.push(words);
  }
  for (const name of ["title", "aria-label", "placeholder", "alt"])
    for (const one of document.querySelectorAll(`[${name}]`))
      if (!one.closest(data)) found.push(one.getAttribute(name).trim());
  return [document.title, ...found];
}
"""
OVER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@contextmanager
def chromium() -> Iterator[Browser]:
    """The system's Chromium."""
    path = shutil.which("chromium")
    assert path, "install the package chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield found
        found.close()


@cache
def catalogue(tongue: str) -> gettext.NullTranslations:
    """The compiled words of a language, as the node uses them."""
    return gettext.translation("django", LOCALE, languages=[tongue], fallback=tongue == "en")


def said(tongue: str, words: str, **params: object) -> str:
    """A sentence of the pages in a language."""
    return catalogue(tongue).gettext(words) % params if params else catalogue(tongue).gettext(words)


@cache
def english(tongue: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """What is English only: whole texts, and stretches of several words that no page in the language may hold."""
    with (LOCALE / tongue / "LC_MESSAGES/django.po").open("rb") as file:
        rows = [one for one in read_po(file) if one.id]
    given = {text for one in rows for text in ((one.string,) if isinstance(one.string, str) else one.string or ())}
    asked = {text for one in rows for text in ((one.id,) if isinstance(one.id, str) else one.id)} - given
    parts = {part.strip(" .,:;“”()") for text in asked for part in re.split(r"%\(\w+\)s|%%", text)}
    long = {part for part in parts if len(part.split()) >= 4 and not any(part in text for text in given)}
    return frozenset(one for one in asked if "%(" not in one), tuple(sorted(long))


class Window:
    """One person's window at one node."""

    def __init__(self, browser: Browser, node: DemoNode, name: str, *, tongue: str = "en", **options: Any) -> None:
        self.node, self.tongue = node, tongue
        context = signed_in_context(browser, node, name, PASSWORD, locale="en-GB", viewport=WIDE, **options)
        context.add_init_script(LISTEN)
        self.page: Page = context.new_page()
        self.problems: list[str] = []
        self.looked: set[str] = set()
        self.page.on("console", lambda one: self.problems.append(one.text) if one.type == "error" else None)
        self.page.on("pageerror", lambda one: self.problems.append(str(one)))
        self.page.goto(node.address)
        self.speak(tongue)

    def speak(self, tongue: str) -> None:
        """Choose the language of the pages, by its field in the rail."""
        self.tongue = tongue
        self.page.locator("#language").select_option(tongue)
        expect(self.page.locator("html")).to_have_attribute("lang", tongue)

    def go(self, path: str) -> None:
        """Open a page of the node."""
        self.page.goto(self.node.address + path)

    def say(self, words: str, **params: object) -> str:
        """A sentence of the pages in this window's language."""
        return said(self.tongue, words, **params)

    def button(self, words: str, **params: object) -> Any:
        """The button that says this."""
        return self.page.get_by_role("button", name=self.say(words, **params), exact=True)

    def link(self, words: str, **params: object) -> Any:
        """The link that says this."""
        return self.page.get_by_role("link", name=self.say(words, **params), exact=True)

    def look(self) -> None:
        """Look at the page as it stands: language, direction, words, and room for it on a desk and on a telephone."""
        frame = self.page.locator("html")
        expect(frame).to_have_attribute("lang", self.tongue)
        expect(frame).to_have_attribute("dir", "rtl" if self.tongue == "ar" else "ltr")
        where = self.page.url.removeprefix(self.node.address)
        assert self.untranslated() == [], where
        for size in (NARROW, WIDE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            assert self.page.evaluate(OVER) <= 0, f"{where} at {size['width']} px"
        self.looked.add(where)

    def untranslated(self) -> list[str]:
        """English words of ours on a page that is in another language."""
        if self.tongue == "en":
            return []
        whole, parts = english(self.tongue)
        texts = self.page.evaluate(READ)
        return [text for text in texts if text in whole or any(part in text for part in parts)]

    def clean(self) -> None:
        """Nothing broke in this window since it was opened; it is closed."""
        assert self.problems == []
        self.page.context.close()
