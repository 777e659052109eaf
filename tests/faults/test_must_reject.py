"""Messages that must be refused, class by class: each with its code, to quarantine, with one log entry.

The classes stand in the `must_reject_….py` modules; the names of these tests say how many messages each has.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.utils import timezone

from amana.exchange.identity import signing_key_at
from amana.exchange.protocol import Accepted, Refused, read_answer
from amana.oversight.merkle import leaf_hash, root
from amana.records.models import LogEntry, LogHead, Quarantine
from amana.services.journal import TreeNodes, settle
from amana.services.keys import own_card
from amana.services.people import find_officer, viewpoint_of
from amana.services.receiving import receive
from amana.services.reports import show_report
from tests.faults import (
    must_reject_card_messages,
    must_reject_consents,
    must_reject_forms,
    must_reject_keys,
    must_reject_order,
    must_reject_rules,
    must_reject_seals,
    must_reject_text,
)
from tests.faults.forged_world import Written, kept
from tests.faults.forging import CLASSES, Class, Forged, Forger

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

MODULES = (
    must_reject_text,
    must_reject_keys,
    must_reject_forms,
    must_reject_seals,
    must_reject_order,
    must_reject_rules,
    must_reject_consents,
    must_reject_card_messages,
)
MESSAGES = sum(one.count for one in CLASSES)


@pytest.fixture
def forger(db: None, forged: Written, settings: Settings) -> Forger:
    settings.AMANA = forged.settings
    forged.restore()
    return forged.forger


@pytest.mark.parametrize("one", CLASSES, ids=lambda one: f"{one.name}-{one.count} messages")
def test_every_message_is_refused_with_its_code_and_leaves_nothing(one: Class, forger: Forger) -> None:
    forger.catch_up()
    wrong, seen, maker = [], 0, one.make(forger)
    while (forged := next(maker, None)) is not None:
        seen += 1
        wrong += [f"{forged.what}: {problem}" for problem in _problems(forged)]
        forger.catch_up()
    assert not wrong
    assert seen == one.count
    (answer,) = forger.bob.send(forger.bob.report())
    assert isinstance(answer, Accepted), "the link no longer takes what is in order"
    _check_log()


def _problems(forged: Forged) -> list[str]:
    """What went otherwise than it must when this was delivered."""
    before, entries, held = kept(), LogHead.objects.get().size, Quarantine.objects.count()
    (data,) = receive([forged.data], by_tls=forged.line)
    answer = read_answer(data, lambda kid: signing_key_at(own_card(), kid, timezone.now()))
    if not isinstance(answer, Refused):
        return ["accepted"]
    problems = [f"refused as {answer.code}, not {forged.code}"] if answer.code != forged.code else []
    row = Quarantine.objects.order_by("-pk").first()
    if row is None or Quarantine.objects.count() != held + 1:
        return [*problems, "not in quarantine"]
    if (row.code, bytes(row.sealed), row.sentence) != (answer.code, forged.data, answer.sentence):
        problems.append("the quarantine says otherwise")
    entry = LogEntry.objects.get(pk=entries)
    assert entry.event is not None
    event = json.loads(entry.event)
    if (event["verb"], event["reason"]) != (
        "message-refused",
        answer.code,
    ) or LogHead.objects.get().size != entries + 1:
        problems.append("the log says otherwise")
    if kept() != before:
        problems.append("something was left behind")
    return problems


def _check_log() -> None:
    """The tree that was grown is the tree of the entries."""
    size, top = settle()
    leaves = [leaf_hash(bytes(one)) for one in LogEntry.objects.order_by("index").values_list("commitment", flat=True)]
    assert len(leaves) == size
    assert root(size, TreeNodes()) == top


def test_every_module_of_classes_is_in_the_table() -> None:
    found = {path.stem for path in Path(__file__).parent.glob("must_reject_*.py")}
    assert found == {module.__name__.rsplit(".", 1)[-1] for module in MODULES} | {
        "must_reject_cards",
        "must_reject_answers",
    }


@pytest.mark.parametrize("figures", [f"{MESSAGES} messages in {len(CLASSES)} classes"])
def test_the_table_holds_at_least_1000_messages_in_at_least_40_classes(figures: str) -> None:
    assert MESSAGES >= 1_000
    assert len({one.name for one in CLASSES}) == len(CLASSES) >= 40


def test_a_partner_that_copies_anothers_number_does_not_stand_before_it(forger: Forger) -> None:
    """Not refused, for that would tell Charlie what Bob sent us; but who came first is shown."""
    forger.catch_up()
    content = forger.bob.content()
    copied = forger.charlie.content(report=content.report, version=9, title="Something else")
    (first,) = forger.bob.send(forger.bob.report(content))
    (second,) = forger.charlie.send(forger.charlie.report(copied))
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    shown = show_report(UUID(content.report), viewpoint=viewpoint_of(find_officer("alice")))
    assert shown.content == content
