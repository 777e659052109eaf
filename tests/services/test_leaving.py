"""What is missing before a draft may leave is what proposing it would be refused for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from amana.domain.errors import AmanaError
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Kind
from amana.domain.statement import Entity
from amana.domain.vocabulary import Category
from amana.records.models import LogHead, Partner, Report, User
from amana.services import leaving, releases
from amana.services.contents import content_of
from tests.counterpart import Counterpart, next_year
from tests.services.test_exchange import drafted, held

GOOD = Handling(
    tlp=Tlp.AMBER,
    releasable_to=frozenset({"washington"}),
    purposes=frozenset({Purpose.INVESTIGATION}),
    erase_by=next_year(),
)


def codes(row: Report, officer: User) -> set[str]:
    return {one.code for one in leaving.lacks_of(row, content_of(row), by=officer)}


def test_a_complete_draft_lacks_nothing_and_can_be_proposed(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    assert leaving.lacks_of(row, content_of(row), by=alice) == []
    releases.propose_release(row.uid, by=alice)


LACKING: dict[str, dict[str, object]] = {
    "title": {"title": " "},
    "text-or-statements": {"text": "", "statements": []},
    "crime-area": {"crime_areas": frozenset()},
    "purposes": {"handling": replace(GOOD, purposes=frozenset())},
    "releasable-to": {"handling": replace(GOOD, releasable_to=frozenset())},
    "caveat-for-h3": {"handling": replace(GOOD, codes=frozenset({Code.H3}))},
    "category": {"entities": [Entity("e1", "Person")]},
    "agreement-retention": {"handling": replace(GOOD, erase_by=None)},
    "agreement-marking": {"handling": replace(GOOD, tlp=Tlp.RED)},
    "category-hit-no-hit-only": {"entities": [Entity("e1", "Person", Category.VICTIM)]},
    "agreement-none": {"handling": replace(GOOD, releasable_to=frozenset({"third"}))},
    "details": {"kind": Kind.LESSON},
}


@pytest.mark.parametrize("code", LACKING)
def test_each_lack_is_named_and_proposing_is_refused(
    alice: User, washington: Counterpart, third: Counterpart, code: str
) -> None:
    row = drafted(alice, "washington", **LACKING[code])
    assert code in codes(row, alice)
    with pytest.raises(AmanaError):
        releases.propose_release(row.uid, by=alice)


def test_a_partner_that_is_gone_is_named(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "nowhere")
    (lack,) = leaving.lacks_of(row, content_of(row), by=alice)
    assert lack.partner == "nowhere"


def test_what_rests_on_a_third_nodes_report_lacks_its_consent(alice: User, omar: User, washington: Counterpart) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    source, _ = held(washington)
    row = drafted(alice, "paris", built_on=[source])
    assert codes(row, alice) == {"release-third-party"}


def test_without_a_second_person_who_may_read_it_nothing_can_be_released(
    alice: User, omar: User, washington: Counterpart
) -> None:
    User.objects.filter(pk=omar.pk).update(clearance=str(Tlp.GREEN))
    assert codes(drafted(alice, "washington"), alice) == {"second-person"}


def test_a_head_who_writes_needs_somebody_else(omar: User, washington: Counterpart) -> None:
    assert "second-person" in codes(drafted(omar, "washington"), omar)


def test_without_a_witness_that_is_said_too(alice: User, washington: Counterpart) -> None:
    from datetime import timedelta

    from django.utils import timezone

    LogHead.objects.update(witnessed_at=timezone.now() - timedelta(hours=5))
    assert codes(drafted(alice, "washington"), alice) == {"witness-missing"}


def test_a_suspended_partner_stands_in_the_way(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    Partner.objects.filter(pk="washington").update(state=Partner.State.SUSPENDED)
    assert codes(row, alice)


def test_who_may_decide_is_neither_author_nor_proposer(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    assert not releases.may_decide(row, by=omar)
    releases.propose_release(row.uid, by=alice)
    assert releases.may_decide(row, by=omar)
    assert not releases.may_decide(row, by=alice)
