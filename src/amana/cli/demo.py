"""The demo: Rabat and Washington play exercise ATLAS, as a story in the terminal or as two nodes to look at."""

from __future__ import annotations

import shutil
import signal
import threading
from datetime import date, timedelta
from pathlib import Path
from secrets import choice
from typing import Any

from django.utils.translation import gettext as _

from amana.cli.demo_codes import keep_secrets
from amana.cli.demo_nodes import DemoNode, Say, free_port, join, running
from amana.domain.errors import Conflict, gettext_noop
from amana.services.atlas import document

PRESS = Path("..") / "shared" / "data" / "press" / "rabat-de.txt"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

RABAT_PEOPLE = (
    ("alice", "Alice Amrani", ("author", "analyst")),
    ("omar", "Omar Sebti", ("releasing-officer", "head")),
    ("salma", "Salma Idrissi", ("overseer",)),
    ("rachid", "Rachid Tazi", ("operator",)),
)
WASHINGTON_PEOPLE = (
    ("bob", "Bob Carter", ("author", "analyst")),
    ("grace", "Grace Hill", ("releasing-officer", "head")),
    ("edith", "Edith Lane", ("overseer",)),
    ("owen", "Owen Reed", ("operator",)),
)


class FolderInUse(Conflict):
    """The folder holds something that is not a demo."""

    code = "demo-folder"
    sentence = gettext_noop("The folder %(folder)s holds something else than a demo; choose another with --folder.")


def play(folder: Path, *, story: bool, say: Say) -> None:
    """Make both nodes anew in the folder and play; without `story`, go on running until Ctrl-C."""
    if folder.exists():
        _refuse_foreign(folder)
        shutil.rmtree(folder)
    folder.mkdir(mode=0o700, parents=True)
    (folder / "demo").touch()
    if not story:
        say(
            _("Two nodes are made in %(folder)s and play the exercise; that takes about a minute.") % {"folder": folder}
        )
    password = "-".join("".join(choice(_LETTERS) for _letter in range(5)) for _part in range(3))
    rabat = DemoNode(folder / "rabat", free_port(8440), free_port(8441), "fr", "Africa/Casablanca")
    washington = DemoNode(folder / "washington", free_port(8450), free_port(8451), "en", "America/New_York")
    for node in (rabat, washington):
        node.say = say if story else None
    secrets = _make(rabat, "Direction générale de la sûreté nationale", "MA", "rabat", RABAT_PEOPLE, password)
    secrets |= _make(washington, "Liaison Bureau Washington", "US", "washington", WASHINGTON_PEOPLE, password)
    keep_secrets(folder, secrets)
    with running(rabat, washington):
        Story(rabat, washington, say if story else _silent).tell()
        if not story:
            say(_guide(rabat, washington, password, secrets))
            _wait_for_stop()
            say(_("Both nodes are being stopped."))


def _refuse_foreign(folder: Path) -> None:
    if not (folder / "demo").exists():
        raise FolderInUse(folder=folder)


def _silent(_line: str) -> None:
    """Say nothing."""


def _make(
    node: DemoNode,
    agency: str,
    country: str,
    name: str,
    people: tuple[tuple[str, str, tuple[str, ...]], ...],
    word: str,
) -> dict[str, str]:
    """Make a node for the exercise with its people; returns the secrets of their authenticators, by name."""
    node.do("init", "--agency", agency, "--country", country, "--name", name, "--exercise")
    for login, full_name, roles in people:
        options = [part for role in roles for part in ("--role", role)]
        clearance = ("--clearance", "TLP:RED")
        node.do("user", "add", login, "--full-name", full_name, *options, *clearance, "--password", word, quiet=True)
        node.enrol(login)
    return dict(node.secrets)


def _wait_for_stop() -> None:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_arguments: stop.set())
    stop.wait()


