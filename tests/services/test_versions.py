"""Nodes of unequal versions: the highest in common or a named refusal; what is not known is refused, never dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from amana.domain.agreement import Terms
from amana.domain.errors import BadInput
from amana.exchange.card import CARD_TYPE, read_card, sign_card
from amana.exchange.envelope import Outer, message_hash, seal, sign
from amana.exchange.identity import sealing_key_at
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import Accepted, Answer, Message, Refused
from amana.exchange.versions import NoCommonVersion, common_version
from amana.records.models import Message as MessageRow
from amana.records.models import Outbox, Partner, Quarantine, Report, User
from amana.services import agreements, releases
from amana.services.desk import open_desk
from amana.services.keys import own_card
from amana.services.partners import renew_card, unreadable_partners
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, released


def speaking(washington: Counterpart, *versions: int) -> None:
    """Bob's node is upgraded and says so on its next card."""
    held = washington.secrets
    card = replace(held.card, serial=held.card.serial + 1, protocols=versions)
    assert held.root is not None
    renew_card(Partner.objects.get(pk="washington"), sign_card(card, held.root), at=timezone.now())


@pytest.mark.parametrize(
    ("theirs", "ours", "common"), [((1,), (1,), 1), ((1, 2), (1,), 1), ((1, 2, 3), (2, 3), 3), ((2, 3), (1, 2), 2)]
)
def test_a_link_speaks_the_highest_version_that_both_know(
    theirs: tuple[int, ...], ours: tuple[int, ...], common: int
) -> None:
    assert common_version("washington", theirs, ours) == common


def test_a_card_that_says_nothing_speaks_the_first_version(washington: Counterpart) -> None:
    assert "protocols" not in washington.secrets.card.to_json()
    assert read_card(washington.secrets.card_jws).protocols == (1,)


@pytest.mark.parametrize("protocols", [[], [1], [2, 1], [1, 1], [0, 1], ["1", "2"], [True], 2])
def test_a_card_writes_its_versions_in_one_form(washington: Counterpart, protocols: Any) -> None:
    held = washington.secrets
    assert held.root is not None
    with pytest.raises(BadInput):
        read_card(sign(held.card.to_json() | {"protocols": protocols}, held.root, CARD_TYPE))


def test_a_partner_that_learns_more_goes_on_in_the_common_version(
    alice: User, omar: User, washington: Counterpart
) -> None:
    speaking(washington, 1, 2)
    released(alice, omar, "washington")
    (message,) = washington.fetch()
    assert message.ver == 1


def test_without_a_common_version_nothing_is_released_and_the_list_of_partners_says_so(
    alice: User, omar: User, washington: Counterpart
) -> None:
    assert unreadable_partners() == frozenset()
    speaking(washington, 2)
    row = drafted(alice, "washington")
    with pytest.raises(NoCommonVersion) as caught:
        releases.propose_release(row.uid, by=alice)
    assert caught.value.code == "protocol-no-common-version"
    assert "versions 2, this node 1" in str(caught.value)
    assert unreadable_partners() == {"washington"}
    assert not Outbox.objects.filter(state="queued").exists()


def test_without_a_common_version_nothing_is_agreed(omar: User, washington: Counterpart) -> None:
    (agreement,) = agreements.list_agreements()
    terms: Terms = replace(agreements.terms_of(agreement), id="00000000-0000-4000-8000-00000000000a")
    speaking(washington, 2)
    with pytest.raises(NoCommonVersion):
        agreements.propose_agreement(terms, partner="washington", by=omar)


# A message from a later version.
def sent_as(washington: Counterpart, message: Message, **changes: Any) -> tuple[bytes, str]:
    """A message of Bob's with fields that this node does not know, rightly signed, numbered and sealed."""
    jws = sign(message.to_json() | changes, washington.secrets.signing, MESSAGE_TYPE)
    key = sealing_key_at(own_card(), timezone.now())
    return seal(jws, Outer(1, message.id, "washington", "rabat", key.kid), key), message_hash(jws)


def send_as(washington: Counterpart, message: Message, **changes: Any) -> Answer:
    sealed, digest = sent_as(washington, message, **changes)
    washington.seq, washington.prev = message.seq, digest
    (answer,) = washington.send_bytes([sealed])
    return answer


UNKNOWN: list[tuple[dict[str, Any], str]] = [
    ({"type": "telegram", "body": {"words": "x"}}, "protocol-type"),
    ({"body": {"content": {}, "more": 1}}, "form-malformed"),
    ({"agreement": ""}, "protocol-agreement-missing"),
]


@pytest.mark.parametrize(("changes", "code"), UNKNOWN)
def test_what_is_not_known_is_refused_with_a_reason_and_the_link_goes_on(
    washington: Counterpart, changes: dict[str, Any], code: str
) -> None:
    message = washington.report()
    answer = send_as(washington, message, **changes)
    assert isinstance(answer, Refused)
    assert (answer.code, answer.message, answer.expected) == (code, message.id, message.seq + 1)
    assert answer.sentence
    kept = Quarantine.objects.get(outgoing=False)
    assert (kept.code, kept.message_id_text) == (code, message.id)
    assert MessageRow.objects.get(direction="in", seq=message.seq).hash == washington.prev
    (after,) = washington.send(washington.report())
    assert isinstance(after, Accepted), after
    assert Report.objects.filter(originator="washington").count() == 1


def test_what_is_not_known_is_refused_alike_when_it_comes_again(washington: Counterpart) -> None:
    message = washington.report()
    sealed, digest = sent_as(washington, message, type="telegram", body={})
    first, again = washington.send_bytes([sealed]), washington.send_bytes([sealed])
    washington.seq, washington.prev = message.seq, digest
    assert [(one.code, one.expected) for one in (*first, *again) if isinstance(one, Refused)] == [
        ("protocol-type", message.seq + 1)
    ] * 2
    (after,) = washington.send(washington.report())
    assert isinstance(after, Accepted)


def test_what_is_not_known_has_no_place_out_of_order(washington: Counterpart) -> None:
    late = replace(washington.report(), seq=9)
    (answer,) = washington.send_bytes([sent_as(washington, late, type="telegram", body={})[0]])
    assert isinstance(answer, Refused)
    assert (answer.code, answer.expected) == ("protocol-gap", 2)


def test_another_version_of_the_signed_text_is_refused_by_name(washington: Counterpart) -> None:
    (answer,) = washington.send_bytes([sent_as(washington, washington.report(), ver=2)[0]])
    assert isinstance(answer, Refused)
    assert answer.code == "protocol-version"


def test_the_senders_desk_shows_what_the_partner_did_not_know(alice: User, omar: User, washington: Counterpart) -> None:
    released(alice, omar, "washington")
    washington.fetch(refuse="protocol-type")
    desk = open_desk(viewpoint=viewpoint_of(alice), by=alice)
    (shown,) = desk.quarantine
    assert (shown.partner_id, shown.code, shown.outgoing) == ("washington", "protocol-type", True)
    released(alice, omar, "washington")
    assert len(washington.fetch()) == 1
