"""The parts of the sizing benchmark that run in processes of their own. Prints JSON."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from collections.abc import Callable
from copy import copy
from itertools import islice
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

import numpy as np

PAGE = 500  # reports written at once
PEOPLE, STATEMENTS = 5, 20  # of each report
TIMES = 30


def resident_mb() -> float:
    """What this process holds now."""
    (kib,) = re.findall(r"^VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024


def most_mb() -> float:
    """The most this process has held."""
    (kib,) = re.findall(r"^VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    return int(kib) / 1024


def build(many: str, path: str) -> dict[str, object]:
    """Build an index of so many names and keep it."""
    from amana.matching import NameIndex
    from bench.retrieval import recombined

    NameIndex.build(["warm up"]).query("warm up")
    names = list(islice(recombined(set(), np.random.default_rng(1)), int(many)))
    before, begin = resident_mb(), process_time()
    index = NameIndex.build(names)
    seconds, most = process_time() - begin, most_mb()
    index.save(Path(path))
    return {
        "s": f"{seconds:.1f}",
        "MB": f"{most - before:.0f}",
        "file": f"{Path(path).stat().st_size / 1e6:.0f}",
    }


def load(path: str) -> dict[str, object]:
    """Load an index and ask it."""
    from amana.matching import NameIndex
    from bench.retrieval import recombined

    NameIndex.build(["warm up"]).query("warm up")
    asked = list(islice(recombined(set(), np.random.default_rng(2)), 1_000))
    before, begin = resident_mb(), process_time()
    index = NameIndex.load(Path(path))
    seconds = process_time() - begin
    times = [_ms(lambda name=name: index.query_values(name)) for name in asked]  # type: ignore[misc]
    middle, late = np.quantile(times, (0.5, 0.95))
    return {
        "s": f"{seconds:.1f}",
        "MB": f"{resident_mb() - before:.0f}",
        "p50": f"{middle:.1f}",
        "p95": f"{late:.1f}",
    }


def _ms(ask: Callable[[], object]) -> float:
    begin = process_time()
    ask()
    return (process_time() - begin) * 1000


def reports(many: str) -> dict[str, object]:
    """Fill a new node with reports that a partner entrusted, and ask it what officers ask."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "amana.config.settings"
    django.setup()
    from django.db import connection

    from amana.domain.handling import Purpose, Tlp
    from amana.domain.viewpoint import Role
    from amana.services import desk, matching
    from amana.services.node import init_node
    from amana.services.people import add_officer, viewpoint_of
    from amana.services.reports import list_reports

    init_node(agency="Agency of Rabat", country="MA", name="rabat")
    roles = [Role("author"), Role("analyst")]
    alice = add_officer(name="alice", password="a-long-passphrase-7", roles=roles, clearance=Tlp.RED, by="operator")
    empty = _bytes(connection)
    _fill(int(many), alice)
    size = _bytes(connection) - empty
    look = viewpoint_of(alice, purpose=Purpose.INVESTIGATION)
    inbox = [_clock(lambda: desk.open_desk(viewpoint=look, by=alice)) for _ in range(TIMES)]
    words = [_clock(lambda: list_reports(viewpoint=look, words="lorry yard")) for _ in range(TIMES)]
    asked = matching.Subject(("Karim Belkadi",), "Person", ("1980-05-17",))
    match = [_clock(lambda: matching.match_subject(asked, viewpoint=look)) for _ in range(TIMES)]
    statements = int(many) * STATEMENTS
    return {
        "reports": f"{int(many):,}",
        "statements": f"{statements:,}",
        "MB": f"{size / 1e6:,.0f}",
        "bytes": f"{size / statements:,.0f}",
        "inbox": f"{np.median(inbox):.0f}",
        "words": f"{np.median(words):.0f}",
        "first": f"{match[0] / 1000:.1f}",
        "match": f"{np.median(match[1:]):.0f}",
    }


def _clock(ask: Callable[[], object]) -> float:
    begin = perf_counter()
    ask()
    return (perf_counter() - begin) * 1000


