"""The part of the sizing benchmark that runs inside a node: fill it, then ask it what officers ask. Prints JSON."""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable
from copy import copy
from time import perf_counter
from typing import Any
from uuid import uuid4

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "amana.config.settings"
django.setup()

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.domain.statement import Entity as Spoken
from amana.domain.statement import Nature
from amana.domain.statement import Statement as Said
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category
from amana.records.models import Entity, EntityName, Report, ReportEntity, Statement, User
from amana.services import desk, matching
from amana.services.name_index import find_names, rebuild_index
from amana.services.node import init_node
from amana.services.people import add_officer, viewpoint_of
from amana.services.reports import draft_report, list_reports

PAGE = 500  # reports written at once
PEOPLE, STATEMENTS = 5, 20  # of each report
TIMES, LINES = 30, 300
GIVEN = ("Karim", "Youssef", "Omar", "Fatima", "Aicha", "Idriss", "Moussa", "Salma", "Hamza", "Nadia")
SOUNDS = ("bel", "ka", "di", "ta", "zi", "ber", "ra", "da", "sqa", "li", "mou", "ham", "chi", "dri", "ssi", "wal")


def reports(many: int) -> dict[str, str]:
    """Fill a new node with reports that a partner entrusted, and ask it what officers ask."""
    init_node(agency="Agency of Rabat", country="MA", name="rabat")
    roles = [Role("author"), Role("analyst")]
    alice = add_officer(name="alice", password="a-long-passphrase-7", roles=roles, clearance=Tlp.RED, by="operator")
    empty = _bytes()
    _fill(many, alice)
    size = _bytes() - empty
    look = viewpoint_of(alice, purpose=Purpose.INVESTIGATION)
    inbox = [_ms(lambda: desk.open_desk(viewpoint=look, by=alice)) for _ in range(TIMES)]
    words = [_ms(lambda: list_reports(viewpoint=look, words="lorry yard")) for _ in range(TIMES)]
    rare = [_ms(lambda: list_reports(viewpoint=look, words="submarine")) for _ in range(TIMES)]
    rebuild_index()  # as the worker does for a memory of this size
    asked = matching.Subject(("Karim Belkadi",), "Person", ("1980-05-17",))
    match = [_ms(lambda: matching.match_subject(asked, viewpoint=look)) for _ in range(TIMES)]
    chooser = random.Random(2)
    lines = [matching.Subject((_name(chooser),), "Person", ("1980",), ("ma",)) for _ in range(LINES)]
    named = _ms(lambda: find_names([one.names[0] for one in lines], most=matching.MOST_LEADS, viewpoint=look))
    listed = _ms(lambda: list(matching.match_list(lines, viewpoint=look)))
    statements = many * STATEMENTS
    return {
        "reports": f"{many:,}",
        "statements": f"{statements:,}",
        "MB": f"{size / 1e6:,.0f}",
        "bytes": f"{size / statements:,.0f}",
        "inbox": f"{np.median(inbox):.0f}",
        "words": f"{np.median(words):.0f}",
        "rare": f"{np.median(rare):.0f}",
        "first": f"{match[0] / 1000:.1f}",
        "match": f"{np.median(match[1:]):.0f}",
        "line": f"{listed / LINES:.1f}",
        "names": f"{named / LINES:.1f}",
    }


def _ms(ask: Callable[[], object]) -> float:
    begin = perf_counter()
    ask()
    return (perf_counter() - begin) * 1000


def _bytes() -> int:
    """What the database takes on disk, its indexes included."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT pg_database_size(current_database())")
        else:
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return int(cursor.fetchone()[0])


def _fill(many: int, alice: User) -> None:
    """One report written as an officer writes it; then as many like it as a partner's, each of other people."""
    like, chooser = _written(alice), random.Random(1)
    for start in range(0, many, PAGE):
        with transaction.atomic():
            _copy(like, min(PAGE, many - start), chooser)


def _written(alice: User) -> Report:
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
        entities=[Spoken(person, "Person", Category.SUSPECT) for person in people],
        statements=[
            Said(f"s{place}", person, "Person", name, value, Nature.FACT, grade)
            for place, (person, name, value) in enumerate(told, start=1)
        ],
        by=alice,
    )


def _copy(like: Report, many: int, chooser: random.Random) -> None:
    """Write copies of a report with all that hangs on it, of other people with other names and numbers."""
    held = {"originator": "washington", "state": State.HELD, "author": None}
    copies = [_other(like, uid=uuid4(), edition=chooser.getrandbits(62), **held) for _ in range(many)]
    made = Report.objects.bulk_create(copies)
    links = list(ReportEntity.objects.filter(report=like).select_related("entity"))
    place = {link.entity_id: number for number, link in enumerate(links)}
    people = Entity.objects.bulk_create(
        _other(link.entity, originator="washington", uid=str(uuid4())) for _ in made for link in links
    )
    names = [_name(chooser) for _ in people]
    keys = [f"+2126{chooser.randrange(10**8):08d}" for _ in people]
    statements, named = list(like.statements.all()), list(like.names.all())
    of_like: dict[Any, list[Any]] = {ReportEntity: links, Statement: statements, EntityName: named}
    for kind, theirs in of_like.items():
        kind.objects.bulk_create(
            _other(row, report=report, entity=people[person], **_said(row, names[person], keys[person]))
            for number, report in enumerate(made)
            for row in theirs
            for person in [number * len(links) + place[row.entity_id]]
        )


def _said(row: Any, name: str, phone: str) -> dict[str, object]:
    """What of a row is another person's."""
    if isinstance(row, EntityName):
        return {"name": name, "folded": " ".join(sorted(name.lower().split()))}
    if isinstance(row, Statement) and row.property in ("name", "phone"):
        value = {"name": name, "phone": phone}[row.property]
        return {"value": value, "key": row.key.replace(row.value, value)}
    return {}


def _other(row: Any, **changes: object) -> Any:
    """A row like another, not yet written."""
    made = copy(row)
    made._state = copy(row._state)
    made._state.adding, made._state.fields_cache = True, {}
    made.pk = None
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def _name(chooser: random.Random) -> str:
    """An invented name, of a common first one and a rarer family name."""
    family = "".join(chooser.choice(SOUNDS) for _ in range(chooser.randint(2, 4)))
    return f"{chooser.choice(GIVEN)} {family.title()}"


if __name__ == "__main__":
    print(json.dumps(reports(int(sys.argv[1]))))
