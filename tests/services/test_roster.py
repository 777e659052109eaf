"""The roster: every change takes two officers, and a card that is older than the one enrolled never comes in."""

from __future__ import annotations

import pytest
from django.utils import timezone

from amana.domain.errors import NotAllowed
from amana.exchange.identity import CardNotSuccessor, NodeSecrets, fingerprint, new_identity, reissue
from amana.records.models import LogEntry, Partner, RosterChange, User, Witness
from amana.services import roster
from amana.services.roster import What
from tests.counterpart import Counterpart


@pytest.fixture
def lisbon() -> NodeSecrets:
    """A node that is not known here yet."""
    return new_identity("lisbon", "Agency of Lisbon", "PT", ("https://127.0.0.1:1",), timezone.now())


def state_of(node: str) -> str:
    return Partner.objects.get(pk=node).state


def test_a_partner_is_known_after_one_officer_brought_its_card_and_another_compared_it(
    rachid: User, omar: User, lisbon: NodeSecrets
) -> None:
    roster.introduce_partner(lisbon.card_jws, by=rachid)
    assert state_of("lisbon") == "introduced"
    roster.confirm_partner("lisbon", fingerprint(lisbon.card.root).lower(), by=omar)
    assert state_of("lisbon") == "confirmed"
    assert Witness.objects.filter(partner_id="lisbon").exists()
    change = RosterChange.objects.get(node="lisbon")
    assert (change.proposed_by, change.decided_by, change.state) == ("rachid", "omar", "confirmed")


def test_whoever_brought_a_card_does_not_confirm_it(rachid: User, lisbon: NodeSecrets) -> None:
    roster.introduce_partner(lisbon.card_jws, by=rachid)
    with pytest.raises(roster.SecondPersonMissing):
        roster.confirm_partner("lisbon", fingerprint(lisbon.card.root), by=rachid)
    assert state_of("lisbon") == "introduced"


def test_another_fingerprint_is_refused_and_the_change_stays_open(
    rachid: User, omar: User, lisbon: NodeSecrets
) -> None:
    roster.introduce_partner(lisbon.card_jws, by=rachid)
    with pytest.raises(roster.FingerprintDiffers):
        roster.confirm_partner("lisbon", "AAAA " * 8, by=omar)
    assert [one.node for one in roster.list_changes()] == ["lisbon"]


def test_a_declined_partner_is_forgotten(rachid: User, omar: User, lisbon: NodeSecrets) -> None:
    roster.introduce_partner(lisbon.card_jws, by=rachid)
    roster.decline_change("lisbon", by=omar)
    assert not Partner.objects.filter(pk="lisbon").exists()
    assert roster.list_changes() == []


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [(What.SUSPEND, "confirmed", "suspended"), (What.RESUME, "suspended", "confirmed")],
)
def test_suspending_and_resuming_take_two_officers(
    washington: Counterpart, rachid: User, omar: User, what: What, before: str, after: str
) -> None:
    Partner.objects.filter(pk="washington").update(state=before)
    roster.propose_state("washington", what, reason="audit", by=omar)
    assert state_of("washington") == before
    with pytest.raises(roster.SecondPersonMissing):
        roster.confirm_state("washington", what, by=omar)
    assert state_of("washington") == before
    roster.confirm_state("washington", what, by=rachid)
    assert state_of("washington") == after


def test_a_change_does_not_fit_every_state(washington: Counterpart, omar: User) -> None:
    with pytest.raises(roster.PartnerStateWrong):
        roster.propose_state("washington", What.RESUME, reason="audit", by=omar)


def test_a_change_needs_a_reason_a_role_and_no_other_open_change(
    washington: Counterpart, omar: User, alice: User
) -> None:
    with pytest.raises(roster.ReasonWanted):
        roster.propose_state("washington", What.SUSPEND, reason=" ", by=omar)
    with pytest.raises(NotAllowed):
        roster.propose_state("washington", What.SUSPEND, reason="audit", by=alice)
    roster.propose_state("washington", What.SUSPEND, reason="audit", by=omar)
    with pytest.raises(roster.ChangeOpen):
        roster.propose_state("washington", What.SUSPEND, reason="audit", by=omar)


def test_nothing_is_confirmed_that_nobody_proposed(washington: Counterpart, omar: User) -> None:
    with pytest.raises(roster.NothingProposed):
        roster.confirm_state("washington", What.SUSPEND, by=omar)
    with pytest.raises(roster.NothingProposed):
        roster.confirm_partner("washington", fingerprint(washington.secrets.card.root), by=omar)


def test_the_next_card_of_a_partner_counts_only_once_another_officer_confirmed_it(
    washington: Counterpart, rachid: User, omar: User
) -> None:
    newer = reissue(washington.secrets, timezone.now(), urls=["https://127.0.0.1:2"])
    roster.introduce_partner(newer.card_jws, by=rachid)
    assert Partner.objects.get(pk="washington").serial == 1
    roster.confirm_partner("washington", fingerprint(newer.card.root), by=omar)
    row = Partner.objects.get(pk="washington")
    assert (row.serial, row.url, row.state) == (2, "https://127.0.0.1:2", "confirmed")


def test_a_rolled_back_card_is_refused(washington: Counterpart, rachid: User, omar: User) -> None:
    newer = reissue(washington.secrets, timezone.now())
    roster.introduce_partner(newer.card_jws, by=rachid)
    roster.confirm_partner("washington", fingerprint(newer.card.root), by=omar)
    with pytest.raises(CardNotSuccessor):
        roster.introduce_partner(washington.secrets.card_jws, by=rachid)
    assert Partner.objects.get(pk="washington").serial == 2


def test_a_name_belongs_to_one_root_key(washington: Counterpart, rachid: User) -> None:
    forged = new_identity("washington", "Agency of washington", "US", ("https://127.0.0.1:1",), timezone.now())
    with pytest.raises(roster.PartnerOther):
        roster.introduce_partner(forged.card_jws, by=rachid)


def test_our_own_card_is_no_partners(node: NodeSecrets, rachid: User) -> None:
    with pytest.raises(roster.OwnCard):
        roster.introduce_partner(node.card_jws, by=rachid)


def test_each_proposal_and_each_decision_stands_in_the_log_with_its_person(
    washington: Counterpart, rachid: User, omar: User
) -> None:
    roster.propose_state("washington", What.SUSPEND, reason="audit", by=omar)
    roster.confirm_state("washington", What.SUSPEND, by=rachid)
    told = [entry.event or "" for entry in LogEntry.objects.order_by("index")][-2:]
    assert '"suspend-proposed"' in told[0]
    assert '"omar"' in told[0]
    assert '"suspend-confirmed"' in told[1]
    assert '"rachid"' in told[1]
