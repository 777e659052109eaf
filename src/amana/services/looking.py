"""From where an officer looks: changing the purpose and the case with a reason, and finding things by a few words.

Invariant: a change of viewpoint stands in the log with its reason before anything is read under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.folding import fold
from amana.domain.handling import Purpose
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Partner, Report, User
from amana.records.queries.reports import search_reports
from amana.services.cases import CaseUnknown, OpenCase, open_cases
from amana.services.journal import Act, record
from amana.services.matching import Match, Subject, match_subject
from amana.services.people import viewpoint_of
from amana.services.rights import Deed, require

FOUND = 6
LONGEST = 200


class ViewpointUnreasoned(BadInput):
    """A viewpoint is changed without saying why."""

    code = "viewpoint-reason-missing"
    sentence = gettext_noop("Say why you look from there; the log keeps the reason.")


@dataclass(frozen=True, slots=True)
class Found:
    """What a few words found: reports, entities, partners and cases, the best first."""

    reports: tuple[Report, ...] = ()
    entities: tuple[Match, ...] = ()
    partners: tuple[Partner, ...] = ()
    cases: tuple[OpenCase, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is anything."""
        return any((self.reports, self.entities, self.partners, self.cases))


@transaction.atomic
def change_viewpoint(before: Viewpoint, *, purpose: Purpose, case: UUID | None, reason: str, by: User) -> Viewpoint:
    """Look for another purpose, and for an open case or none, from here on.

    Raises ViewpointUnreasoned, CaseUnknown where the case is closed or may not be seen.
    """
    if not reason.strip():
        raise ViewpointUnreasoned
    after = viewpoint_of(by, purpose=purpose, case=str(case or ""))
    if case is not None and case not in {one.id for one in open_cases(viewpoint=after)}:
        raise CaseUnknown
    record(
        Act.CONSULTATION,
        "viewpoint-changed",
        f"officer:{by.username}",
        by=by.username,
        reason=reason.strip(),
        details=[*after.in_log, ("purpose-before", str(before.purpose)), ("case-before", before.case)],
    )
    return after


def find_anything(words: str, *, viewpoint: Viewpoint, by: User) -> Found:
    """What a few words may mean among all that may be seen, in any spelling and script; the search stands in the log.

    At most six of a kind.
    """
    require(by, Deed.READ)
    words = words.strip()[:LONGEST]
    if len(words) < 2:
        return Found()
    columns = ("uid", "version", "originator", "kind", "state", "title", "language", "handling", "written")
    with transaction.atomic():
        reports = tuple(search_reports(words, viewpoint=viewpoint).only(*columns)[:FOUND])
        details = [*viewpoint.in_log, ("found", str(len(reports)))]
        record(Act.CONSULTATION, "searched", "holdings", by=by.username, reason="desk", details=details)
    # Outside of the transaction: names are found beside the database, and nobody is to wait for that.
    entities = match_subject(Subject(names=(words,)), most=FOUND, least=0.4, viewpoint=viewpoint)
    return Found(reports, entities, _partners(words), _cases(words, viewpoint))


def find_partners(words: str, *, by: User) -> Found:
    """The same among partners only, for whoever opens no content."""
    require(by, Deed.SEE_PARTNERS)
    return Found(partners=_partners(words.strip()[:LONGEST]))


def _partners(words: str) -> tuple[Partner, ...]:
    named = Q(node__icontains=words) | Q(agency__icontains=words)
    return tuple(Partner.objects.filter(named).defer("card", "tls_ca").order_by("node")[:FOUND])


def _cases(words: str, viewpoint: Viewpoint) -> tuple[OpenCase, ...]:
    folded = fold(words).split()
    return tuple(one for one in open_cases(viewpoint=viewpoint) if all(word in fold(one.name) for word in folded))[
        :FOUND
    ]