class Story:
    """The main job of Amana, step by step, by the commands a person would type."""

    def __init__(self, rabat: DemoNode, washington: DemoNode, say: Say) -> None:
        self.rabat, self.washington, self.say = rabat, washington, say
        self.steps = 0

    def step(self, words: str) -> None:
        """Announce the next step."""
        self.steps += 1
        self.say(f"\n{self.steps}. {words}")

    def tell(self) -> None:
        """Play everything; afterwards both nodes hold something to look at."""
        self.step(
            _("Two nodes, no centre: cards are exchanged, fingerprints compared, an agreement is signed by both.")
        )
        join(self.rabat, self.washington, head_of_one="omar", head_of_other="grace")
        uid = self.from_document_to_proposal()
        self.entrust(uid)
        self.recall(uid)
        self.prove()
        self.leave_something_to_look_at()

    def from_document_to_proposal(self) -> str:
        """A document comes in, a person accepts what it suggests, grades it, and proposes its release."""
        file = PRESS if PRESS.is_file() else document("de-lagebild.txt")
        self.step(
            _("A document comes in at Rabat: %(file)s. Nothing becomes a statement by itself.") % {"file": file.name}
        )
        taken = self.rabat.do("intake", str(file), officer="alice")
        for one in taken["suggestions"]:
            place = one["place"]
            self.say(
                f"     {one['kind']:<13} {one['value']:<32.32} {one['role']:<46.46} {place['start']}–{place['end']}"
            )
        number = taken["files"][0]["document"]
        self.step(_("Alice accepts the suggestions and draws a report from them, graded B2, for Washington only."))
        self.rabat.do("document", "decide", number, "--accept", "all", officer="alice")
        drawn = self.rabat.do(
            "report", "new", "--document", number, "--to", "washington", "--source", "B", "--information", "2",
            "--erase-by", _in_days(700), "--crime-area", "terrorism", *self.marks(), officer="alice",
        )  # fmt: skip
        uid = str(drawn["report"])
        self.give_categories(uid, drawn)
        self.step(_("The exit preview shows, byte for byte, what Washington will hold."))
        preview = self.rabat.do("report", "preview", uid, officer="alice")[0]
        self.preview_sha256 = preview["sha256"]
        count = len(preview["content"]["statements"])
        self.say(f"     {preview['partner']}: {count} × statement, sha256 {preview['sha256']}")
        self.step(_("Alice proposes; she cannot release her own report."))
        self.rabat.do("report", "propose", uid, officer="alice")
        return uid

    def marks(self) -> tuple[str, ...]:
        """The marking of the story's reports."""
        return ("--tlp", "TLP:AMBER", "--code", "H0", "--code", "H2")

    def give_categories(self, uid: str, drawn: dict[str, Any]) -> None:
        """A human says what each person is; here all are officials of the meeting."""
        people = [one["id"] for one in drawn["content"]["entities"] if one["schema"] == "Person"]
        given = [part for person in people for part in ("--category", f"{person}=official")]
        if given:
            self.rabat.do("report", "edit", uid, *given, officer="alice")

    def entrust(self, uid: str) -> None:
        """The second person releases; Washington receives, reads, and the receipts come back."""
        self.step(_("Omar, the second person, releases it. It is signed, sealed, numbered and logged."))
        self.rabat.do("report", "release", uid, officer="omar")
        self.washington.wait(lambda: self.holds(uid), "the report")
        self.step(_("Washington has it. Bob reads it; the receipts come back, signed."))
        shown = self.washington.do("report", "show", uid, officer="bob")
        self.say(f"     {shown['originator']} → washington: {shown['content']['title']}")
        self.rabat.wait(lambda: self.rung(uid, "read"), "the receipt")
        for ladder in self.rabat.do("report", "show", uid, officer="alice", quiet=True)["ladders"]:
            self.say("     " + " · ".join(f"{one['step']} {(one['at'] or '–')[:19]}" for one in ladder["rungs"]))

    def recall(self, uid: str) -> None:
        """Rabat takes it back; Washington certifies the effect."""
        self.step(_("Rabat recalls the report. Washington's node withdraws it everywhere and certifies the effect."))
        self.rabat.do("report", "recall", uid, "--reason", "the source has been withdrawn", officer="omar")
        branch = self.rabat.wait(lambda: self.certified(uid), "the certificate")
        key = _("key destroyed") if branch["key_destroyed"] else _("key kept")
        self.say(
            f"     washington: {branch['effect']}, {branch['withdrawn_statements']} × statement, {key}, {branch['at']}"
        )
        gone = self.washington.do("report", "show", uid, officer="bob")
        left = _("content gone") if gone["content"] is None else _("content still there")
        self.say(f"     washington now: {gone['state']}, {left}")

    def prove(self) -> None:
        """The overseer takes the log home and verifies it without any node."""
        self.step(_("The overseer exports the log and verifies it offline: no node, no database, no network."))
        state = self.rabat.wait(self.witnessed, "a witness")
        file = self.rabat.home / "rabat-log.bundle"
        self.rabat.do("log", "bundle", str(file), officer="salma")
        witness = next(one for one in state["witnesses"] if one["size"])
        found = self.washington.do("log", "verify", str(file), "--key", state["vkey"])
        self.say(f"     entries: {found['entries']}, checkpoint signed, root {found['root'][:16]}…")
        proof = self.rabat.home / "entry.proof"
        self.rabat.do("log", "prove", "0", str(proof), officer="salma")
        found = self.washington.do("log", "verify", str(proof), "--key", state["vkey"], "--witness", witness["vkey"])
        self.say(f"     entry 0 proved under a checkpoint that {', '.join(found['witnesses'])} co-signed")

    def leave_something_to_look_at(self) -> None:
        """Two more reports: one that Washington holds, and one that waits for a second person."""
        self.step(_("Two more reports of the exercise: one is entrusted, one waits for the second person."))
        for name, release in (("fr-note.md", True), ("ar-taqrir.txt", False)):
            taken = self.rabat.do("intake", str(document(name)), "--accept", "all", officer="alice")
            number = taken["files"][0]["document"]
            drawn = self.rabat.do(
                "report", "new", "--document", number, "--to", "washington", "--source", "B", "--information", "3",
                "--erase-by", _in_days(700), "--crime-area", "drug-trafficking", *self.marks(), officer="alice",
            )  # fmt: skip
            self.categorise_suspects(str(drawn["report"]), drawn)
            self.rabat.do("report", "propose", str(drawn["report"]), officer="alice")
            if release:
                self.rabat.do("report", "release", str(drawn["report"]), officer="omar")

    def categorise_suspects(self, uid: str, drawn: dict[str, Any]) -> None:
        """In the exercise's other documents, people are contacts until more is known."""
        people = [one["id"] for one in drawn["content"]["entities"] if one["schema"] == "Person"]
        given = [part for person in people for part in ("--category", f"{person}=contact")]
        if given:
            self.rabat.do("report", "edit", uid, *given, officer="alice")

    def holds(self, uid: str) -> bool:
        """Whether Washington's inbox has it."""
        return any(one["report"] == uid for one in self.washington.do("inbox", officer="bob", quiet=True))

    def rung(self, uid: str, step: str) -> bool:
        """Whether a step of the ladder is reached."""
        ladders = self.rabat.do("report", "show", uid, officer="alice", quiet=True)["ladders"]
        return any(one["step"] == step and one["at"] for ladder in ladders for one in ladder["rungs"])

    def certified(self, uid: str) -> Any:
        """The branch of the recall tree, once the holder has confirmed."""
        recalls = self.rabat.do("report", "show", uid, officer="alice", quiet=True)["recalls"]
        branches = [one for recall in recalls for one in recall["holders"]]
        return next((one for one in branches if one["effect"]), None)

    def witnessed(self) -> Any:
        """The log's state, once a partner has co-signed."""
        state = self.rabat.do("log", "state", quiet=True)
        return state if any(one["size"] for one in state["witnesses"]) else None


