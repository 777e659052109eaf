"""The oracle of the command line: who may use each command, written by hand.

To add a command: write one `Command` with its words and arguments. `who` are the roles that may; ANYBODY needs no
`--as` or changes nothing of others; MACHINE are those that act on the machine itself, asked of no officer: whoever has
the shell account may. Arguments in capitals are objects of the scene. The test fails for a command without a row.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.web.authorisation.table import (
    EVERYBODY,
    JUDGES,
    KEEPERS,
    ONLY_HEAD,
    ONLY_OPERATOR,
    ONLY_OVERSEER,
    READERS,
    RECALLERS,
    SECOND,
    SEE_ACCESS,
    WATCHERS,
    WRITERS,
)

MACHINE: frozenset[str] = frozenset({"the machine's own shell"})
CARRIERS = KEEPERS | SECOND  # who hands over files between nodes
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@dataclass(frozen=True, slots=True)
class Command:
    """One command, its arguments, and who may use it."""

    words: str
    arguments: str
    who: frozenset[str]
    only_denied: bool = False  # it cannot run within the scene's transaction; that it works is tested where it lives

    def __str__(self) -> str:
        return self.words


_WHY = "--reason r"
COMMANDS = (
    Command("agreement accept", "AGREEMENT", ONLY_HEAD),
    Command("agreement propose", "paris", ONLY_HEAD),
    Command("agreement show", "", EVERYBODY),
    Command("backup", "FILE", ONLY_OPERATOR, only_denied=True),
    Command("blind alarms", "", EVERYBODY),
    Command(
        "blind ask", "--to washington --case c --ground g --person Ali --category suspect --born 1980-05-17", WRITERS
    ),
    Command("blind list", "", READERS),
    Command("blind request", "QUESTION 1 --crime-area terrorism", READERS),  # nobody here asked it: not found
    Command("blind show", "QUESTION", READERS),
    Command("blind silent", "ENTITY-ID", WRITERS),
    Command("case add", "CASE DRAFT", WRITERS),
    Command("case close", "CASE", WRITERS),
    Command("case list", "", READERS),
    Command("case open", "--from-report DRAFT", WRITERS),
    Command("case show", "CASE", READERS),
    Command("case task", "CASE what --node rabat --person Alice --due 2030-01-01", WRITERS),
    Command("consent answer", f"CONSENT --grant {_WHY}", SECOND),
    Command("consent ask", f"HELD --to paris {_WHY}", WRITERS),
    Command("consent list", "", READERS),
    Command("consent revoke", f"CONSENT {_WHY}", SECOND),
    Command("consent show", "CONSENT", READERS),
    Command("demo", "", MACHINE),
    Command("demo code", "alice", MACHINE),
    Command("demo enrol", f"victim {SECRET}", MACHINE),
    Command("document decide", "DOCUMENT --accept all", WRITERS),
    Command("document list", "", READERS),
    Command("document show", "DOCUMENT", READERS),
    Command("entity judge", f"ENTITY OTHER different {_WHY}", JUDGES),
    Command("entity search", "Karim", READERS),
    Command("entity show", "ENTITY --leads", READERS),
    Command("entity undo", f"JUDGEMENT {_WHY}", JUDGES),
    Command("expertise add", "--title t --text x --shelf method --tlp TLP:GREEN", WRITERS),
    Command("expertise search", "", READERS),
    Command("export", "washington FILE", CARRIERS),
    Command("import", "THERE", CARRIERS),
    Command("inbox", "", READERS),
    Command("index", "", MACHINE),
    Command("init", "--agency x --country MA", MACHINE),
    Command("intake", "THERE --tlp TLP:GREEN", WRITERS),
    Command("list import", "THERE --name n --category suspect", WRITERS),
    Command("list show", "", READERS),
    Command("log bundle", "FILE", WATCHERS),
    Command("log prove", "0 FILE", WATCHERS),
    Command("log state", "", EVERYBODY),
    Command("log verify", "THERE --key x", EVERYBODY),
    Command("log witness add", "x", ONLY_OPERATOR),
    Command("log witness key", "n FILE", MACHINE),
    Command("log witness note", "n 1 x", EVERYBODY),  # a co-signature proves itself
    Command("log witness sign", "THERE --key-file THERE --origin x", MACHINE),
    Command("match", "Karim", READERS),
    Command("meeting communique", "MEETING", WRITERS),
    Command("meeting new", "--place Rabat --starts 2026-09-24T10:00 --title t --tlp TLP:GREEN", WRITERS),
    Command("names", "", MACHINE),
    Command("node compromised", "--since 2026-01-01T00:00 --reason r", KEEPERS),
    Command("node rotate", "", KEEPERS),
    Command("oversight access ask", "ACCESS HELD --title t --text x", ONLY_HEAD),
    Command("oversight access decide", f"ACCESS refused --ground identity-not-shown {_WHY}", ONLY_OVERSEER),
    Command("oversight access extend", f"ACCESS {_WHY}", ONLY_OVERSEER),
    Command("oversight access list", "", SEE_ACCESS),
    Command("oversight access note", f"ACCESS HELD --agreed {_WHY}", ONLY_OVERSEER),
    Command("oversight access record", "n --on 2026-01-01 --identity passport", ONLY_OVERSEER),
    Command("oversight access search", "ACCESS", frozenset()),  # no overseer here has a mandate
    Command("oversight access show", "ACCESS", SEE_ACCESS),
    Command("oversight answer", "CHECK 2 w", EVERYBODY),  # who is not asked is told that there is none
    Command("oversight check", "CHECK", ONLY_OVERSEER),
    Command("oversight draw", "releases --number 17", ONLY_OVERSEER),
    Command("oversight find", "CHECK 1 in-order", ONLY_OVERSEER),
    Command("oversight lift", f"ORDER {_WHY}", ONLY_OVERSEER),
    Command("oversight log", "", WATCHERS),
    Command("oversight mandate confirm", "MANDATE", KEEPERS),
    Command("oversight mandate list", "", WATCHERS),
    Command("oversight mandate propose", "watcher --ground g --until 2030-01-01", KEEPERS),
    Command("oversight open", "HELD --access ACCESS", frozenset()),  # no overseer here has a mandate
    Command(
        "oversight order", f"stop --partner paris --ground unlawful-processing --addressee a {_WHY}", ONLY_OVERSEER
    ),
    Command("oversight orders", "", WATCHERS),
    Command("oversight questions", "", EVERYBODY),
    Command("oversight register", "--from 2026-01-01", ONLY_OVERSEER),
    Command("oversight retention", "", ONLY_OVERSEER),
    Command("partner add", "THERE", KEEPERS),
    Command("partner card", "", EVERYBODY),
    Command("partner changes", "", EVERYBODY),
    Command("partner confirm", "paris x", KEEPERS),
    Command("partner decline", "paris", KEEPERS),
    Command("partner list", "", EVERYBODY),
    Command("partner reconfirm", "paris", SECOND),
    Command("partner resume", f"paris {_WHY}", KEEPERS),
    Command("partner suspend", f"paris {_WHY}", KEEPERS),
    Command("reconcile", "paris", CARRIERS),
    Command("report correct", f"RELEASED {_WHY}", WRITERS),
    Command("report edit", "DRAFT --title t", WRITERS),
    Command("report mark", "DRAFT s1 --stays", WRITERS),
    Command("report hold", f"HELD {_WHY}", ONLY_HEAD),
    Command("report letter", "RELEASED --to washington --language fr --out FILE", READERS),
    Command("report list", "", READERS),
    Command("report new", "--title t --text x --tlp TLP:GREEN", WRITERS),
    Command("report pass-on", "HELD --to paris", WRITERS),
    Command("report preview", "PROPOSED", READERS),
    Command("report propose", "DRAFT", WRITERS),
    Command("report recall", f"RELEASED {_WHY}", RECALLERS),
    Command("report release", "PROPOSED", SECOND),
    Command("report restrict", f"RELEASED --tlp TLP:AMBER {_WHY}", RECALLERS),
    Command("report seen", "DRAFT --flag FLAG", WRITERS),
    Command("report show", "DRAFT", READERS),
    Command("report tell", "HELD --step read", READERS),
    Command("report unhold", f"HELD {_WHY}", ONLY_HEAD),
    Command("request clarify", "REQUEST --text t", WRITERS),
    Command("request extend", "REQUEST --hours 24 --text t", WRITERS),
    Command("request figures", "", READERS),
    Command("request list", "", READERS),
    Command(
        "request new", "--to washington --title t --text x --grounds g --crime-area terrorism --tlp TLP:GREEN", WRITERS
    ),
    Command("request refuse", "REQUEST --ground minor-offence --text t", WRITERS),
    Command("request reply", "REQUEST --full --text t", WRITERS),
    Command("request show", "REQUEST", READERS),
    Command("restore", "THERE", MACHINE),
    Command("run", "", MACHINE),
    Command("shell", "", MACHINE),
    Command("task done", "MEETING TASK", WRITERS),
    Command("task list", "", READERS),
    Command("user add", "lea --role author --password a-long-passphrase-7", ONLY_OPERATOR),
    Command("user change", f"victim --clearance TLP:CLEAR {_WHY}", ONLY_OPERATOR),
    Command("user changes", "", WATCHERS),
    Command("user close", f"victim {_WHY}", ONLY_OPERATOR),
    Command("user confirm", "CHANGE", WATCHERS),
    Command("user decline", "CHANGE", WATCHERS),
    Command("user end-sessions", f"victim {_WHY}", ONLY_OPERATOR),
    Command("user factors", "victim", ONLY_OPERATOR),
    Command("user list", "", ONLY_OPERATOR),
    Command("user password", f"victim {_WHY}", ONLY_OPERATOR),
    Command("user reopen", f"victim {_WHY}", ONLY_OPERATOR),
    Command("user reset-factor", f"victim {_WHY}", ONLY_OPERATOR),
    Command("user sessions", "victim", ONLY_OPERATOR),
)
