"""Hypothesis strategies for the domain's values; other rooms' tests use them too."""

from __future__ import annotations

import string
import unicodedata
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

from amana.domain.agreement import Clocks, Terms
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Handling, Portion, Purpose, Tlp
from amana.domain.joint import CaseSheet, Lesson, Meeting, Member, Notice, Shelf, Task
from amana.domain.report import Content, Details, Kind, Original
from amana.domain.request import Access, Answer, Outcome, Question, RefusalGround, Urgency
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea

NODES = ("paris", "rabat", "third", "washington")

days = st.dates(date(2020, 1, 1), date(2040, 1, 1))
instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000, tzinfo=UTC)
)
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40).map(
    lambda text: unicodedata.normalize("NFC", text)
)
evaluations = st.builds(
    Evaluation,
    source=st.sampled_from(Source),
    information=st.sampled_from(Information),
    as_of=days,
    admiralty=st.none() | st.tuples(st.sampled_from("ABCDEF"), st.sampled_from("123456")).map("".join),
)
handlings = st.builds(
    Handling,
    tlp=st.sampled_from(Tlp),
    codes=st.frozensets(st.sampled_from(Code)),
    releasable_to=st.frozensets(st.sampled_from(NODES)),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    review_by=st.none() | days,
    erase_by=st.none() | days,
    caveats=st.frozensets(words, max_size=3),
    foreign=st.frozensets(words, max_size=2),
)


portions = st.builds(
    Portion,
    codes=st.frozensets(st.sampled_from(Code)),
    caveats=st.frozensets(words, max_size=2),
    releasable_to=st.none() | st.frozensets(st.sampled_from(NODES)),
)


def people(number: int) -> st.SearchStrategy[Entity]:
    """A person of any category, with grounds."""
    return st.builds(
        Entity,
        id=st.just(f"e{number}"),
        schema=st.just("Person"),
        category=st.sampled_from(Category),
        grounds=st.text(string.ascii_letters, min_size=1, max_size=9),
    )


@st.composite
def contents(draw: st.DrawFn) -> Content:
    """A report's content with up to three people and a name for each."""
    text, kind = draw(words.filter(lambda one: len(one) > 1)), draw(st.sampled_from(Kind))
    entities = tuple(draw(people(number)) for number in range(draw(st.integers(0, 3))))
    statements = tuple(
        Statement(
            id=f"s{entity.id}",
            entity=entity.id,
            schema="Person",
            property="name",
            value=draw(st.sampled_from(("Alice Amrani", "عمر السبتي", "Bob Carter"))),
            nature=draw(st.sampled_from(Nature)),
            evaluation=draw(evaluations),
            lang=draw(st.sampled_from(("", "ar", "fr"))),
            place=draw(st.none() | st.just((0, len(text)))),
            handling=draw(st.none() | portions),
        )
        for entity in entities
    )
    return Content(
        report=str(draw(st.uuids())),
        version=draw(st.integers(1, 9)),
        kind=kind,
        title=draw(words),
        language=draw(st.sampled_from(("de", "fr", "ar", "en"))),
        text=text,
        crime_areas=draw(st.frozensets(st.sampled_from(CrimeArea), max_size=3)),
        handling=draw(handlings),
        evaluation=draw(evaluations),
        entities=entities,
        statements=statements,
        originals=draw(
            st.lists(
                st.builds(
                    Original,
                    sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
                    size=st.integers(0, 10**9),
                    media_type=st.just("text/plain"),
                ),
                max_size=2,
            ).map(tuple)
        ),
        written=draw(instants),
        details=draw(details_of(kind)),
    )


tasks = st.builds(Task, id=words, what=words, node=st.sampled_from(NODES), person=words, due=days, done=st.booleans())
members = st.builds(Member, originator=st.sampled_from(NODES), report=st.uuids().map(str))
answers = st.one_of(
    st.builds(
        Answer,
        request=st.uuids().map(str),
        request_sha256=st.binary(min_size=32, max_size=32).map(bytes.hex),
        outcome=st.sampled_from([Outcome.FULL, Outcome.PARTIAL, Outcome.CLARIFICATION, Outcome.CLARIFIED]),
    ),
    st.builds(
        Answer,
        request=st.uuids().map(str),
        request_sha256=st.just("0" * 64),
        outcome=st.just(Outcome.REFUSED),
        ground=st.sampled_from(RefusalGround),
    ),
    st.builds(
        Answer,
        request=st.uuids().map(str),
        request_sha256=st.just("0" * 64),
        outcome=st.just(Outcome.EXTENSION),
        hours=st.integers(1, 240),
    ),
)
DETAILS_BY_KIND: dict[Kind, st.SearchStrategy[Details]] = {
    Kind.REQUEST: st.builds(Question, grounds=words)
    | st.builds(
        Question,
        grounds=words,
        urgency=st.sampled_from([one for one in Urgency if one is not Urgency.NONE]),
        urgency_reason=st.text(string.ascii_letters, min_size=1, max_size=9),
        access=st.sampled_from(Access),
    ),
    Kind.REPLY: answers,
    Kind.NOTICE: st.builds(Notice, report=st.uuids().map(str), task=words),
    Kind.MEETING: st.builds(
        Meeting,
        place=words,
        starts=instants,
        agenda=st.lists(words, max_size=2).map(tuple),
        participants=st.lists(words, max_size=2).map(tuple),
        decisions=st.lists(words, max_size=2).map(tuple),
        actions=st.lists(tasks, max_size=2).map(tuple),
    ),
    Kind.LESSON: st.builds(
        Lesson, shelf=st.sampled_from(Shelf), topics=st.lists(words, max_size=2).map(tuple), contact=words
    ),
    Kind.CASE: st.builds(
        CaseSheet,
        case=st.uuids().map(str),
        node=st.sampled_from(NODES),
        members=st.lists(members, max_size=2).map(tuple),
        tasks=st.lists(tasks, max_size=2).map(tuple),
        closed=st.booleans(),
    ),
}


def details_of(kind: Kind) -> st.SearchStrategy[Details | None]:
    """What a report of that kind may say beside its text, or nothing."""
    return st.none() | DETAILS_BY_KIND.get(kind, st.none())


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """The terms of an agreement between two of the cast."""
    one, other = sorted(draw(st.lists(st.sampled_from(NODES), min_size=2, max_size=2, unique=True)))
    start = draw(days)
    return Terms(
        id=str(draw(st.uuids())),
        parties=(one, other),
        purposes=draw(st.frozensets(st.sampled_from(Purpose))),
        crime_areas=draw(st.frozensets(st.sampled_from(CrimeArea))),
        categories=draw(st.frozensets(st.sampled_from(Category))),
        kinds=draw(st.frozensets(st.sampled_from(Kind))),
        strictest=draw(st.sampled_from(Tlp)),
        refusal_grounds=draw(st.frozensets(st.sampled_from(RefusalGround))),
        clocks=Clocks(draw(st.integers(1, 99)), draw(st.integers(1, 99)), draw(st.integers(1, 999))),
        retention_days=draw(st.integers(1, 3653)),
        match_budget=draw(st.integers(0, 10**6)),
        overseers=tuple(draw(st.lists(words, max_size=2))),
        valid_from=start,
        valid_until=start + timedelta(days=draw(st.integers(0, 999))),
    )
