"""Writing the terms of an agreement: from a file, or the usual ones with what two heads decided filled in."""

from __future__ import annotations

import json
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from amana.domain.agreement import Clocks, Terms
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Kind
from amana.domain.request import RefusalGround
from amana.domain.vocabulary import HIT_NO_HIT_ONLY, Category, CrimeArea
from amana.services.keys import own_node


class TermsMalformed(BadInput):
    """The file of terms is not JSON."""

    code = "terms-malformed"
    sentence = gettext_noop("The file of terms is not JSON text.")


def read_terms(data: bytes) -> Terms:
    """Terms from a JSON file. Raises TermsMalformed, FormMalformed."""
    try:
        return Terms.from_json(json.loads(data))
    except ValueError as error:
        raise TermsMalformed from error


def usual_terms(
    partner: str,
    *,
    purposes: frozenset[Purpose],
    crime_areas: frozenset[CrimeArea],
    strictest: Tlp,
    retention_days: int,
    valid_days: int,
    overseers: tuple[str, ...],
) -> Terms:
    """Terms with the clocks of the rules, all refusal grounds, and every category whose content may leave."""
    today = timezone.now().date()
    one, other = sorted((own_node(), partner))
    return Terms(
        id=str(uuid4()),
        parties=(one, other),
        purposes=purposes,
        crime_areas=crime_areas,
        categories=frozenset(Category) - HIT_NO_HIT_ONLY - {Category.UNKNOWN},
        kinds=frozenset(Kind),
        strictest=strictest,
        refusal_grounds=frozenset(RefusalGround),
        clocks=Clocks(),
        retention_days=retention_days,
        match_budget=1000,
        overseers=overseers,
        valid_from=today,
        valid_until=today + timedelta(days=valid_days),
    )
