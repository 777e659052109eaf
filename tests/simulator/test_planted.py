"""The simulator itself under test: a fault that is planted into the node's code is found within a few seeds.

Each of these would be a way to break one promise; a promise that no planted fault can break is not being looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from amana.oversight.merkle import leaf_hash
from amana.services import contents, delivery, journal, lines, posting, products, recalls, receiving, wire_desk
from tests.simulator.cast import Cast
from tests.simulator.watch import Broken

SEEDS = 25
RELEASE_BEFORE_RECALL = 5586  # a product is released while its source's recall is on its way
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


PLANTS: list[Plant] = [
    a_recall_that_withdraws_nothing,
    a_recall_that_leaves_the_names,
    a_recalled_message_that_is_sent,
    a_receipt_before_the_commit,
    a_message_without_its_entry,
    a_tree_that_misses_a_leaf,
    a_refusal_given_again_for_what_was_taken_in,
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_each_of_7_planted_faults_is_found(cast: Cast, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    with pytest.raises(Broken):
        for seed in range(SEEDS):
            cast.world(seed).run(30)


def test_a_planted_silence_about_products_is_found_where_a_release_meets_a_recall(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.world(RELEASE_BEFORE_RECALL).run(12)
    a_product_that_has_left_and_is_not_flagged(monkeypatch)
    with pytest.raises(Broken):
        cast.world(RELEASE_BEFORE_RECALL).run(12)
