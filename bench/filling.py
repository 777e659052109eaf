"""A season of a node's work in its proportions, told step by step to `bench.holdings`; a step is a hundred reports.

Of a hundred reports sixty are partners' and forty ours; among them are requests under their clocks with their answers,
notices, meetings, lessons, referrals, sheets of cases, corrections, recalls and what rests on a partner's report.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.joint import CaseSheet, Lesson, Meeting, Member, Notice, Shelf, Task
from amana.domain.report import Content, Details, Kind, State
from amana.domain.request import Answer, Outcome, Question, RefusalGround, Urgency
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.protocol import ConsentBody, ConsentRequestBody, RecallBody, ReportBody, Step, Type, sign_token
from amana.records.models import (
    BlindQuestion,
    Consent,
    Document,
    OriginalFile,
    Quarantine,
    Report,
    Suggestion,
    User,
)
from amana.services import consent_answers, consents, holds, recalls, restrictions
from bench.holdings import DAYS, PARTNERS, Clock, Holdings, begin

STEP = 100
HEAVIEST = 10  # how many times as much the heaviest report says
OUTCOMES = (Outcome.FULL,) * 5 + (Outcome.PARTIAL,) * 3 + (Outcome.REFUSED, Outcome.CLARIFICATION)


@dataclass
class Season:
    """What is told so far: requests that wait for an answer, reports that may be recalled or asked about."""

    holdings: Holdings
    cases: list[str] = field(default_factory=list)
    theirs: list[tuple[str, Content]] = field(default_factory=list)
    ours: list[tuple[str, Content]] = field(default_factory=list)
    held: list[tuple[str, Content]] = field(default_factory=list)
    sent: list[Content] = field(default_factory=list)

    @property
    def chance(self) -> random.Random:
        """The one chance of the whole season."""
        return self.holdings.invent.chance

    def details(self, kind: Kind, node: str) -> Details | None:
        """What a kind of report adds, where it is not bound to another report."""
        chance, number = self.chance, self.holdings.invent.number
        today = self.holdings.clock.now.date()
        task = Task(number(), "Compare the lists of the yard.", node, "desk 2", today + timedelta(days=30))
        match kind:
            case Kind.REQUEST:
                urgent = chance.random() < 0.2
                reason = "Somebody is held." if urgent else ""
                return Question("It was bought there.", Urgency.LIFE if urgent else Urgency.NONE, reason)
            case Kind.MEETING:
                who = ("Head of desk", "Liaison officer")
                at = cut(self.holdings.clock.now)
                return Meeting("Rabat", at, ("Ports", "Deadlines"), who, ("Go on.",), (task,) * (chance.random() < 0.5))
            case Kind.LESSON:
                return Lesson(chance.choice(list(Shelf)), ("search of lorries",), "desk 3")
            case Kind.NOTICE:
                return Notice()
            case Kind.CASE:
                return CaseSheet(self._case(), node, self._members(), (task,) * (chance.random() < 0.5))
        return None

    def _case(self) -> str:
        if not self.cases or self.chance.random() < 0.5:
            self.cases.append(self.holdings.invent.number())
        return self.cases[int(len(self.cases) * self.chance.random() ** 2)]

    def _members(self) -> tuple[Member, ...]:
        found = self.chance.sample(self.held, k=min(len(self.held), self.chance.choice((3, 5, 40))))
        return tuple(Member(name, content.report) for name, content in found)

    def new(self, originator: str, kind: Kind = Kind.INFORMATION, *, times: int = 1, only: str = "") -> Content:
        """An invented report; ours goes to one or two partners, or to one that is named."""
        nodes = self.chance.sample(list(PARTNERS), k=1 if self.chance.random() < 0.7 else 2)
        to = {"rabat"} if originator != "rabat" else {only} if only else set(nodes)
        invent, at = self.holdings.invent, self.holdings.clock()
        details = self.details(kind, originator)
        return invent.content(originator, to=frozenset(to), at=at, kind=kind, details=details, times=times)


KINDS = (
    (Kind.INFORMATION,) * 38 + (Kind.REQUEST,) * 2 + (Kind.NOTICE,) * 2 + (Kind.MEETING,) + (Kind.LESSON,) * 3
    + (Kind.REFERRAL,) * 2 + (Kind.CASE,)
)  # fmt: skip


def fill(reports: int, author: User, releaser: User, *, seed: int = 1) -> Season:
    """Fill the node at hand with so many reports over the `DAYS` days that follow; the clock is put forward by itself.

    Call it inside of `clock.running()`, with the node made under it.
    """
    clock = timezone.now
    assert isinstance(clock, Clock), "the node's clock must be running"
    season = Season(begin(author, releaser, clock, seed=seed))
    go_on(season, reports, days=DAYS)
    keep_beside(season, reports)
    return season


def go_on(season: Season, reports: int, *, days: float) -> None:
    """Tell so many reports more (by the hundred) over so many days."""
    steps = max(1, reports // STEP)
    for step in range(steps):
        season.holdings.clock.now += timedelta(days=days / steps)
        _take_in(season, first=not season.held)
        _write(season, last=step >= steps - 5)
        _answer(season, all_of_them=step < steps - 2)
        _take_back(season)
        _ask_consents(season)
        if step % 10 == 9 or step == steps - 1:
            season.holdings.sign()


def _take_in(season: Season, *, first: bool) -> None:
    """Twelve reports of each partner, of every kind; some are opened here and looked at again."""
    for name in PARTNERS:
        contents = [season.new(name, season.chance.choice(KINDS)) for _ in range(12)]
        if first and name == "washington":
            contents = [_readable(season.new(name, kind)) for kind in Kind if kind is not Kind.REPLY]
            contents.append(_readable(season.new(name, times=HEAVIEST)))
        elif len(season.held) > 100 and season.chance.random() < 0.2:
            old = next(one for node, one in reversed(season.held) if node == name)
            contents[0] = replace(old, version=old.version + 1, written=cut(season.holdings.clock()))
        season.holdings.receive(name, [(Type.REPORT, ReportBody(one)) for one in contents])
        season.theirs += [(name, one) for one in contents if one.kind is Kind.REQUEST]
        season.held += [(name, one) for one in contents if one.version == 1]
        opened = Report.objects.filter(uid__in=[one.report for one in contents if season.chance.random() < 0.6])
        rows = list(opened.filter(state="held", version=1))
        season.holdings.tell(rows)
        season.holdings.look(rows * 5)


def _readable(content: Content) -> Content:
    """The report with a marking that most may read, so that even a small node has one of each kind for them."""
    purposes = content.handling.purposes | {Purpose.INVESTIGATION}
    return replace(content, handling=replace(content.handling, tlp=Tlp.AMBER, purposes=purposes))


def _write(season: Season, *, last: bool) -> None:
    """Forty reports of ours: most of them go, some stay drafts, a few wait for a second person."""
    holdings, chance = season.holdings, season.chance
    holdings.write([season.new("rabat") for _ in range(2)])
    if last:
        holdings.write([season.new("rabat") for _ in range(10)], State.AWAITING_RELEASE)
    contents = [season.new("rabat", chance.choice(KINDS)) for _ in range(36)]
    requests = [season.new("rabat", Kind.REQUEST, only=chance.choice(list(PARTNERS))) for _ in range(2)]
    contents = [one for one in contents if one.kind is not Kind.REQUEST] + requests
    contents[0] = _readable(season.new("rabat"))
    rows = holdings.release(contents)
    season.ours += [(next(iter(one.handling.releasable_to)), one) for one in requests]
    season.sent += [one for one in contents if one.kind is Kind.INFORMATION]
    season.sent.remove(contents[0])
    holdings.release([replace(contents[0], version=2, written=cut(holdings.clock()))])
    holdings.told([row for row in rows if chance.random() < 0.7], Step.READ)
    holdings.told([row for row in rows if chance.random() < 0.2], Step.USEFUL)
    holdings.look(rows * 5)


def _answer(season: Season, *, all_of_them: bool) -> None:
    """Answers to the requests of both sides; a tenth is never answered, and of the newest half are not yet."""
    holdings = season.holdings
    for name, asked in _due(season, season.theirs, all_of_them):
        digest = hashlib.sha256(encode(asked.to_json())).hexdigest()
        reply = _reply(season, asked, digest, "rabat", only=name)
        holdings.release_built_on(reply, Report.objects.filter(originator=name, uid=asked.report, version=1))
    for name, asked in _due(season, season.ours, all_of_them):
        digest = hashlib.sha256(encode(asked.for_recipient(name).to_json())).hexdigest()
        holdings.receive(name, [(Type.REPORT, ReportBody(_reply(season, asked, digest, name)))])


def _due(season: Season, waiting: list[tuple[str, Content]], all_of_them: bool) -> list[tuple[str, Content]]:
    found = [one for one in waiting if season.chance.random() < (0.9 if all_of_them else 0.4)]
    waiting.clear()
    return found


def _reply(season: Season, asked: Content, digest: str, originator: str, only: str = "") -> Content:
    outcome = season.chance.choice(OUTCOMES)
    ground = RefusalGround.NOT_AVAILABLE if outcome is Outcome.REFUSED else None
    made = season.new(originator, only=only)
    return replace(made, kind=Kind.REPLY, details=Answer(asked.report, digest, outcome, ground))


def _take_back(season: Season) -> None:
    """A recall of ours and one of a partner's, a restriction, a legal hold, a product of what was recalled."""
    holdings, chance = season.holdings, season.chance
    ours = chance.choice(season.sent[-30:])
    if Report.objects.filter(uid=ours.report, originator="rabat", state="released").exists():
        if chance.random() < 0.5:
            recalls.recall_report(UUID(ours.report), reason="The source was mistaken.", by=holdings.releaser)
            holdings.deliver()
            if chance.random() < 0.9:
                holdings.certify()
        elif chance.random() < 0.3:
            sooner = ours.handling.erase_by
            assert sooner is not None
            narrowed = replace(ours.handling, erase_by=sooner - timedelta(days=30))
            restrictions.restrict_report(UUID(ours.report), narrowed, reason="A court asks.", by=holdings.releaser)
            holdings.deliver()
    name, theirs = chance.choice([one for one in season.held[-60:] if one[1].kind is Kind.INFORMATION])
    source = Report.objects.filter(uid=theirs.report, originator=name, state="held").first()
    if source is None:
        return
    if chance.random() < 0.1:
        holds.hold_report(UUID(theirs.report), reason="A court asks.", by=holdings.releaser)
    product = season.new("rabat", only=name)
    product = replace(product, handling=_met(product.handling, Handling.from_json(source.handling), name))
    if product.handling.purposes and chance.random() < 0.5:
        holdings.release_built_on(product, [source])
    else:
        (row,) = holdings.write([product])
        row.built_on.set([source])
    if chance.random() < 0.5:
        body = RecallBody(report=theirs.report, versions=(source.version,), reason="The source was mistaken.")
        holdings.receive(name, [(Type.RECALL, body)])
        season.held.remove((name, theirs))
    holdings.deliver()


