"""Whether what a document names is known here already, in whatever spelling or script.

Invariant: it marks suggestions and merges nothing; only a strong likeness by name marks one, among what the viewpoint
may read. What the intake recognised by folded words stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import is_name
from amana.intake.suggest import Suggestion
from amana.records.queries.names import has_more_names_than
from amana.services.matching import STRONG, Subject, match_list

MOST = 500  # different things of one document that are looked up


def mark_known(found: Sequence[Suggestion], *, viewpoint: Viewpoint) -> tuple[Suggestion, ...]:
    """The suggestions, with the id of a known entity (originator/uid) where one is strongly alike."""
    unknown = dict.fromkeys(_subject(one) for one in found if one.known is None and one.schema and _subject(one).names)
    if not unknown or not has_more_names_than(0):
        return tuple(found)
    subjects = list(unknown)[:MOST]
    answers = match_list(subjects, most=1, least=STRONG, viewpoint=viewpoint)
    known = {
        subject: f"{match.entity.originator}/{match.entity.uid}"
        for subject, matches in zip(subjects, answers, strict=True)
        for match in matches
    }
    return tuple(replace(one, known=known.get(_subject(one))) if one.known is None else one for one in found)


def _subject(one: Suggestion) -> Subject:
    return Subject(tuple(value for name, value in one.properties if is_name(one.schema, name)), one.schema)
