"""One node whose database fails at each write of each act in turn, by faults that are real. Prints JSON.

For each act and each fault the act is tried again and again; on the n-th try the fault strikes just before the n-th
write or the commit, until a try gets past its last one. After each failure the database must be what it was before, so
that nothing happened unlogged; and the try that is not struck must succeed, without a human in between.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.apps import apps
from django.db import Error, OperationalError, close_old_connections, connection
from django.utils import timezone

from amana.exchange.protocol import RecallBody, Type
from amana.records.models import LogEntry, Message, Outbox, Partner, Report
from amana.services import recalls, receipts, releases
from amana.services.delivery import note_answers, put_back, take_batch
from amana.services.people import find_officer
from amana.services.receiving import receive
from tests.counterpart import Counterpart
from tests.faults.rows import hash_of, rows_of
from tests.services.test_exchange import drafted, held, released

WRITES = ("INSERT", "UPDATE", "DELETE")
MOST = 200
LOG = LogEntry._meta.db_table

Act = Callable[[], object]


# The acts. Each is prepared once, and can be tried until it succeeds.
def release(partner: Counterpart) -> Act:
    """The second person lets a report go."""
    row = drafted(find_officer("alice"), "washington")
    releases.propose_release(row.uid, by=find_officer("alice"))
    return lambda: releases.release_report(row.uid, by=find_officer("omar"))


def recall(partner: Counterpart) -> Act:
    """The originator takes back what a partner holds."""
    row = released(find_officer("alice"), find_officer("omar"), "washington")
    partner.fetch()
    return lambda: recalls.recall_report(row.uid, reason="source withdrawn", by=find_officer("omar"))


def receive_report(partner: Counterpart) -> Act:
    """A partner's report is taken in."""
    message = partner.report()
    data, digest = partner.sealed(message)
    partner.seq, partner.prev = message.seq, digest
    return lambda: receive([data], by_tls="washington")


def receive_recall(partner: Counterpart) -> Act:
    """A partner's recall takes effect."""
    _, content = held(partner)
    message = partner.message(Type.RECALL, RecallBody(content.report, (1,), "withdrawn"), agreement="")
    data, digest = partner.sealed(message)
    partner.seq, partner.prev = message.seq, digest
    return lambda: receive([data], by_tls="washington")


def tell(partner: Counterpart) -> Act:
    """A reading is told to the originator."""
    row, _ = held(partner)
    return lambda: receipts.tell_step(row, receipts.Step.READ, by=find_officer("alice"))


def take(partner: Counterpart) -> Act:
    """The worker takes what is due."""
    released(find_officer("alice"), find_officer("omar"), "washington")
    return lambda: take_batch("washington", batch=10, at=timezone.now())


def note(partner: Counterpart) -> Act:
    """The worker keeps a partner's receipts."""
    released(find_officer("alice"), find_officer("omar"), "washington")
    taken = take_batch("washington", batch=10, at=timezone.now())
    rows = [row for row, _ in taken]
    answers = [partner.answer(partner.open(sealed), row.hash) for row, sealed in taken]
    return lambda: note_answers(Partner.objects.get(pk="washington"), rows, answers, at=timezone.now())


ACTS = (release, recall, receive_report, receive_recall, tell, take, note)
UNLOGGED = (take, note)  # what they do was logged when it was released, or is proved by the receipt itself


# The faults. Each is done to the connection just before a write, and undone when the try is over.
def broken() -> None:
    """The write fails, as at a bad block."""
    raise OperationalError("disk I/O error")


def gone() -> None:
    """The database goes away under the connection."""
    raw: Any = connection.connection
    if connection.vendor == "sqlite":
        raw.close()
        return
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [raw.info.backend_pid])
    other.close()


def read_only() -> None:
    """The database may only be read from here on."""
    sqlite = connection.vendor == "sqlite"
    _raw("PRAGMA query_only=ON" if sqlite else "SET transaction_read_only = on")


