"""The simulator itself under test: a fault that is planted into the node's code is found within a few seeds.

Each of these would be a way to break one promise; a promise that no planted fault can break is not being looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction

from amana.domain.report import Content
from amana.oversight.merkle import leaf_hash
from amana.records.models import Consent, Report
from amana.services import (
    contents,
    delivery,
    journal,
    lines,
    posting,
    products,
    recalls,
    receiving,
    releases,
    wire_desk,
)
from amana.services.consent_answers import ConsentKept, answer_consent
from tests.simulator import onward_acts
from tests.simulator.actions import ACTIONS, author, head, write
from tests.simulator.cast import Cast
from tests.simulator.kept import draw_page
from tests.simulator.tap import Tap
from tests.simulator.watch import Broken
from tests.simulator.world import World

SEEDS = 25
Plant = Callable[[pytest.MonkeyPatch], None]


def a_recall_that_withdraws_nothing(patch: pytest.MonkeyPatch) -> None:
    """The holder certifies and keeps everything."""
    patch.setattr(recalls, "erase_held", lambda rows, state, *, reason: (0, 0))


def a_recall_that_leaves_the_names(patch: pytest.MonkeyPatch) -> None:
    """The holder withdraws the report and forgets what its entity is called by."""
    patch.setattr(contents, "_call_anew", lambda touched: None)


def a_recalled_message_that_is_sent(patch: pytest.MonkeyPatch) -> None:
    """The worker sends the content where a void should go."""
    patch.setattr(delivery, "bytes_of", lambda row, partner, *, at: bytes(row.message.sealed))


def a_receipt_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    """The receiver signs, and then its transaction is undone."""
    real = receiving.receive

    def forgetful(*args: Any, **named: Any) -> list[bytes]:
        with transaction.atomic():
            answers = real(*args, **named)
            transaction.set_rollback(True)
        return answers

    patch.setattr(wire_desk, "receive", forgetful)


def a_message_without_its_entry(patch: pytest.MonkeyPatch) -> None:
    """What is posted is not logged; the number before is named instead."""
    patch.setattr(posting, "record", lambda *args, **named: 0)


def a_tree_that_misses_a_leaf(patch: pytest.MonkeyPatch) -> None:
    """The stored tree is grown over something else than the entries."""
    real = leaf_hash
    patch.setattr(journal, "leaf_hash", lambda data: real(data if data[0] % 16 else data[:-1]))


def a_refusal_given_again_for_what_was_taken_in(patch: pytest.MonkeyPatch) -> None:
    """What came before its turn stays in quarantine when its turn has come."""
    patch.setattr(lines, "_refused_before", lambda numbers: _Forgetful())


class _Forgetful(set[str]):
    """Keeps what it is given and never says so."""

    def __contains__(self, _one: object) -> bool:
        return False


def a_product_that_has_left_and_is_not_flagged(patch: pytest.MonkeyPatch) -> None:
    """Nobody is told that what was released rests on a recalled report."""
    patch.setattr(products, "_flag", lambda *args, **named: None)


def a_consent_over_what_was_kept(patch: pytest.MonkeyPatch) -> None:
    """Nobody asks whether something is kept, neither who consents nor who passes on or gets it."""
    patch.setattr(Content, "kept_in_part", False)


PLANTS: list[Plant] = [
    a_consent_over_what_was_kept,
    a_recall_that_withdraws_nothing,
    a_recall_that_leaves_the_names,
    a_recalled_message_that_is_sent,
    a_receipt_before_the_commit,
    a_message_without_its_entry,
    a_tree_that_misses_a_leaf,
    a_refusal_given_again_for_what_was_taken_in,
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_each_of_8_planted_faults_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    with pytest.raises(Broken):
        for seed in range(SEEDS):
            cast.world(seed).run(30)


def everything(whole: Content, theirs: Content) -> Content:
    """All statements, under the marking that the recipient may see."""
    return replace(whole, handling=theirs.handling)


def passages(whole: Content, theirs: Content) -> Content:
    """The text with what is kept."""
    return replace(theirs, text=whole.text)


def people(whole: Content, theirs: Content) -> Content:
    """Of whom the kept statements speak."""
    return replace(theirs, entities=whole.entities)


def other_readers(whole: Content, theirs: Content) -> Content:
    """To whom else a statement is kept."""
    wide = {one.id: one for one in whole.statements}
    return replace(theirs, statements=tuple(replace(one, handling=wide[one.id].handling) for one in theirs.statements))


@pytest.mark.parametrize("deaf", [False, True], ids=["on-the-wire", "where-it-lies"])
@pytest.mark.parametrize("leak", [everything, passages, people, other_readers], ids=lambda leak: leak.__name__)
def test_each_of_4_leaks_is_found_on_the_wire_and_where_it_lies(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, leak: Callable[[Content, Content], Content], deaf: bool
) -> None:
    real = releases._preview

    def leaky(whole: Content, *args: Any, **named: Any) -> releases.Preview:
        preview = real(whole, *args, **named)
        return replace(preview, content=leak(whole, preview.content))

    monkeypatch.setattr(releases, "_preview", leaky)
    if deaf:
        monkeypatch.setattr(Tap, "_judge", lambda *args: None)
    with pytest.raises(Broken, match=r"holds \w+: " if deaf else r"report \d+ of \w+ to \w+: "):
        for seed in range(SEEDS):
            cast.world(seed).run(30)


def step_of_what_was_kept(world: World) -> None:
    """Rabat consents to a step of a report of which something is kept to Washington, and Washington takes it."""
    origin, holder = world.nodes["rabat"], world.nodes["washington"]
    with world.running():
        with origin.awake():
            asked = Consent.objects.get(originator=origin.name, state=Consent.State.ASKED)
            answer_consent(asked.pk, grant=True, reason="same case", by=head(origin))
        world.settle()
        with holder.awake():
            held = Report.objects.get(originator=origin.name, uid=asked.report_uid)
            ACTIONS["pass-on"].act(world, holder, (held, asked.recipient))
            ACTIONS["release-onward"].act(world, holder, held)
        world.settle()


def test_a_planted_step_of_what_was_kept_is_found_where_it_is_proposed_and_on_the_wire(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ConsentKept):
        step_of_what_was_kept(cast.world(1))
    a_consent_over_what_was_kept(monkeypatch)
    with pytest.raises(Broken, match=r"may pass .* on, of which something was kept"):
        step_of_what_was_kept(cast.world(1))
    monkeypatch.setattr(onward_acts, "kept_here", lambda *args: False)
    with pytest.raises(Broken, match="it was kept to washington and went on"):
        step_of_what_was_kept(cast.world(1))


def release_meets_recall(world: World) -> None:
    """A product leaves while the recall of what it rests on is on its way."""
    origin, holder = world.nodes["rabat"], world.nodes["washington"]
    with world.running():
        with holder.awake():
            held = Report.objects.filter(originator=origin.name).earliest("pk")
            page = world.kept.write(draw_page(world.rng, ["rabat"]))
            product = write(world, holder, page, ("rabat",), built_on=[held])
            releases.propose_release(product.uid, by=author(holder))
        with origin.awake():
            recalls.recall_report(held.uid, reason="source withdrawn", by=head(origin))
        with holder.awake():
            releases.release_report(product.uid, by=head(holder))
            delivery.deliver_due(batch=50)
        world.heal()


def test_a_planted_silence_about_products_is_found_where_a_release_meets_a_recall(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    release_meets_recall(cast.world(1))
    a_product_that_has_left_and_is_not_flagged(monkeypatch)
    with pytest.raises(Broken, match="has left without a flag"):
        release_meets_recall(cast.world(1))
