"""The newer rooms of a node, filled by the services with whatever words a test wants in their free texts.

Invariant: every text field of a person's own words that these rooms have is written here; a new field gets its line.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Purpose, Tlp
from amana.domain.judgement import Verdict
from amana.domain.statement import Entity
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category
from amana.records.models import AccessRequest, DrawnEntry, OversightOrder, User
from amana.records.models import Entity as EntityRow
from amana.services import (
    access_requests,
    accounts,
    composing,
    judgements,
    looking,
    mandates,
    orders,
    spot_checks,
)
from tests.conftest import officer
from tests.counterpart import idris
from tests.services.asking import about, look
from tests.services.test_cross_checks import GRADE
from tests.services.test_exchange import drafted
from tests.services.witnessing import witnessed

GROUND, PLACES = orders.Ground.UNLAWFUL, 4


@dataclass(frozen=True, slots=True)
class Cast:
    """Who does what in the rooms."""

    alice: User
    omar: User
    salma: User
    rachid: User


@dataclass(frozen=True, slots=True)
class Words:
    """What is written: a long text, texts of at most 1000, 200 and 100 letters, and names of entities."""

    long: str = "The passport was seen; the number agrees."
    titles: tuple[str, ...] = ("Looked into", "A second look")
    some: tuple[str, ...] = ("Karim Belkadi", "Amal Haddad")
    short: tuple[str, ...] = ("Desk North",)
    names: tuple[str, ...] = ("Karim Belkadi", "Karim Belkady", "كريم بلقاضي")
    text: str = field(default="Karim Belkadi left Casablanca on 3 March 2026 with CSQU3054383. Call +212 661 234567.")


@transaction.atomic
def furnish(cast: Cast, words: Words) -> None:
    """Fill compose, entities, viewpoint, people and the overseer's room."""
    composed(cast, words)
    judged(cast, words)
    governed(cast, words)
    overseen(cast, words)


def composed(cast: Cast, words: Words) -> None:
    """A draft from words whose suggestions are there still, one from a file with its suggestions accepted."""
    alice = cast.alice
    marks = {"title": words.titles[0], "tlp": Tlp.AMBER, "viewpoint": look(alice), "by": alice}
    composing.compose_from_words(words.text, **marks)  # type: ignore[arg-type]
    row = composing.compose_from_file(words.text.encode(), filename="note.txt", **marks)  # type: ignore[arg-type]
    composing.accept_offers(row.uid, None, by=alice)


def judged(cast: Cast, words: Words) -> None:
    """People of several names: some judged to be one, some not, one judgement undone; and a viewpoint of its own."""
    alice, found = cast.alice, []
    for name in words.names[:3]:
        one = Entity(str(uuid4()), "Person", Category.SUSPECT)
        row = drafted(alice, **({"title": words.titles[0], "text": ""} | about(GRADE, (one, "name", name))))
        found.append(EntityRow.objects.get(uid=one.id, statements__report=row).pk)
    for place, verdict in enumerate((Verdict.SAME, Verdict.UNDECIDED)):
        one_is, other_is = found[place : place + 2]
        made = judgements.judge(one_is, other_is, verdict, reason=words.long, viewpoint=look(alice), by=alice)
    judgements.undo_judgement(made.uid, reason=words.long, viewpoint=look(alice), by=alice)
    looking.change_viewpoint(look(alice), purpose=Purpose.PROSECUTION, case=None, reason=words.titles[0], by=alice)


def governed(cast: Cast, words: Words) -> None:
    """An account with a desk and a name in words, changed and closed with reasons; one that waits for a second."""
    rachid, reason = cast.rachid, words.titles[0]
    accounts.open_account(
        "lea", roles=[Role.AUTHOR], clearance=Tlp.GREEN, desk=words.short[0], full_name=words.short[0], reason=reason,
        by=rachid,
    )  # fmt: skip
    accounts.change_account("lea", desk=words.short[-1], reason=reason, by=rachid)
    accounts.close_account("lea", reason=reason, by=rachid)
    officer("hind", "overseer")
    accounts.change_account("hind", clearance=Tlp.AMBER, reason=reason, by=rachid)


def overseen(cast: Cast, words: Words) -> None:
    """Mandates, checks with findings and answers, requests for access in each state, orders in force and lifted."""
    salma, omar, reason, today = cast.salma, cast.omar, words.titles[-1], timezone.localdate()
    made = mandates.propose_mandate("salma", ground=reason, until=today + timedelta(days=90), by=omar)
    mandates.confirm_mandate(made.pk, by=idris())
    mandates.propose_mandate("hind", ground=reason, until=today + timedelta(days=90), by=omar)
    witnessed()
    check = spot_checks.draw_check("requests", PLACES, words.short[0], by=salma)
    finding = DrawnEntry.Finding
    for row, what in zip(check.entries.order_by("place"), (finding.QUESTION, finding.OBJECTION), strict=False):
        spot_checks.give_finding(check.pk, row.place, what, words.long, by=salma)
    for one in spot_checks.open_questions(by=salma)[:1]:
        asked = User.objects.filter(username=one.row.asked).first() or omar
        spot_checks.answer_question(check.pk, one.row.place, words.long, by=asked)
    for name in words.some:
        access_requests.record_access(name=name, identity=name, asked_on=today, by=salma)
    first, *_ = AccessRequest.objects.order_by("pk")
    access_requests.extend_access(first.pk, reason=words.long, by=salma)
    stopped = drafted(cast.alice, title=words.titles[0])
    about_it = {"ground": GROUND, "reason": words.long, "addressee": words.some[0], "by": salma}
    orders.give_order(OversightOrder.What.STOP, report=stopped.uid, **about_it)  # type: ignore[arg-type]
    other = drafted(cast.alice, title=words.titles[0])
    lifted = orders.give_order(OversightOrder.What.RESTRICT, report=other.uid, **about_it)  # type: ignore[arg-type]
    orders.lift_order(lifted.pk, reason=words.long, by=salma)
