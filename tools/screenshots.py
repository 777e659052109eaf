"""Pictures of every page, taken of two running nodes that have played the exercise: `screenshots.py [FOLDER]`.

Each page is taken wide, narrow, in Arabic (right to left) and dark, so that a person can look at the change they made.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import django

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from amana.cli.demo_nodes import DemoNode

PASSWORD = "a-long-passphrase-7"
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Look:
    """One way to look at a page; sizes in CSS pixels."""

    name: str
    width: int = 1440
    height: int = 900
    language: str = "en"
    scheme: Literal["light", "dark"] = "light"
    touch: bool = False


LOOKS = (
    Look("wide"),
    Look("narrow", width=390, height=844, touch=True),
    Look("arabic", language="ar"),
    Look("arabic-narrow", width=390, height=844, language="ar", touch=True),
    Look("dark", scheme="dark"),
)


@contextmanager
def played() -> Iterator[tuple[DemoNode, DemoNode]]:
    """Rabat and Washington after the story, running."""
    os.environ["AMANA_HOME"] = str(Path(tempfile.gettempdir()) / "amana-no-node")
    os.environ["DJANGO_SETTINGS_MODULE"] = "amana.config.settings"
    django.setup()
    from amana.cli.demo import RABAT_PEOPLE, WASHINGTON_PEOPLE, Story, _make
    from amana.cli.demo_nodes import DemoNode, free_port, running

    with tempfile.TemporaryDirectory(prefix="amana-screens-") as name:
        folder = Path(name)
        shown = {"AMANA_DEVELOPMENT": "true"}
        rabat = DemoNode(
            folder / "rabat", free_port(18900), free_port(18910), "en", "Africa/Casablanca", environment=shown
        )
        washington = DemoNode(folder / "washington", free_port(18920), free_port(18930), "en", "America/New_York")
        _make(rabat, "Direction générale de la sûreté nationale", "MA", "rabat", RABAT_PEOPLE, PASSWORD)
        _make(washington, "Liaison Bureau Washington", "US", "washington", WASHINGTON_PEOPLE, PASSWORD)
        with running(rabat, washington):
            Story(rabat, washington, lambda _line: None).tell()
            ask(rabat, washington)
            ask_consent(rabat, washington, DemoNode(folder / "third", free_port(18940), free_port(18950), "en", "UTC"))
            yield rabat, washington


THIRD_PEOPLE = (("chloe", "Chloé Martin", ("head",)), ("conrad", "Conrad Weil", ("operator",)))


def ask_consent(rabat: DemoNode, washington: DemoNode, third: DemoNode) -> None:
    """Washington asks whether what Rabat entrusted may go on to a third node, whose card both know."""
    from amana.cli.demo import _make
    from amana.cli.demo_nodes import introduce

    _make(third, "Liaison Bureau Paris", "FR", "third", THIRD_PEOPLE, PASSWORD)
    introduce(rabat, third, head_of_one="omar", head_of_other="chloe", operator_of_other="conrad")
    introduce(
        washington,
        third,
        head_of_one="grace",
        head_of_other="chloe",
        operator_of_one="owen",
        operator_of_other="conrad",
    )
    rows = washington.do("inbox", officer="bob")
    held = next(str(row["report"]) for row in rows if (row["state"], row["kind"]) == ("held", "information"))
    reason = ("--reason", "Paris searches the same yard.")
    washington.do("consent", "ask", held, "--to", "third", *reason, officer="bob")
    rabat.wait(lambda: rabat.do("consent", "list", officer="omar"), "the question of consent")


def ask(rabat: DemoNode, washington: DemoNode) -> None:
    """Requests in both directions: one urgent and asked back, one answered, one with a hit in Rabat's own report."""

    def asked(node: DemoNode, *typed: str) -> str:
        writer, second = ("alice", "omar") if node is rabat else ("bob", "grace")
        made = node.do("request", *typed, officer=writer)
        node.do("report", "release", made["report"], officer=second)
        return str(made["report"])

    def open_at(node: DemoNode, officer: str, number: str) -> None:
        node.wait(
            lambda: number in {one["request"] for one in node.do("request", "list", officer=officer)}, "a request"
        )

    common = ("--tlp", "TLP:AMBER", "--crime-area", "terrorism", "--grounds", "The phone was bought there.")
    urgent = ("--urgency", "imminent-danger-to-life-or-limb", "--urgency-reason", "A hostage is held.")
    own = rabat.home / "own.ftm"
    own.write_text(
        '{"id": "own-1", "schema": "Phone", "properties": {"number": ["+212661234567"]}}\n', encoding="utf-8"
    )
    rabat.do(
        "report", "new", "--title", "شراء هاتف في الدار البيضاء", "--language", "ar", "--ftm", str(own), officer="alice"
    )
    theirs = asked(
        washington, "new", "--to", "rabat", "--title", "Who uses this phone?", "--text", "Who used it on 24 September?",
        "--thing", "Phone:number=+212661234567", *common, *urgent,
    )  # fmt: skip
    ours = asked(
        rabat, "new", "--to", "washington", "--title", "Une vente à Washington", "--language", "fr", "--text",
        "Qui a acheté ce téléphone ?", *common,
    )  # fmt: skip
    open_at(rabat, "alice", theirs)
    open_at(washington, "bob", ours)
    asked(washington, "reply", ours, "--partial", "--text", "The shop is known, the buyer is not.")
    other = asked(rabat, "new", "--to", "washington", "--title", "A second question", "--text", "Since when?", *common)
    open_at(washington, "bob", other)
    asked(washington, "clarify", other, "--text", "Which of the two phones?")
    rabat.wait(
        lambda: any(one["waits_for_us"] and one["ours"] for one in rabat.do("request", "list", officer="alice")),
        "the question back",
    )


