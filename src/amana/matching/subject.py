"""Two records compared: names first, then what else is known of both.

Invariant: agreement adds, contradiction subtracts, absence does neither; `compare(a, b)` equals `compare(b, a)`. The
steps below are in log-odds and were set by hand, as no public list is labelled with them; each is one reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import exp, log

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.matching.dates import Born, Fit, fit_of
from amana.matching.explain import no_name
from amana.matching.identifiers import Agreement, agreement_of
from amana.matching.pairs import compare_names
from amana.matching.record import Subject
from amana.matching.score import Score

BODIES = frozenset({"Organization", "Company", "PublicBody", "LegalEntity"})
ANY = frozenset({"LegalEntity", "Thing", ""})  # says neither person nor body
OPPOSED = 0.1  # at most, for records of kinds that exclude one another
UNNAMED = 0.05  # where a record has no name: only identifiers can raise it
CERTAIN = 0.995

BIRTH_STEPS = {
    Fit.SAME_DAY: 2.5,
    Fit.SAME_YEAR: 1.0,
    Fit.NEAR_YEAR: 0.3,
    Fit.SWAPPED: 1.5,
    Fit.OTHER_DAY: -0.7,
    Fit.OTHER_YEAR: -2.5,
    Fit.UNKNOWN: 0.0,
}
COUNTRY_AGREES, COUNTRY_DIFFERS = 0.4, -0.6
IDENTIFIER_AGREES, IDENTIFIER_DIFFERS = 6.0, -2.5

SENTENCES = {
    Fit.SAME_DAY: ("birth-same", gettext_noop("Both were born on %(one)s.")),
    Fit.SAME_YEAR: ("birth-year", gettext_noop("Both were born in %(one)s; the day is not known of both.")),
    Fit.NEAR_YEAR: ("birth-near", gettext_noop("The birth years are close (%(one)s, %(other)s).")),
    Fit.SWAPPED: ("birth-swapped", gettext_noop("Day and month of birth are exchanged (%(one)s, %(other)s).")),
    Fit.OTHER_DAY: ("birth-other-day", gettext_noop("Born in the same year on different days (%(one)s, %(other)s).")),
    Fit.OTHER_YEAR: ("birth-differs", gettext_noop("The birth dates contradict each other (%(one)s, %(other)s).")),
}
COUNTRY_SAME = gettext_noop("Both are linked to the same country (%(one)s).")
COUNTRY_OTHER = gettext_noop("They are linked to different countries (%(one)s, %(other)s).")
IDENTIFIER_SAME = gettext_noop("Both have the identifier %(one)s.")
IDENTIFIER_OTHER = gettext_noop("Their identifiers of one kind differ (%(one)s, %(other)s).")
KINDS_DIFFER = gettext_noop("One record is of the kind %(one)s, the other of the kind %(other)s.")


def compare(a: Subject, b: Subject) -> Score:
    """How alike two records are. The best pair of names counts, then each other property once."""
    name = best_names(a, b)
    steps = [*_birth(a, b), *_countries(a, b), *_identifiers(a, b)]
    same_identifier = any(reason.code == "identifier-same" for _, reason in steps)
    if not name.value and not same_identifier:
        return name
    odds = _odds(max(name.value, UNNAMED)) + sum(step for step, _ in steps)
    value = 1 / (1 + exp(-odds))
    reasons = [*name.reasons, *(reason for _, reason in steps)]
    if opposed(a.schema, b.schema):
        value = min(value, OPPOSED)
        one, other = sorted((a.schema, b.schema))
        reasons.append(Reason("kind-differs", KINDS_DIFFER, (("one", one), ("other", other))))
    return Score(min(value, CERTAIN), tuple(reasons))


def best_names(a: Subject, b: Subject) -> Score:
    """The score of the two names that are most alike."""
    scores = [compare_names(one, other) for one in sorted(a.names) for other in sorted(b.names)]
    return max(scores, key=lambda score: score.value, default=Score(0.0, (no_name(),)))


def opposed(one: str, other: str) -> bool:
    """Whether two schemata exclude one another: a person and a body, or either and a thing."""
    if one == other or one in ANY or other in ANY:
        return False
    return not ({one, other} <= BODIES)


def _odds(value: float) -> float:
    bounded = min(max(value, 1e-4), 1 - 1e-4)
    return log(bounded / (1 - bounded))


def _both(one: str, other: str) -> tuple[tuple[str, str], ...]:
    low, high = sorted((one, other))
    return ("one", low), ("other", high)


def _birth(a: Subject, b: Subject) -> Iterator[tuple[float, Reason]]:
    """The best fit of any two birth dates."""
    fits = [
        (BIRTH_STEPS[fit], one, other, fit)
        for one in sorted(a.birth_dates)
        for other in sorted(b.birth_dates)
        if (fit := fit_of(Born.parse(one), Born.parse(other))) is not Fit.UNKNOWN
    ]
    if fits:
        step, one, other, fit = max(fits, key=lambda found: (found[0], *sorted(found[1:3])))
        code, sentence = SENTENCES[fit]
        shown = _both(one, other) if "other" in sentence else (("one", min(one, other, key=len)),)
        yield step, Reason(code, sentence, shown)


def _countries(a: Subject, b: Subject) -> Iterator[tuple[float, Reason]]:
    ours, theirs = {code.lower() for code in a.countries}, {code.lower() for code in b.countries}
    if ours & theirs:
        yield COUNTRY_AGREES, Reason("country-same", COUNTRY_SAME, (("one", min(ours & theirs)),))
    elif ours and theirs:
        yield COUNTRY_DIFFERS, Reason("country-differs", COUNTRY_OTHER, _both(min(ours), min(theirs)))


def _identifiers(a: Subject, b: Subject) -> Iterator[tuple[float, Reason]]:
    agreement, one, other = agreement_of(a.identifiers, b.identifiers)
    if agreement is Agreement.SAME:
        yield IDENTIFIER_AGREES, Reason("identifier-same", IDENTIFIER_SAME, (("one", one),))
    elif agreement is Agreement.OTHER:
        yield IDENTIFIER_DIFFERS, Reason("identifier-differs", IDENTIFIER_OTHER, _both(one, other))
