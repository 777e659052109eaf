"""Pictures of every page, taken of two running nodes that have played the exercise: `screenshots.py FOLDER PAGE|LOOK…`.

Each page is taken in four languages (two directions), light and dark, wide, and in English and Arabic on a phone, so
that a person can look at the change they made. Words after the folder restrict it to pages or looks of that name.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from tools.scene import DRAFT, PASSWORD, ask, ask_consent, played

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from amana.cli.demo_nodes import DemoNode

__all__ = ["CHROMIUM", "LOOKS", "PASSWORD", "Look", "ask", "ask_consent", "pages", "played", "take"]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip
Shown = tuple["DemoNode", str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page; sizes in CSS pixels."""

    name: str
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    narrow: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the window."""
        return (390, 844) if self.narrow else (1440, 900)


LOOKS = (
    Look("wide"),
    Look("dark", scheme="dark"),
    Look("narrow", narrow=True),
    Look("arabic", "ar"),
    Look("arabic-dark", "ar", "dark"),
    Look("arabic-narrow", "ar", narrow=True),
    Look("german", "de"),
    Look("german-dark", "de", "dark"),
    Look("french", "fr"),
    Look("french-dark", "fr", "dark"),
)


def pages(rabat: DemoNode, washington: DemoNode) -> dict[str, Shown]:
    """What to take, by name: the node, who looks, and the address below the node's."""
    found = _pages_of_reports(rabat, washington) | _pages_of_work(rabat, washington) | _pages_of_duty(rabat)
    return {"sign-in": (rabat, "", "sign-in/"), "second-step": (rabat, "", "sign-in/")} | found


def _pages_of_reports(rabat: DemoNode, washington: DemoNode) -> dict[str, Shown]:
    def first(rows: list[dict[str, Any]], state: str) -> str:
        found = [row for row in rows if row["state"] == state]
        return str(next((row for row in found if row["kind"] == "information"), found[0])["report"])

    ours, theirs = rabat.do("report", "list", officer="alice"), washington.do("inbox", officer="bob")
    document = rabat.do("document", "list", officer="alice")[-1]["document"]
    waiting = first(ours, "awaiting-release")
    draft = next(str(one["report"]) for one in ours if one["title"] == DRAFT)
    corrected = next((str(one["report"]) for one in ours if one.get("version", 1) > 1), draft)
    return {
        "desk": (rabat, "omar", "desk/"),
        "desk-lines": (rabat, "omar", "desk/lines/"),
        "desk-author": (rabat, "alice", "desk/"),
        "desk-partner": (washington, "bob", "desk/"),
        "inbox-empty": (rabat, "omar", "inbox/"),
        "inbox": (washington, "bob", "inbox/"),
        "reports": (rabat, "alice", "reports/"),
        "reports-nothing": (rabat, "alice", "reports/?q=nowhere"),
        "report-released": (rabat, "omar", f"reports/{first(ours, 'released')}/"),
        "report-recalled": (rabat, "alice", f"reports/{first(ours, 'recalled')}/"),
        "report-waiting": (rabat, "omar", f"reports/{waiting}/"),
        "report-held": (washington, "bob", f"reports/{first(theirs, 'held')}/"),
        "report-withdrawn": (washington, "bob", f"reports/{first(theirs, 'withdrawn')}/"),
        "compose": (rabat, "alice", "compose/"),
        "compose-draft": (rabat, "alice", f"compose/{draft}/"),
        "compose-known": (rabat, "alice", f"compose/{draft}/known/"),
        "preview": (rabat, "omar", f"reports/{waiting}/preview/"),
        "compare": (rabat, "alice", f"reports/{corrected}/compare/"),
        "documents": (rabat, "alice", "documents/"),
        "document": (rabat, "alice", f"documents/{document}/"),
    }


def _pages_of_work(rabat: DemoNode, washington: DemoNode) -> dict[str, Shown]:
    def request(*, ours: bool, state: str) -> str:
        rows = rabat.do("request", "list", officer="alice")
        return next(str(row["request"]) for row in rows if (row["ours"], row["state"]) == (ours, state))

    def entity(*words: str) -> list[int]:
        found = rabat.do("entity", "search", *words, officer="alice")["found"]
        return [one["entity"] for one in found]

    cases = rabat.do("case", "list", officer="alice")
    people = entity("Youssef El Mansouri") or entity()
    one, other = people[0], people[-1]
    return {
        "requests": (rabat, "alice", "requests/?view=board"),
        "requests-table": (rabat, "alice", "requests/?view=table"),
        "requests-figures": (rabat, "alice", "requests/?view=figures"),
        "request-asked-of-us": (rabat, "alice", f"requests/{request(ours=False, state='open')}/"),
        "request-asked-back": (rabat, "alice", f"requests/{request(ours=True, state='clarification-asked')}/"),
        "request-answered": (rabat, "alice", f"reports/{request(ours=True, state='answered-in-part')}/"),
        "ask": (rabat, "alice", "requests/ask/"),
        "entities": (rabat, "alice", "entities/"),
        "entity": (rabat, "alice", f"entities/{one}/"),
        "entity-leads": (rabat, "alice", f"entities/{one}/leads/"),
        "entity-beside": (rabat, "alice", f"entities/{one}/beside/{other}/"),
        "blind": (rabat, "alice", "blind/"),
        "cases": (rabat, "alice", "cases/"),
        **({"case": (rabat, "alice", f"cases/{cases[0]['case']}/")} if cases else {}),
        "meetings": (rabat, "alice", "meetings/"),
        "briefing": (rabat, "omar", "partners/washington/briefing/"),
        "tasks": (rabat, "alice", "tasks/"),
        "expertise": (rabat, "alice", "expertise/"),
        "consents": (rabat, "omar", "consents/"),
        "consents-asked": (washington, "bob", "consents/"),
        "find": (rabat, "alice", "find/"),
        "palette": (rabat, "alice", "desk/"),
        "viewpoint": (rabat, "alice", "viewpoint/"),
        "keys": (rabat, "alice", "keys/"),
    }


