"""What an agreement permits, each objection by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from amana.domain.agreement import Clocks, Terms
from amana.domain.answers import Decision
from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.request import RefusalGround
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category, CrimeArea


def noon() -> datetime:
    return datetime(2026, 9, 24, 12, tzinfo=UTC)


def everything() -> Terms:
    """Terms that allow all there is to allow, between Rabat and Washington."""
    return Terms(
        id="00000000-0000-4000-8000-000000000001",
        parties=("rabat", "washington"),
        purposes=frozenset(Purpose),
        crime_areas=frozenset(CrimeArea),
        categories=frozenset(Category),
        kinds=frozenset(Kind),
        strictest=Tlp.RED,
        refusal_grounds=frozenset(RefusalGround),
        clocks=Clocks(),
        retention_days=365,
        match_budget=10,
        overseers=(),
        valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31),
    )


def content() -> Content:
    return Content(
        report="00000000-0000-4000-8000-000000000002",
        version=1,
        kind=Kind.INFORMATION,
        title="A meeting",
        language="en",
        text="They met.",
        crime_areas=frozenset({CrimeArea.TERRORISM}),
        handling=Handling(
            releasable_to=frozenset({"washington"}),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=date(2027, 1, 1),
        ),
        evaluation=Evaluation(Source.B, Information.CORROBORATED, date(2026, 9, 24)),
        entities=(Entity("e1", "Person", Category.SUSPECT),),
        statements=(),
        originals=(),
        written=noon(),
    )


def codes(decision: Decision) -> set[str]:
    return {reason.code for reason in decision.because}


def test_what_the_terms_cover_is_permitted() -> None:
    assert everything().permits(content(), recipient="washington", at=noon()).allowed


OBJECTIONS = {
    "agreement-party": (everything(), content(), "third"),
    "agreement-not-valid": (replace(everything(), valid_until=date(2026, 9, 23)), content(), "washington"),
    "agreement-kind": (replace(everything(), kinds=frozenset({Kind.NOTICE})), content(), "washington"),
    "agreement-marking": (replace(everything(), strictest=Tlp.GREEN), content(), "washington"),
    "agreement-purpose": (replace(everything(), purposes=frozenset({Purpose.PROSECUTION})), content(), "washington"),
    "agreement-crime-area": (
        replace(everything(), crime_areas=frozenset({CrimeArea.CYBERCRIME})),
        content(),
        "washington",
    ),
    "agreement-category": (replace(everything(), categories=frozenset({Category.CONTACT})), content(), "washington"),
    "agreement-retention": (replace(everything(), retention_days=30), content(), "washington"),
    "handling-not-releasable": (
        everything(),
        replace(content(), handling=replace(content().handling, releasable_to=frozenset())),
        "washington",
    ),
    "handling-no-purpose": (
        everything(),
        replace(content(), handling=replace(content().handling, purposes=frozenset())),
        "washington",
    ),
    "content-no-crime-area": (everything(), replace(content(), crime_areas=frozenset()), "washington"),
}


@pytest.mark.parametrize("code", sorted(OBJECTIONS))
def test_each_objection_is_named_by_its_code(code: str) -> None:
    terms, report, recipient = OBJECTIONS[code]
    decision = terms.permits(report, recipient=recipient, at=noon())
    assert not decision.allowed
    assert code in codes(decision)
    assert all("%(" not in str(reason) for reason in decision.because)


@pytest.mark.parametrize("category", [Category.WITNESS, Category.VICTIM])
def test_witnesses_and_victims_never_leave_whatever_the_terms_say(category: Category) -> None:
    report = replace(content(), entities=(Entity("e1", "Person", category),))
    decision = everything().permits(report, recipient="washington", at=noon())
    assert codes(decision) == {"category-hit-no-hit-only"}


def test_terms_that_name_nothing_allow_nothing() -> None:
    nothing = replace(
        everything(),
        purposes=frozenset(),
        crime_areas=frozenset(),
        categories=frozenset(),
        kinds=frozenset(),
        strictest=Tlp.CLEAR,
    )
    found = codes(nothing.permits(content(), recipient="washington", at=noon()))
    assert found == {
        "agreement-kind",
        "agreement-marking",
        "agreement-purpose",
        "agreement-crime-area",
        "agreement-category",
    }


def test_a_refusal_without_a_reason_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="reason"):
        Decision(allowed=False)


@pytest.mark.parametrize(
    ("born", "minor"),
    [
        ("2008-09-24", False),
        ("2008-09-25", True),
        ("2008-08", False),
        ("2008-09", True),
        ("2007", False),
        ("2008", True),
        ("1960-01-01", False),
    ],
)
def test_of_who_may_be_a_minor_no_content_leaves(born: str, minor: bool) -> None:
    grade = Evaluation(Source.B, Information.CORROBORATED, date(2026, 9, 24))
    said = Statement("s1", "e1", "Person", "birthDate", born, Nature.FACT, grade)
    decision = everything().permits(replace(content(), statements=(said,)), recipient="washington", at=noon())
    assert ("minor-hit-no-hit-only" in {why.code for why in decision.because}) is minor
