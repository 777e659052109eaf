"""A node that has something to lose: partners, agreements wide and narrow, reports out and in, a recall on its way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import Model
from django.test import override_settings
from django.utils import timezone

from amana.config.node_settings import NodeSettings
from amana.domain.agreement import Terms
from amana.domain.handling import Purpose, Tlp
from amana.domain.report import Kind
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.protocol import AcceptanceBody, Accepted, Type, sign_terms
from amana.records.models import (
    Agreement,
    Certificate,
    Consent,
    CrossHit,
    Entity,
    EntityName,
    Flag,
    Forwarded,
    LegalHold,
    Message,
    OnwardCertificate,
    Outbox,
    Partner,
    PassedOn,
    Recall,
    Receipt,
    Release,
    Report,
    ReportEntity,
    Request,
    RequestAnswer,
    Restriction,
    RestrictionCertificate,
    Statement,
)
from amana.services import recalls
from amana.services.agreements import propose_agreement
from amana.services.node import init_node
from amana.services.terms import usual_terms
from tests.conftest import officer
from tests.counterpart import Counterpart
from tests.faults.forging import Forger
from tests.faults.rows import hash_of, rows_of
from tests.services.test_exchange import released

# What no refused message may change; the messages received and the log are counted apart.
KEPT: tuple[type[Model], ...] = (
    Report, Statement, Entity, EntityName, ReportEntity, Agreement, Receipt, Recall, Certificate, Release, Outbox,
    Consent, Restriction, RestrictionCertificate, OnwardCertificate, Forwarded, PassedOn, LegalHold, Flag, Request,
    RequestAnswer, CrossHit,
)  # fmt: skip


def narrow_terms() -> Terms:
    """Terms with Bob that cover one purpose, one kind, one category and two crime areas."""
    usual = usual_terms(
        "washington",
        purposes=frozenset({Purpose.INVESTIGATION}),
        crime_areas=frozenset({CrimeArea.TERRORISM, CrimeArea.DRUG_TRAFFICKING}),
        strictest=Tlp.AMBER_STRICT,
        retention_days=365,
        valid_days=365,
        overseers=(),
    )
    return replace(usual, kinds=frozenset({Kind.INFORMATION}), categories=frozenset({Category.SUSPECT}))


def forged_world() -> Forger:
    """Rabat with Bob (a wide agreement, then a narrow one, then one proposed) and Charlie (a wide one)."""
    init_node(agency="Agency of Rabat", country="MA", name="rabat")
    alice, omar = officer("alice", "author", "analyst"), officer("omar", "releasing-officer", "head")
    bob = Counterpart.joined("washington", "US", head=omar)
    charlie = Counterpart.joined("third", "FR", head=omar)
    first = released(alice, omar, "third", "washington")
    recalls.recall_report(released(alice, omar, "third").uid, reason="wrong", by=omar)
    assert isinstance(bob.send(bob.report())[0], Accepted)
    for partner in (bob, charlie):
        partner.fetch()
    recalls.recall_report(released(alice, omar, "third").uid, reason="wrong", by=omar)
    recalls.recall_report(first.uid, reason="wrong", by=omar)
    terms = narrow_terms()
    propose_agreement(terms, partner="washington", by=omar)
    signature = sign_terms(terms, bob.secrets.signing)
    bob.send(bob.message(Type.ACCEPTANCE, AcceptanceBody(terms.id, signature), agreement=""))
    bob.agreement = terms.id
    Agreement.objects.filter(pk=terms.id).update(in_force_at=timezone.now() + timedelta(seconds=1))
    propose_agreement(narrow_terms(), partner="washington", by=omar)
    return Forger(bob, charlie)


def kept() -> str:
    """A hash over every row that a refused message may not change."""
    return hash_of(_looks())


@cache
def _looks() -> tuple[str, ...]:
    partners = rows_of(Partner, "node", "card", "serial", "state", "out_seq", "out_hash")
    return (*map(rows_of, KEPT), partners, rows_of(Message, where="direction = 'out'"))


@dataclass(frozen=True, slots=True)
class Written:
    """The world written down once, to be restored for each test: making keys and people is slow."""

    forger: Forger
    settings: NodeSettings
    rows: tuple[tuple[type[Model], list[Model]], ...]

    @classmethod
    def down(cls, home: Path) -> Written:
        """Make the world in that folder, write it down, and leave nothing in the database."""
        made = settings.AMANA.model_copy(update={"home": home})
        with override_settings(AMANA=made), transaction.atomic():
            forger = forged_world()
            models = apps.get_models(include_auto_created=True)
            rows = tuple((one, list(one._base_manager.all())) for one in models if one._meta.managed)
            transaction.set_rollback(True)
        return cls(forger, made, rows)

    def restore(self) -> None:
        """Put the rows in the place of those that a migration made, and let new ones be numbered after them."""
        for model, rows in self.rows:
            model._base_manager.all()._raw_delete(connection.alias)
            model._base_manager.bulk_create(rows)
        models = apps.get_app_config("records").get_models(include_auto_created=True)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
                cursor.execute(statement)