def _met(one: Handling, other: Handling, name: str) -> Handling:
    everybody = frozenset({name})
    return replace(one, releasable_to=everybody).meet(replace(other, releasable_to=everybody))


def _ask_consents(season: Season) -> None:
    """A holder asks us and we ask an originator; most are answered."""
    holdings, chance = season.holdings, season.chance
    content = chance.choice(season.sent[-20:])
    name = min(content.handling.releasable_to)
    other = chance.choice([node for node in PARTNERS if node != name])
    purpose = min(content.handling.purposes)
    body = ConsentRequestBody(str(uuid4()), content.report, 1, other, purpose, "They search for the same lorry.")
    if Report.objects.filter(uid=content.report, originator="rabat", version=1, state="released").exists():
        holdings.receive(name, [(Type.CONSENT_REQUEST, body)])
        if chance.random() < 0.8:
            consent_answers.answer_consent(
                UUID(body.consent), grant=chance.random() < 0.7, reason="As agreed.", by=holdings.releaser
            )
    name, theirs = chance.choice(season.held[-40:])
    other = chance.choice([node for node in PARTNERS if node != name])
    if Report.objects.filter(uid=theirs.report, originator=name, state="held").exists():
        purpose = min(theirs.handling.purposes)
        asked = consents.ask_consent(UUID(theirs.report), other, purpose, reason="Our case.", by=holdings.author)
        if chance.random() < 0.7:
            _grant(holdings, name, asked)
    holdings.deliver()