def _in_days(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()


def _guide(rabat: DemoNode, washington: DemoNode, password: str, secrets: dict[str, str]) -> str:
    words = _(
        "Two nodes are running.\n"
        "  Rabat       %(rabat)s  alice (author), omar (releases), salma (overseer), rachid (operator)\n"
        "  Washington  %(washington)s  bob (author), grace (releases), edith (overseer), owen (operator)\n"
        "  Password of all: %(password)s\n"
        "After the password the door asks for a code. Get one with: make code WHO=alice\n"
        "or put the secrets of those you play into an authenticator app:\n"
        "%(secrets)s\n"
        "What to look at:\n"
        "  1. As alice in Rabat: the recalled report with Washington's certificate, and the one Washington holds.\n"
        "  2. As omar in Rabat: a report that waits for the second person; "
        "release it, and see it arrive at Washington.\n"
        "  3. As bob in Washington: the inbox; reading tells Rabat so. Then recall it as omar, and look again.\n"
        "  4. As salma in Rabat: the log, its checkpoint and its witness.\n"
        "  5. As rachid in Rabat: who has an account, where they are signed in, and how that ends.\n"
        "Stop with Ctrl-C."
    )
    lines = "\n".join(f"  {name:<8} {secret}" for name, secret in secrets.items())
    return words % {
        "rabat": rabat.address,
        "washington": washington.address,
        "password": password,
        "secrets": lines,
    }
