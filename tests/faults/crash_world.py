"""The node that is killed: Rabat with something in every state, made once, copied for each kill."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import connection
from django.utils import timezone

from amana.domain.agreement import Terms
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Content
from amana.domain.vocabulary import CrimeArea
from amana.exchange.identity import new_identity, reissue
from amana.exchange.protocol import ConsentRequestBody, ProposalBody, Type, sign_terms
from amana.records.models import Agreement, Message, Partner, Report, User
from amana.services import delivery, housekeeping, recalls, releases
from amana.services.agreements import propose_agreement
from amana.services.consents import ask_consent
from amana.services.journal import sign_head
from amana.services.node import init_node, migrate
from amana.services.people import find_officer
from amana.services.roster import introduce_partner
from amana.services.terms import usual_terms
from tests.conftest import officer
from tests.counterpart import Counterpart
from tests.faults.crash_partner import Bob
from tests.services.test_exchange import drafted, held, released


def enter(folder: Path) -> None:
    """Let this process be the node in that folder; it must not have opened another's database."""
    settings.AMANA = settings.AMANA.model_copy(update={"home": folder})
    connection.settings_dict["NAME"] = folder / "amana.sqlite3"


@dataclass(slots=True)
class House:
    """The node in a folder, seen by a process that works on it: its people, Bob, and the ids of what was prepared."""

    folder: Path
    bob: Bob
    ids: dict[str, str]

    @classmethod
    def at(cls, place: Path, *, losing: bool = False, refusing: bool = False) -> House:
        """The house in a copy: the node's folder `rabat`, Bob's beside it."""
        enter(place / "rabat")
        bob = Bob.back(place / "bob", losing=losing)
        bob.refusing = refusing
        for module in (delivery, housekeeping):
            setattr(module, "client_for", bob)  # noqa: B010 # he answers as the client does
        return cls(place / "rabat", bob, json.loads((place / "ids.json").read_text()))

    @property
    def alice(self) -> User:
        return find_officer("alice")

    @property
    def omar(self) -> User:
        return find_officer("omar")

    @property
    def idris(self) -> User:
        return find_officer("idris")

    def report(self, name: str) -> Report:
        """A report that was prepared, in its newest version."""
        return Report.objects.filter(uid=self.ids[name]).order_by("-version")[0]

    def partner(self) -> Partner:
        """Bob's row."""
        return Partner.objects.get(pk="washington")

    def terms(self, name: str) -> Terms:
        """Terms under a number that was prepared."""
        return terms(self.ids[name])

    def content(self, name: str, **changes: Any) -> Content:
        """What Bob says, the same each time it is said: the report of that number."""
        return self.bob.hand.content(report=self.ids[name], **changes)


def prepare(place: Path) -> None:
    """Make the house, in `rabat` over a blank memory that lies there; `unmade` is a folder with tables and no more."""
    enter(place / "rabat")
    (place / "rabat").mkdir(exist_ok=True)
    migrate()
    connection.close()
    shutil.copytree(place / "rabat", place / "unmade")
    init_node(agency="Agency of Rabat", country="MA", name="rabat")
    alice, omar = officer("alice", "author", "analyst"), officer("omar", "releasing-officer", "head")
    hand = Counterpart.joined("washington", "US", head=omar)
    ids = _agreements(omar, hand) | _reports(alice, omar, hand)
    ids |= {name: str(uuid5(NAMESPACE_URL, name)) for name in ("new", "never", "after", "third", "fourth", "question")}
    ids["card"] = reissue(hand.secrets, timezone.now(), urls=["https://127.0.0.1:2"]).card_jws
    sign_head(at=timezone.now())
    partner = Partner.objects.get(pk="washington")
    got = Message.objects.filter(direction="out", outbox__state="delivered").order_by("-seq")[0]
    bob = Bob.found(hand, place / "bob", in_seq=got.seq, in_hash=got.hash)
    assert (partner.in_seq, partner.in_hash) == (bob.hand.seq, bob.hand.prev)
    (place / "ids.json").write_text(json.dumps(ids))
    connection.close()


def _reports(alice: User, omar: User, bob: Counterpart) -> dict[str, str]:
    soon = timezone.now().date() + timedelta(days=1)
    to_read, to_erase = held(bob)[0], held(bob)[0]
    Report.objects.filter(pk=to_erase.pk).update(erase_by=soon)
    to_recall, recalled, ours_to_erase = (released(alice, omar, "washington") for _ in range(3))
    Report.objects.filter(pk=ours_to_erase.pk).update(erase_by=soon)
    bob.fetch()
    recalls.recall_report(recalled.uid, reason="wrong person", by=omar)
    _charlie(omar)
    ours = ask_consent(to_read.uid, "third", Purpose.INVESTIGATION, reason="joint case", by=alice)
    theirs = question(str(uuid5(NAMESPACE_URL, "their-question")), str(to_recall.uid))
    bob.send(bob.message(Type.CONSENT_REQUEST, theirs, agreement=""))
    bob.fetch()
    draft, proposed = drafted(alice, "washington"), drafted(alice, "washington")
    releases.propose_release(proposed.uid, by=alice)
    rows = {"held": to_read, "held-to-erase": to_erase, "released": to_recall, "recalled": recalled}
    rows |= {"released-to-erase": ours_to_erase, "draft": draft, "proposed": proposed}
    to_carry, void = released(alice, omar, "washington"), released(alice, omar, "washington")
    recalls.recall_report(void.uid, reason="too early", by=omar)
    rows |= {"to-carry": to_carry, "void": void}
    rows |= {"built-on": drafted(alice, built_on=[to_read])}
    sent = {"sent": Message.objects.get(report=to_recall).hash}
    consents = {"our-question": str(ours.pk), "their-question": theirs.consent}
    return {name: str(row.uid) for name, row in rows.items()} | sent | consents


def _charlie(omar: User) -> None:
    """A third node, confirmed as if its fingerprint had been compared, but never asked to witness: only Bob answers."""
    made = new_identity("third", "Agency of Paris", "FR", ("https://127.0.0.1:1",), timezone.now())
    introduce_partner(made.card_jws, by=omar)
    Partner.objects.filter(pk="third").update(state=Partner.State.CONFIRMED)


def question(number: str, report: str) -> ConsentRequestBody:
    """Bob asks whether a report of ours may go on to the third node."""
    return ConsentRequestBody(number, report, 1, "third", Purpose.INVESTIGATION, "joint case")


def terms(number: str | None = None) -> Terms:
    """The usual terms with Bob, under a number."""
    usual = usual_terms(
        "washington",
        purposes=frozenset(Purpose),
        crime_areas=frozenset(CrimeArea),
        strictest=Tlp.AMBER_STRICT,
        retention_days=1095,
        valid_days=365,
        overseers=(),
    )
    return replace(usual, id=number or usual.id)


def _agreements(omar: User, bob: Counterpart) -> dict[str, str]:
    usual, theirs = terms(), terms()
    body = ProposalBody(theirs, sign_terms(theirs, bob.secrets.signing))
    bob.send(bob.message(Type.PROPOSAL, body, agreement=""))
    propose_agreement(usual, partner="washington", by=omar)
    bob.fetch()
    in_force = Agreement.objects.get(state="in-force")
    return {"theirs": theirs.id, "ours": usual.id, "agreement": str(in_force.pk)}