def _grant(holdings: Holdings, name: str, asked: Consent) -> None:
    now = cut(holdings.clock())
    token = consents.token_for(asked, granted=now, expires=now + timedelta(days=200))
    signed = sign_token(token, holdings.partners[name].secrets.signing)
    holdings.receive(name, [(Type.CONSENT, ConsentBody(str(asked.pk), True, "As agreed.", signed))])


@transaction.atomic
def keep_beside(season: Season, reports: int) -> None:
    """What does not hang on a report: documents with what was suggested, refused messages, blind questions."""
    many = max(4, reports // 20)
    contents = [season.new("rabat") for _ in range(many)]
    _keep_documents(season, contents)
    at, nodes = season.holdings.clock(), list(PARTNERS)
    Quarantine.objects.bulk_create(
        Quarantine(
            partner_id=season.chance.choice(nodes),
            message_id_text=str(uuid4()),
            sha256="0" * 64,
            sealed=b"\0" * 3000,
            code="receive-version-taken",
            sentence="This version came before.",
            at=at - timedelta(hours=place),
        )
        for place in range(max(2, many // 5))
    )
    _keep_questions(season, contents[: max(2, many // 5)])


def _keep_documents(season: Season, contents: Sequence[Content]) -> None:
    at, states = season.holdings.clock(), ("open", "accepted", "rejected")
    originals = OriginalFile.objects.bulk_create(
        OriginalFile(
            sha256=hashlib.sha256(one.report.encode()).hexdigest(),
            size=len(one.text),
            media_type="text/plain",
            filename=f"{place}.txt",
            received_at=at - timedelta(hours=place),
        )
        for place, one in enumerate(contents)
    )
    documents = Document.objects.bulk_create(
        Document(
            id=one.report,
            original=file,
            title=one.title,
            language=one.language,
            text=one.text,
            strictness=one.handling.tlp.strictness,
            taken_in_by=season.holdings.author,
            taken_in_at=file.received_at,
        )
        for one, file in zip(contents, originals, strict=True)
    )
    Suggestion.objects.bulk_create(
        Suggestion(
            document=document,
            position=position,
            kind="person",
            value=said.value,
            text=said.value,
            start=said.place[0],
            end=said.place[1],
            schema=said.schema,
            reason="name",
            state=season.chance.choice(states),
            properties=[["name", said.value]],
        )
        for document, one in zip(documents, contents, strict=True)
        for position, said in enumerate(one.statements)
        if said.place
    )


def _keep_questions(season: Season, contents: Sequence[Content]) -> None:
    nobody = {"category": "suspect", "born": [], "identifiers": [], "schema": "Person"}
    BlindQuestion.objects.bulk_create(
        BlindQuestion(
            id=one.report,
            partner_id="washington",
            agreement=season.holdings.agreements["washington"],
            purpose="investigation",
            epoch=1,
            side="washington",
            case="2026/17",
            ground="A case.",
            by=season.holdings.author.username,
            subjects=[nobody | {"label": one.title, "names": [one.title]}],
            results=[{"grade": "strong", "kinds": ["name-birth"], "because": []}],
            at=season.holdings.clock(),
            state="answered",
        )
        for one in contents
    )