def _pages_of_duty(rabat: DemoNode) -> dict[str, Shown]:
    rooms = ("log", "checks", "access", "retention", "orders", "register")
    return {
        "cooperation": (rabat, "alice", "cooperation/"),
        "partners": (rabat, "omar", "partners/"),
        "partner": (rabat, "omar", "partners/washington/"),
        "oversight": (rabat, "salma", "oversight/"),
        **{f"oversight-{room}": (rabat, "salma", f"oversight/{room}/") for room in rooms},
        "oversight-entry": (rabat, "salma", "oversight/log/3/"),
        "oversight-check": (rabat, "salma", "oversight/checks/1/"),
        "oversight-access-one": (rabat, "salma", "oversight/access/1/"),
        "oversight-desk": (rabat, "omar", "oversight/desk/"),
        "log": (rabat, "salma", "log/"),
        "account": (rabat, "alice", "my-account/"),
        "password": (rabat, "alice", "my-account/password/"),
        "people": (rabat, "rachid", "people/"),
        "person": (rabat, "rachid", "people/person/alice/"),
        "person-second-person": (rabat, "rachid", "people/person/salma/"),
        "person-new": (rabat, "rachid", "people/new/"),
        "error": (rabat, "alice", "reports/00000000-0000-4000-8000-000000000000/"),
        "not-allowed": (rabat, "rachid", "reports/"),
        "style": (rabat, "alice", "style/"),
    }


class Windows:
    """One window for each person, language and kind of screen; light and dark are switched in place."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        self.open: dict[tuple[str, str, str, bool], Page] = {}

    def at(self, look: Look, node: DemoNode, name: str) -> Page:
        """The window in which a person looks so, signed in where somebody looks."""
        key = (node.address, name, look.language, look.narrow)
        if key not in self.open:
            self.open[key] = self._enter(look, node, name)
        page = self.open[key]
        page.emulate_media(color_scheme=look.scheme)
        return page

    def _enter(self, look: Look, node: DemoNode, name: str) -> Page:
        from tools.door import signed_in_context

        width, height = look.size
        options: dict[str, Any] = {"viewport": {"width": width, "height": height}, "locale": look.language}
        options["has_touch"] = look.narrow
        if name:
            context = signed_in_context(self.browser, node, name, PASSWORD, **options)
        else:
            context = self.browser.new_context(**options)
        context.add_cookies([{"name": "django_language", "value": look.language, "url": node.address}])
        return context.new_page()

    def show(self, name: str, shown: Shown, look: Look) -> Page:
        """Bring a page up; the second step of the door stands behind the first."""
        node, person, path = shown
        page = self.at(look, node, person)
        if page.url != node.address + path or name in ("second-step", "palette"):
            page.goto(node.address + path)
        self._do(name, page)
        page.locator("[hx-trigger=load]").first.wait_for(state="detached")  # what comes beside the page has come
        return page

    def _do(self, name: str, page: Page) -> None:
        """What a person does before the page looks as it is to be shown."""
        if name == "second-step" and page.locator("#id_username").count():
            page.locator("#id_username").fill("alice")
            page.locator("#id_password").fill(PASSWORD)
            page.locator("#id_password").press("Enter")
            page.locator("#id_code").wait_for()
        elif name == "entities" and page.locator("#id_q").input_value() == "":
            page.locator("#id_q").fill("Youssef El Mansouri")
            page.locator(".likely .why").first.wait_for()
        elif name == "find":
            page.locator("main input[name=words]").fill("Mansouri")
            page.locator("main input[name=words]").press("Enter")
            page.wait_for_load_state("networkidle")
        elif name == "palette":
            page.keyboard.press("Control+k")
            page.locator(".palette input[type=text]").fill("Mansouri")
            page.locator("#palette-found [id^=fe]").first.wait_for()


def shoot(page: Page, look: Look, path: Path) -> None:
    """Take the whole page, in a window as high as it, so that what sticks to the window's edges stands at its."""
    width, height = look.size
    page.set_viewport_size({"width": width, "height": max(height, page.evaluate("document.body.scrollHeight"))})
    page.screenshot(path=path)
    page.set_viewport_size({"width": width, "height": height})


def take(folder: Path, only: Iterable[str]) -> None:
    """Take the pictures into `folder`; `only` names pages or looks to keep to."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    kept = set(only)
    looks = [look for look in LOOKS if look.name in kept] or list(LOOKS)
    with played() as (rabat, washington), sync_playwright() as playwright:
        wanted = pages(rabat, washington)
        names = [name for name in wanted if name in kept] or list(wanted)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        windows = Windows(browser)
        for name in names:
            for look in looks:
                page = windows.show(name, wanted[name], look)
                shoot(page, look, folder / f"{name}.{look.name}.png")
                if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                    print(f"{name}.{look.name}: wider than the window")
        browser.close()


if __name__ == "__main__":
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("folder", nargs="?", type=Path, default=Path("screenshots"))
    given.add_argument("names", nargs="*", help="pages and looks; all where none of a kind is named")
    asked = given.parse_args()
    take(asked.folder, asked.names)