def _bytes(connection: Any) -> int:
    """What the database takes on disk, its indexes included."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def _fill(many: int, alice: Any) -> None:
    """One report written as an officer writes it; then as many like it as a partner's, each of other people."""
    from django.db import transaction

    from amana.records.models import Report

    like = Report.objects.get(pk=_written(alice))
    chooser = random.Random(1)
    for start in range(0, many, PAGE):
        with transaction.atomic():
            _page(like, min(PAGE, many - start), chooser)


def _written(alice: Any) -> int:
    from django.utils import timezone

    from amana.domain.evaluation import Evaluation, Information, Source
    from amana.domain.handling import Handling, Purpose
    from amana.domain.statement import Entity, Nature, Statement
    from amana.domain.vocabulary import Category
    from amana.services.reports import draft_report

    grade = Evaluation(Source.B, Information.CORROBORATED, timezone.now().date())
    values = (("name", "Karim Belkadi"), ("birthDate", "1980-05-17"), ("nationality", "ma"), ("phone", "+212661234567"))
    people = [f"e{place}" for place in range(PEOPLE)]
    told = [(person, *value) for person in people for value in values]
    assert len(told) == STATEMENTS
    return draft_report(
        title="A lorry seen at a yard",
        text="The lorry left the yard at dawn. " * 30,
        language="en",
        evaluation=grade,
        handling=Handling(purposes=frozenset({Purpose.INVESTIGATION})),
        entities=[Entity(person, "Person", Category.SUSPECT) for person in people],
        statements=[
            Statement(f"s{place}", person, "Person", name, value, Nature.FACT, grade)
            for place, (person, name, value) in enumerate(told, start=1)
        ],
        by=alice,
    ).pk


def _page(like: Any, many: int, chooser: random.Random) -> None:
    """Write copies of a report with all that hangs on it; other numbers, and names and numbers of other people."""
    from amana.domain.report import State
    from amana.records.models import Entity, EntityName, ReportEntity, Statement

    def other(row: Any, **changes: object) -> Any:
        made = copy(row)
        made.pk, made._state = None, copy(row._state)
        made._state.adding, made._state.fields_cache = True, {}
        for name, value in changes.items():
            setattr(made, name, value)
        return made

    copies = [
        other(
            like, uid=uuid4(), originator="washington", state=State.HELD, author=None, edition=chooser.getrandbits(62)
        )
        for _ in range(many)
    ]
    reports = type(like).objects.bulk_create(copies)
    kinds = list(like.entity_links.select_related("entity"))
    entities = Entity.objects.bulk_create(
        other(link.entity, originator="washington", uid=str(uuid4())) for _ in reports for link in kinds
    )
    place = {link.entity_id: number for number, link in enumerate(kinds)}
    names = {number: _name(chooser) for number in range(len(entities))}

    def rows(kind: Any, change: Callable[[Any, int], dict[str, object]]) -> None:
        found = list(kind.objects.filter(report=like))
        made = []
        for number, report in enumerate(reports):
            for row in found:
                entity = number * len(kinds) + place[row.entity_id]
                made.append(other(row, report=report, entity=entities[entity], **change(row, entity)))
        kind.objects.bulk_create(made, batch_size=2_000)

    def said(row: Any, entity: int) -> dict[str, object]:
        value = {"name": names[entity], "phone": f"+2126{chooser.randrange(10**8):08d}"}.get(row.property, row.value)
        return {"value": value, "key": row.key.replace(row.value, value) if row.property == "phone" else row.key}

    rows(ReportEntity, lambda row, entity: {})
    rows(Statement, said)
    rows(EntityName, lambda row, entity: {"name": names[entity], "folded": names[entity].lower()})


def _name(chooser: random.Random) -> str:
    """An invented name of the commonest given and of rarer family names."""
    given = chooser.choice(
        ("Karim", "Youssef", "Omar", "Fatima", "Aicha", "Idriss", "Moussa", "Salma", "Hamza", "Nadia")
    )
    sounds = ("bel", "ka", "di", "ta", "zi", "ber", "ra", "da", "sqa", "li", "mou", "ham", "chi", "dri", "ssi", "wal")
    return f"{given} {''.join(chooser.choice(sounds) for _ in range(chooser.randint(2, 4))).title()}"


if __name__ == "__main__":
    print(json.dumps({"build": build, "load": load, "reports": reports}[sys.argv[1]](*sys.argv[2:])))
