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
from amana.domain.judgement import Verdict
from amana.domain.report import Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.identity import new_identity
from amana.exchange.protocol import ConsentBody, ConsentRequestBody, Type
from amana.records.models import AccessFinding, DrawnEntry, Flag, Partner, Report, SpotCheck, User
from amana.records.models import Entity as Entity_
from amana.services import (
    access_requests,
    accounts,
    cases,
    composing,
    consents,
    documents,
    judgements,
    mandates,
    meetings,
    orders,
    releases,
    reports,
    roster,
    sessions,
)
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
    things: dict[str, dict[str, Any]] = field(default_factory=dict)
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
            _entities(scene)
            _oversight(scene)
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
    _roster(second)
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


def _roster(second: User) -> None:
    """Partners with whom a change waits or may be proposed, none of whom anything goes to."""
    proposer = User.objects.get(username="proposer")
    for node in ("oslo", "bern", "lima"):
        Counterpart.introduced(node, "NO", head=second)
    roster.propose_state("oslo", roster.What.SUSPEND, reason="r", by=proposer)
    Partner.objects.filter(pk__in=["bern", "lima"]).update(state=Partner.State.SUSPENDED)
    roster.propose_state("lima", roster.What.RESUME, reason="r", by=proposer)
    card = new_identity("rome", "Agency of Rome", "IT", ("https://127.0.0.1:1",), timezone.now()).card_jws
    roster.introduce_partner(card, by=proposer)


def _document(scene: Scene, variant: str) -> None:
    """A file that was taken in, with what it suggests accepted."""
    maker = scene.people["maker"]
    text = f"{WORD[variant]} The container CSQU3054383 left Casablanca on 3 March 2026."
    name = f"{WORD[variant]}.txt"
    found = documents.take_in(text.encode(), filename=name, viewpoint=look(maker), tlp=_TLP[variant], by=maker)
    documents.decide_suggestions(found, accept=[], reject=[], everything=True, by=maker)
    scene.put("document", variant, found.pk)
    row = composing.compose_from_document(found, title=WORD[variant], viewpoint=look(maker), by=maker)
    scene.put("composed", variant, row.uid)
    scene.parts.setdefault("sha256", {})[variant] = found.original_id


def _entities(scene: Scene) -> None:
    """Whom the drafts speak of, and what was judged about one of them."""
    maker, known = scene.people["maker"], dict(Entity_.objects.filter(originator="rabat").values_list("uid", "pk"))
    scene.things["entity"] = {variant: known[f"e-{variant}-draft"] for variant in VARIANTS}
    scene.fixed["other"] = known[f"e-{FITS}-proposed"]
    one, other = known[f"e-{FITS}-draft"], known[f"e-{FITS}-released"]
    row = judgements.judge(one, other, Verdict.UNDECIDED, reason="r", viewpoint=look(maker), by=maker)
    scene.fixed["judgement"] = row.uid


def _oversight(scene: Scene) -> None:
    """What an overseer has begun: a check with a question to the maker, an order, a request for access; a mandate."""
    watcher, now = User.objects.get(username="watcher"), timezone.now()
    check = SpotCheck.objects.create(
        what="disclosure", wanted=2, number="1", size=2, root="", seed="", population=2, by="watcher", at=now
    )
    DrawnEntry.objects.create(check_of=check, place=1, index=0)
    DrawnEntry.objects.create(
        check_of=check, place=2, index=1, finding="question", words="w", found_by="watcher", found_at=now, asked="maker"
    )
    scene.fixed["check"] = check.pk
    ordered = _draft(scene.people["maker"], FITS, "ordered")
    scene.fixed["order"] = orders.give_order(
        orders.What.STOP, report=ordered.uid, ground=orders.Ground.UNLAWFUL, reason="r", addressee="a", by=watcher
    ).pk
    day = timezone.localdate()
    asked = access_requests.record_access(name="Ali Saleh", identity="passport", asked_on=day, by=watcher)
    AccessFinding.objects.create(
        request=asked, report_uid=scene.things["held"][FITS], version=1, originator="washington", likeness=90
    )
    scene.fixed["access"] = asked.pk
    until, proposer = day + timedelta(days=30), User.objects.get(username="proposer")
    scene.fixed["mandate"] = mandates.propose_mandate("overseer", ground="g", until=until, by=proposer).pk


def _draft(maker: User, variant: str, kind: str) -> Report:
    grade = Evaluation(Source.B, Information.CORROBORATED, timezone.now().date())
    name = f"{WORD[variant]} {kind}"
    whom = f"e-{variant}-{kind}"
    statement = Statement(f"s-{variant}-{kind}", whom, "Person", "name", name, Nature.FACT, grade, "en", (0, len(name)))
    return reports.draft_report(
        title=name,
        text=f"{name} was seen.",
        language="en",
        evaluation=grade,
        handling=marking(variant, "washington"),
        crime_areas=_AREAS,
        entities=[Entity(whom, "Person", Category.SUSPECT)],
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
