"""What the pictures show: two nodes that have played the exercise and gone on working, and a third that is asked about.

Invariant: everything on the pages came about by commands that a person could type; all people and cases are invented.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import crc32

import django

if TYPE_CHECKING:
    from amana.cli.demo_nodes import DemoNode

PASSWORD = "a-long-passphrase-7"
DRAFT = "A lorry at the port of Tanger Med"
DRAFTED = """On 12 November 2026 Karim Belkadi met Sofia Rahmouni in Casablanca. Two days later a lorry took the
container NTLU3109264 from the port of Tanger Med to a yard of Atlas Transport in Rabat.

Belkadi uses the telephone +212 661 234567. A payment was made from the account MA64011519000001205000534921.

The police in Madrid know the lorry from a case of drug trafficking in 2025."""
THIRD_PEOPLE = (("chloe", "Chloé Martin", ("head",)), ("conrad", "Conrad Weil", ("operator",)))


@contextmanager
def played() -> Iterator[tuple[DemoNode, DemoNode]]:
    """Rabat and Washington after the story, running; their folder goes with them."""
    with tempfile.TemporaryDirectory(prefix="amana-screens-") as name, played_in(Path(name)) as nodes:
        yield nodes


@contextmanager
def played_in(folder: Path) -> Iterator[tuple[DemoNode, DemoNode]]:
    """The same in a folder that stays."""
    os.environ["AMANA_HOME"] = str(Path(tempfile.gettempdir()) / "amana-no-node")
    os.environ["DJANGO_SETTINGS_MODULE"] = "amana.config.settings"
    django.setup()
    from amana.cli.demo import RABAT_PEOPLE, WASHINGTON_PEOPLE, Story, _make
    from amana.cli.demo_nodes import DemoNode, free_port, running

    def node(name: str, port: int, zone: str) -> DemoNode:
        return DemoNode(
            folder / name, free_port(port), free_port(port + 10), "en", zone, environment={"AMANA_DEVELOPMENT": "true"}
        )

    rabat, washington = node("rabat", 18900, "Africa/Casablanca"), node("washington", 18920, "America/New_York")
    _make(rabat, "Direction générale de la sûreté nationale", "MA", "rabat", RABAT_PEOPLE, PASSWORD)
    _make(washington, "Liaison Bureau Washington", "US", "washington", WASHINGTON_PEOPLE, PASSWORD)
    with running(rabat, washington):
        Story(rabat, washington, lambda _line: None).tell()
        ask(rabat, washington)
        work_together(rabat, washington)
        name_in_two_scripts(rabat)
        ask_consent(rabat, washington, node("third", 18940, "UTC"))
        ask_blindly(rabat, washington)
        oversee(rabat)
        yield rabat, washington


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


def work_together(rabat: DemoNode, washington: DemoNode) -> None:
    """A meeting with actions of both sides, a case that both work on, and a lesson on the shelf."""

    def released(node: DemoNode, made: dict[str, Any]) -> str:
        writer, second = ("alice", "omar") if node is rabat else ("bob", "grace")
        node.do("report", "propose", made["report"], officer=writer)
        node.do("report", "release", made["report"], officer=second)
        return str(made["report"])

    def marks(to: str) -> tuple[str, ...]:
        return ("--to", to, "--tlp", "TLP:AMBER", "--crime-area", "drug-trafficking", "--erase-by", in_days(300))

    held = datetime.combine(date.today() - timedelta(days=9), datetime.min.time()).replace(hour=10)
    meeting = rabat.do(
        "meeting", "new", "--title", "Meeting of the liaison desks in Rabat", "--place", "Rabat",
        "--starts", held.isoformat(timespec="minutes"), "--agenda", "Manifests of the ports",
        "--agenda", "Clocks of requests", "--participant", "Heads of both desks",
        "--decision", "Manifests are compared every week.",
        "--action", f"washington:Bob Carter:{in_days(4)}:Send the list of vessels",
        "--action", f"rabat:Alice Amrani:{in_days(2)}:Ask the port for last week's manifests",
        "--text", "The desks met for an hour.", *marks("washington"), officer="alice",
    )  # fmt: skip
    released(rabat, meeting)
    shared = rabat.do(
        "report", "new", "--title", "The yard at the port", "--text", "A lorry left the yard on Friday.",
        *marks("washington"), officer="alice",
    )  # fmt: skip
    released(rabat, shared)
    kept = rabat.do("report", "new", "--title", "Kept at home", "--text", "Not for others.", officer="alice")
    sheet = rabat.do("case", "open", "--title", "ATLAS", *marks("washington"), officer="alice")
    for one in (shared, kept):
        rabat.do("case", "add", sheet["case"], one["report"], officer="alice")
    released(rabat, sheet)
    washington.wait(
        lambda: sheet["case"] in [one["case"] for one in washington.do("case", "list", officer="bob")], "the case"
    )
    released(washington, washington.do("case", "open", "--join", sheet["case"], *marks("rabat"), officer="bob"))


def name_in_two_scripts(rabat: DemoNode) -> None:
    """One name in two scripts, and a report that is being corrected."""
    _named(rabat, "Notes of the harbour watch", "Youssef El Mansouri", "1979-03-14", "alice")
    _named(rabat, "مذكرة الميناء", "يوسف المنصوري", "1979-03-14", "alice", "--language", "ar")
    corrected = next(
        one["report"] for one in rabat.do("report", "list", officer="alice") if one["title"] == "The yard at the port"
    )
    rabat.do("report", "correct", corrected, "--reason", "The day was wrong.", officer="alice")
    rabat.do("report", "edit", corrected, "--title", "The yard at the port, on Saturday", officer="alice")
    rabat.do("report", "new", "--title", DRAFT, "--text", DRAFTED, "--to", "washington", officer="alice")


def ask_blindly(rabat: DemoNode, washington: DemoNode) -> None:
    """Rabat asks blindly about a person whom Washington holds in another script."""
    _named(washington, "A sighting at the harbour", "Karim Belkadi", "1980-05-17", "bob")
    asked = rabat.do(
        "blind", "ask", "--to", "washington", "--person", "كريم بلقاضي", "--category", "suspect",
        "--born", "1980-05-17", "--case", "ATLAS", "--ground", "Article 4 of the agreement", officer="alice",
    )["question"]  # fmt: skip
    rabat.wait(lambda: rabat.do("blind", "show", asked, officer="alice")["state"] != "asked", "the blind answer")


def _named(node: DemoNode, title: str, person: str, born: str, officer: str, *options: str) -> None:
    """A draft that names one person."""
    number = f"p-{crc32(person.encode())}"
    line = {"id": number, "schema": "Person", "properties": {"name": [person], "birthDate": [born]}}
    own = node.home / "named.ftm"
    own.write_text(json.dumps(line) + "\n", encoding="utf-8")
    made = node.do(
        "report", "new", "--title", title, "--text", person, "--tlp", "TLP:AMBER", "--ftm", str(own), "--crime-area",
        "drug-trafficking", *options, officer=officer,
    )  # fmt: skip
    node.do("report", "edit", made["report"], "--category", f"{number}=suspect", officer=officer)


def oversee(rabat: DemoNode) -> None:
    """An overseer's spot check, and a person who asks what is held about them."""
    rabat.do("oversight", "draw", "readings", "--many", "3", "--number", "8 17 23 41", officer="salma")
    rabat.do(
        "oversight", "access", "record", "Youssef El Mansouri", "--born", "1979-03-14", "--on", in_days(-3),
        "--identity", "Passport seen at the desk", officer="salma",
    )  # fmt: skip


def in_days(days: int) -> str:
    """A day from today on, as commands take it."""
    return (date.today() + timedelta(days=days)).isoformat()