def pages(rabat: DemoNode, washington: DemoNode) -> dict[str, tuple[DemoNode, str, str]]:
    """What to take, by name: the node, who looks, and the address below the node's."""

    def first(rows: list[dict[str, Any]], state: str) -> str:
        return next(str(row["report"]) for row in rows if row["state"] == state)

    def request(*, ours: bool, state: str) -> str:
        rows = rabat.do("request", "list", officer="alice")
        return next(str(row["request"]) for row in rows if (row["ours"], row["state"]) == (ours, state))

    ours, theirs = rabat.do("report", "list", officer="alice"), washington.do("inbox", officer="bob")
    document = rabat.do("document", "list", officer="alice")[-1]["document"]
    waiting = first(ours, "awaiting-release")
    return {
        "sign-in": (rabat, "", "sign-in/"),
        "desk": (rabat, "omar", "desk/"),
        "briefing": (rabat, "omar", "partners/washington/briefing/"),
        "meetings": (rabat, "alice", "meetings/"),
        "viewpoint": (rabat, "alice", "viewpoint/"),
        "keys": (rabat, "alice", "keys/"),
        "inbox-empty": (rabat, "omar", "inbox/"),
        "inbox": (washington, "bob", "inbox/"),
        "reports": (rabat, "alice", "reports/"),
        "reports-nothing": (rabat, "alice", "reports/?q=nowhere"),
        "requests": (rabat, "alice", "requests/"),
        "request-asked-of-us": (rabat, "alice", f"reports/{request(ours=False, state='open')}/"),
        "request-asked-back": (rabat, "alice", f"reports/{request(ours=True, state='clarification-asked')}/"),
        "request-answered": (rabat, "alice", f"reports/{request(ours=True, state='answered-in-part')}/"),
        "ask": (rabat, "alice", "requests/ask/"),
        "cases": (rabat, "alice", "cases/"),
        "tasks": (rabat, "alice", "tasks/"),
        "expertise": (rabat, "alice", "expertise/"),
        "report-released": (rabat, "omar", f"reports/{first(ours, 'released')}/"),
        "report-recalled": (rabat, "alice", f"reports/{first(ours, 'recalled')}/"),
        "report-waiting": (rabat, "omar", f"reports/{waiting}/"),
        "report-held": (washington, "bob", f"reports/{first(theirs, 'held')}/"),
        "report-withdrawn": (washington, "bob", f"reports/{first(theirs, 'withdrawn')}/"),
        "preview": (rabat, "omar", f"reports/{waiting}/preview/"),
        "documents": (rabat, "alice", "documents/"),
        "document": (rabat, "alice", f"documents/{document}/"),
        "consents": (rabat, "omar", "consents/"),
        "consents-asked": (washington, "bob", "consents/"),
        "match": (rabat, "alice", "match/"),
        "blind": (rabat, "alice", "blind/"),
        "partners": (rabat, "omar", "partners/"),
        "log": (rabat, "salma", "log/"),
        "account": (rabat, "alice", "my-account/"),
        "password": (rabat, "alice", "my-account/password/"),
        "people": (rabat, "rachid", "people/"),
        "person": (rabat, "rachid", "people/person/alice/"),
        "person-second-person": (rabat, "rachid", "people/person/salma/"),
        "person-new": (rabat, "rachid", "people/new/"),
        "error": (rabat, "alice", "reports/00000000-0000-4000-8000-000000000000/"),
        "style": (rabat, "alice", "style/"),
    }


def enter(browser: Browser, look: Look, node: DemoNode, name: str) -> Page:
    """A fresh window, signed in where somebody looks."""
    from tools.door import signed_in_context

    options: dict[str, Any] = {
        "viewport": {"width": look.width, "height": look.height},
        "locale": look.language,
        "color_scheme": look.scheme,
        "has_touch": look.touch,
    }
    known = bool(name)
    context = signed_in_context(browser, node, name, PASSWORD, **options) if known else browser.new_context(**options)
    context.add_cookies([{"name": "django_language", "value": look.language, "url": node.address}])
    return context.new_page()


def take(folder: Path, only: tuple[str, ...]) -> None:
    """Take the pictures into `folder`; `only` names pages or looks to keep to."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with played() as (rabat, washington), sync_playwright() as playwright:
        wanted = pages(rabat, washington)
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=CHROMIUM)
        for look in LOOKS:
            windows: dict[tuple[str, str], Page] = {}
            for name, (node, person, path) in wanted.items():
                if only and name not in only and look.name not in only:
                    continue
                key = (node.address, person)
                page = windows.get(key) or windows.setdefault(key, enter(browser, look, node, person))
                page.goto(node.address + path)
                page.screenshot(path=folder / f"{name}.{look.name}.png", full_page=True)
        browser.close()


if __name__ == "__main__":
    take(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"), tuple(sys.argv[2:]))
