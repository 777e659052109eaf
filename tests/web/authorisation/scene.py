"""The scene of the matrix: people of every role, and every kind of object three times over.

Each object exists as one that the people of the matrix may read (`fits`), one marked above their clearance (`above`)
and one given for another purpose than theirs (`elsewhere`); each carries its own word, so that a page on which it
should not be is found by that word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.protocol import ConsentBody, ConsentRequestBody, Type
from amana.records.models import Flag, Report, User
from amana.services import accounts, cases, consents, documents, meetings, releases, reports, sessions
from amana.services.node import init_node
from amana.services.people import add_officer
from tests.counterpart import Counterpart, next_year
from tests.services.asking import QUESTION, look
from tests.signing import PASSWORD, enrolled, signed_in
from tests.web.authorisation.table import ROLES

FITS, ABOVE, ELSEWHERE = "fits", "above", "elsewhere"
VARIANTS = (FITS, ABOVE, ELSEWHERE)
WORD = {FITS: "Marblestone", ABOVE: "Obsidianrock", ELSEWHERE: "Quartzvein"}
_TLP = {FITS: Tlp.GREEN, ABOVE: Tlp.AMBER, ELSEWHERE: Tlp.GREEN}
_PURPOSE = {FITS: Purpose.INVESTIGATION, ABOVE: Purpose.INVESTIGATION, ELSEWHERE: Purpose.PROSECUTION}
_AREAS = frozenset({CrimeArea.TERRORISM})


def marking(variant: str, *to: str) -> Handling:
    """The marking of a variant's objects."""
    return Handling(
        tlp=_TLP[variant],
        releasable_to=frozenset(to),
        purposes=frozenset({_PURPOSE[variant]}),
        erase_by=next_year(),
    )


@dataclass
class Scene:
    """Everybody's window, and what stands in addresses: `things[kind][variant]`, `parts[kind][variant]` within them."""

    windows: dict[str, Client] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    things: dict[str, dict[str, UUID]] = field(default_factory=dict)
    parts: dict[str, dict[str, Any]] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)

    def put(self, kind: str, variant: str, uid: UUID | str) -> None:
        """Keep an object under its kind."""
        self.things.setdefault(kind, {})[variant] = UUID(str(uid))


@contextmanager
def played(folder: Path) -> Iterator[Scene]:
    """Play the scene in one transaction that is undone at the end."""
    before = settings.AMANA
    settings.AMANA = before.model_copy(update={"home": folder / "rabat"})
    try:
        with transaction.atomic():
            init_node(agency="Agency of Rabat", country="MA", name="rabat")
            scene = Scene()
            _people(scene)
            _objects(scene)
            yield scene
            transaction.set_rollback(True)
    finally:
        settings.AMANA = before


def _added(name: str, *roles: Role, clearance: Tlp = Tlp.GREEN, once: bool = False) -> User:
    return add_officer(
        name=name, password=PASSWORD, roles=roles, clearance=clearance, password_once=once, by="operator"
    )


def _people(scene: Scene) -> None:
    """One officer for each role alone, those at the door, and two with all clearances who make what is there."""
    for role in ROLES:
        scene.people[role] = _added(role, Role(role))
        scene.windows[role] = signed_in(scene.people[role])
    scene.people["maker"] = _added("maker", Role.AUTHOR, Role.ANALYST, clearance=Tlp.RED)
    scene.people["second"] = _added("second", Role.RELEASING_OFFICER, Role.HEAD, clearance=Tlp.RED)
    scene.people["victim"] = _added("victim", Role.AUTHOR)
    scene.windows["nobody"] = Client()
    _added("without-factor", Role.HEAD, Role.OPERATOR)
    scene.windows["without-factor"] = window = Client()
    window.post("/sign-in/", {"login": "without-factor", "password": PASSWORD})
    scene.windows["one-time-password"] = signed_in(_added("one-time-password", Role.HEAD, Role.OPERATOR, once=True))
    scene.windows["victim"] = signed_in(scene.people["victim"])
    scene.fixed["session"] = sessions.list_seats(scene.people["victim"])[0].number
    scene.fixed["key"] = _key(scene.people["victim"])
    scene.fixed["person"] = "victim"
    _added("watcher", Role.OVERSEER)
    operator = _added("proposer", Role.OPERATOR)
    enrolled(operator)
    waiting = accounts.change_account("watcher", clearance=Tlp.AMBER, reason="r", by=operator).waiting
    assert waiting is not None
    scene.fixed["change"] = waiting.pk


def _key(owner: User) -> int:
    from allauth.mfa.models import Authenticator

    return int(Authenticator.objects.create(user=owner, type="webauthn", data={"name": "k", "credential": {}}).pk)