def without_log() -> None:
    """The log's table is not there until the try is over."""
    _raw(f"ALTER TABLE {LOG} RENAME TO {LOG}_away")


def full() -> None:
    """The disk has no page left."""
    raw: Any = connection.connection
    (pages,) = raw.execute("PRAGMA page_count").fetchone()
    raw.execute(f"PRAGMA max_page_count={pages}")


AT_THE_COMMIT = (broken, gone)  # the others strike statements
FAULTS: dict[str, tuple[Callable[[], None], ...]] = {
    "sqlite": (broken, gone, read_only, without_log, full),
    "postgresql": (broken, gone, read_only, without_log),
}


def _raw(sql: str) -> None:
    """Say something to the database that is no write of the node."""
    raw: Any = connection.connection
    raw.cursor().execute(sql)


@dataclass(slots=True)
class Saboteur:
    """Stands before each write and the commit, and strikes once."""

    fault: Callable[[], None]
    at: int
    writes: int = 0

    def before(self) -> None:
        """Count, and strike if this is the one."""
        self.writes += 1
        if self.writes == self.at:
            self.fault()

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.lstrip().upper().startswith(WRITES):
            self.before()
        return execute(sql, params, many, context)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand there for the length of one try."""
        commit = connection._commit  # type: ignore[attr-defined]

        def watched() -> Any:
            if self.fault in AT_THE_COMMIT:
                self.before()
            return commit()

        connection.ensure_connection()
        connection._commit = watched  # type: ignore[attr-defined]
        try:
            with connection.execute_wrapper(self):
                yield
        finally:
            del connection._commit  # type: ignore[attr-defined]


@dataclass(slots=True)
class Tries:
    """What came of one act under one fault."""

    struck: int = 0
    errors: set[str] = field(default_factory=set)
    half_done: int = 0


def try_until_done(act: Act, fault: Callable[[], None], *, logged: bool) -> Tries:
    """Try the act, struck one write later each time, until it is done, and `logged` where it must be."""
    tries, before, entries = Tries(), picture(), LogEntry.objects.count()
    for at in range(1, MOST):
        saboteur = Saboteur(fault, at)
        try:
            with saboteur.at_work():
                done = act()
        except Error as error:
            tries.struck += 1
            tries.errors.add(type(error).__name__)
            mend(fault)
            tries.half_done += picture() != before
            continue
        mend(fault)
        tries.half_done += not done
        tries.half_done += logged and LogEntry.objects.count() == entries
        return tries
    raise RuntimeError(f"{act} was not done after {MOST} tries")


def mend(fault: Callable[[], None]) -> None:
    """The fault has passed; what is left to do is what the doors and the worker do after each error."""
    close_old_connections()
    if fault is without_log and f"{LOG}_away" in connection.introspection.table_names():
        _raw(f"ALTER TABLE {LOG}_away RENAME TO {LOG}")
    if fault in (read_only, full):
        connection.close()


def picture() -> str:
    """A hash over every row of every table."""
    return hash_of(map(rows_of, apps.get_app_config("records").get_models(include_auto_created=True)))


def clear(partner: Counterpart) -> None:
    """Let nothing wait, so that the next act begins as this one did; and leave no page free."""
    taken = list(Message.objects.filter(outbox__state=Outbox.State.SENDING))
    put_back(taken, code="", at=timezone.now(), got_on=True)
    partner.fetch()
    if connection.vendor == "sqlite":
        _raw("VACUUM")


def main() -> None:
    """Try all acts under all faults."""
    partner = Counterpart.joined("washington", "US", head=find_officer("omar"))
    found: dict[str, dict[str, Any]] = {}
    for act in ACTS:
        for fault in FAULTS[connection.vendor]:
            tries = try_until_done(act(partner), fault, logged=act not in UNLOGGED)
            found.setdefault(act.__name__, {})[fault.__name__] = [tries.struck, tries.half_done, sorted(tries.errors)]
            clear(partner)
    print(json.dumps({"acts": found, "held": Report.objects.filter(state="held").count()}))


if __name__ == "__main__":
    main()
