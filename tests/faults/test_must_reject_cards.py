"""Cards that must not be believed and answers that must not count; the names of these tests say how many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from amana.domain.errors import AmanaError
from amana.exchange.identity import fingerprint, read_card
from amana.records.models import LogHead, Outbox, Partner, Receipt, User, Witness
from amana.services.delivery import note_answers, take_batch
from amana.services.people import find_officer
from amana.services.roster import confirm_partner, decline_change, introduce_partner, list_changes
from tests.counterpart import Counterpart, idris
from tests.faults.forged_world import Written
from tests.faults.must_reject_answers import ANSWER_CLASSES, AnswerClass, ForgedAnswer, accepted
from tests.faults.must_reject_cards import CARD_CLASSES, CardClass, ForgedCard, next_card, signed

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings

CARDS = sum(one.count for one in CARD_CLASSES)
ANSWERS = sum(one.count for one in ANSWER_CLASSES)


@pytest.fixture
def bob(db: None, forged: Written, settings: Settings) -> Counterpart:
    settings.AMANA = forged.settings
    forged.restore()
    return forged.forger.bob


@pytest.mark.parametrize("one", CARD_CLASSES, ids=lambda one: f"{one.name}-{one.count} cards")
def test_every_card_is_refused_with_its_code_and_nobody_is_enrolled(one: CardClass, bob: Counterpart) -> None:
    head = find_officer("omar")
    _enrol(signed(bob, next_card(bob, serial=5)).decode(), None, head)
    cards = list(one.make(bob))
    wrong = [f"{card.what}: {problem}" for card in cards for problem in _card_problems(card, head)]
    assert not wrong
    assert len(cards) == one.count
    _enrol(signed(bob, next_card(bob, serial=6)).decode(), None, head)
    assert Partner.objects.get(pk="washington").serial == 6


def _enrol(jws: str, compared: str | None, head: User) -> None:
    """One officer brings a card, the head compares the fingerprint; None is that of the card's root."""
    partner = introduce_partner(jws, by=idris())
    confirm_partner(partner.node, compared if compared is not None else fingerprint(read_card(jws).root), by=head)


def _card_problems(card: ForgedCard, head: User) -> list[str]:
    before, entries = _roster(), LogHead.objects.get().size
    jws = card.jws.decode("utf-8", "replace") if isinstance(card.jws, bytes) else card.jws
    try:
        _enrol(jws, card.compared, head)
    except AmanaError as error:
        problems = [] if error.code == card.code else [f"refused as {error.code}, not {card.code}"]
        if card.compared is None and LogHead.objects.get().size != entries:
            problems.append("something stands in the log")
        for change in list_changes():
            decline_change(change.node, by=head)
        return problems if _roster() == before else [*problems, "something was left behind"]
    return ["accepted"]


def _roster() -> object:
    return list(Partner.objects.order_by("pk").values_list()), list(Witness.objects.order_by("pk").values_list())


@pytest.mark.parametrize("one", ANSWER_CLASSES, ids=lambda one: f"{one.name}-{one.count} answers")
def test_every_forged_answer_is_shown_and_receipts_nothing(one: AnswerClass, bob: Counterpart) -> None:
    partner, now = Partner.objects.get(pk="washington"), timezone.now()
    sent = take_batch("washington", batch=1, at=now)[0][0]
    answers = list(one.make(bob, sent))
    wrong = []
    for answer in answers:
        note_answers(partner, [sent], [answer.jws], at=now)
        wrong += _answer_problems(answer)
    assert not wrong
    assert len(answers) == one.count
    honest = bob.answer(bob.open(bytes(sent.sealed or b"")), sent.hash)
    assert note_answers(partner, [sent], [honest], at=now).receipted == 1
    assert accepted(sent).sha256 == sent.hash


def _answer_problems(answer: ForgedAnswer) -> list[str]:
    row = Outbox.objects.order_by("seq").filter(partner_id="washington", state__in=["queued", "sending"]).first()
    if row is None or Receipt.objects.filter(message=row.message).exists() or row.message.sealed is None:
        return [f"{answer.what}: taken for a receipt"]
    problems = [] if row.problem == answer.code else [f"{answer.what}: shown as {row.problem}, not {answer.code}"]
    Outbox.objects.filter(pk=row.pk).update(state=Outbox.State.SENDING, problem="")
    return problems


@pytest.mark.parametrize(
    "figures", [f"{CARDS} cards and {ANSWERS} answers in {len(CARD_CLASSES) + len(ANSWER_CLASSES)} classes"]
)
def test_the_tables_of_cards_and_answers_hold_what_they_say(figures: str) -> None:
    names = [one.name for one in CARD_CLASSES] + [one.name for one in ANSWER_CLASSES]
    assert len(set(names)) == len(names)