def _objects(scene: Scene) -> None:
    maker, second = scene.people["maker"], scene.people["second"]
    washington = Counterpart.joined("washington", "US", head=second)
    Counterpart.joined("paris", "FR", head=second)
    scene.fixed["agreement"] = UUID(washington.agreement)
    scene.fixed["question"] = uuid4()
    for variant in VARIANTS:
        for kind in ("draft", "proposed", "released"):
            row = _draft(maker, variant, kind)
            scene.put(kind, variant, row.uid)
            if kind == "draft":
                _flag(scene, row, variant)
            else:
                releases.propose_release(row.uid, by=maker)
            if kind == "released":
                releases.release_report(row.uid, by=second)
        scene.parts.setdefault("statement", {})[variant] = f"s-{variant}-draft"
        _joint(scene, variant)
        _theirs(scene, washington, variant)
        if variant != ELSEWHERE:  # a document has no purpose yet
            _document(scene, variant)
    washington.fetch()
    for variant in VARIANTS:
        number, uid = str(uuid4()), str(scene.things["released"][variant])
        body = ConsentRequestBody(number, uid, 1, "paris", _PURPOSE[variant], "They search the yard.")
        washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
        scene.put("consent", variant, number)


def _document(scene: Scene, variant: str) -> None:
    """A file that was taken in, with what it suggests accepted."""
    maker = scene.people["maker"]
    text = f"{WORD[variant]} The container CSQU3054383 left Casablanca on 3 March 2026."
    name = f"{WORD[variant]}.txt"
    found = documents.take_in(text.encode(), filename=name, viewpoint=look(maker), tlp=_TLP[variant], by=maker)
    documents.decide_suggestions(found, accept=[], reject=[], everything=True, by=maker)
    scene.put("document", variant, found.pk)


def _draft(maker: User, variant: str, kind: str) -> Report:
    grade = Evaluation(Source.B, Information.CORROBORATED, timezone.now().date())
    name = f"{WORD[variant]} {kind}"
    statement = Statement(f"s-{variant}-{kind}", "e1", "Person", "name", name, Nature.FACT, grade, "en", (0, len(name)))
    return reports.draft_report(
        title=name,
        text=f"{name} was seen.",
        language="en",
        evaluation=grade,
        handling=marking(variant, "washington"),
        crime_areas=_AREAS,
        entities=[Entity("e1", "Person", Category.SUSPECT)],
        statements=[statement],
        by=maker,
    )


def _flag(scene: Scene, row: Report, variant: str) -> None:
    flag = Flag.objects.create(
        report=row, source="washington", source_uid=uuid4(), what="corrected", why=WORD[variant], since=timezone.now()
    )
    scene.parts.setdefault("flag", {})[variant] = flag.pk


def _joint(scene: Scene, variant: str) -> None:
    maker, day = scene.people["maker"], timezone.now().date() + timedelta(days=9)
    task = meetings.action(f"{WORD[variant]} yards", node="rabat", person="Alice", due=day)
    row = meetings.draft_meeting(
        f"{WORD[variant]} meeting",
        place="Rabat",
        starts=timezone.now(),
        agenda=("Ports",),
        participants=("Head of desk, Rabat",),
        decisions=("Manifests are compared",),
        actions=(task,),
        language="en",
        handling=marking(variant),
        crime_areas=_AREAS,
        by=maker,
    )
    scene.put("meeting", variant, row.uid)
    scene.parts.setdefault("task", {})[variant] = task.id
    sheet = cases.open_case(f"{WORD[variant]} case", handling=marking(variant), crime_areas=_AREAS, by=maker)
    assert sheet.details is not None
    scene.put("case", variant, str(sheet.details["case"]))


def _theirs(scene: Scene, washington: Counterpart, variant: str) -> None:
    """What Washington entrusted, and what it asks."""
    for kind, changes in (("held", {}), ("request", {"kind": Kind.REQUEST, "details": QUESTION})):
        words = f"{WORD[variant]} {kind}"
        content = washington.content(title=words, handling=marking(variant, "rabat"), **changes)
        washington.send(washington.report(content))
        scene.put(kind, variant, content.report)
        if kind == "held":
            _granted(scene, washington, content, variant)


def _granted(scene: Scene, washington: Counterpart, content: Content, variant: str) -> None:
    """Washington lets what it entrusted go on to Paris."""
    maker, purpose = scene.people["maker"], _PURPOSE[variant]
    row = consents.ask_consent(UUID(content.report), "paris", purpose, reason="They search the yard.", by=maker)
    token = washington.consent(content, "rabat", "paris", id=str(row.pk), purpose=purpose)
    washington.fetch()
    body = ConsentBody(str(row.pk), True, "Same case.", token)
    washington.send(washington.message(Type.CONSENT, body, agreement=""))
