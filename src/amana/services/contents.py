"""A report's rows as the value that travels, and back.

Invariant: `content_of(store(content)) == content`; a held report is stored in full or not at all.
"""

from __future__ import annotations

from amana.domain.evaluation import Evaluation
from amana.domain.folding import fold
from amana.domain.handling import Handling
from amana.domain.report import Content, Kind, Original, State, read_details
from amana.domain.statement import Entity as EntityValue
from amana.domain.statement import Nature
from amana.domain.statement import Statement as StatementValue
from amana.domain.vocabulary import Category, CrimeArea, is_name
from amana.records.models import Entity, EntityName, Report, ReportEntity, Statement
from amana.services.ledger import note_erasure

_CAPTION_BY = ("name", "number", "containerCode", "iban", "accountNumber", "registrationNumber", "publicKey", "full")


def handling_columns(handling: Handling) -> dict[str, object]:
    """The handling as the columns a viewpoint is applied to."""
    return {
        "handling": handling.to_json(),
        "purposes": f" {' '.join(sorted(handling.purposes))} " if handling.purposes else "",
        "strictness": handling.tlp.strictness,
        "erase_by": handling.erase_by,
    }


def content_of(report: Report) -> Content:
    """The report as its recipients would read it, with its whole marking."""
    return Content(
        report=str(report.uid),
        version=report.version,
        kind=Kind(report.kind),
        title=report.title,
        language=report.language,
        text=report.text,
        crime_areas=frozenset(map(CrimeArea, report.crime_areas)),
        handling=Handling.from_json(report.handling),
        evaluation=Evaluation.from_json(report.evaluation),
        entities=tuple(map(_entity_value, report.entity_links.select_related("entity"))),
        statements=tuple(map(statement_value, report.statements.select_related("entity"))),
        originals=tuple(Original.from_json(one) for one in report.originals),
        written=report.written,
        details=read_details(Kind(report.kind), report.details) if report.details is not None else None,
    )


def _entity_value(link: ReportEntity) -> EntityValue:
    return EntityValue(
        id=link.entity.uid,
        schema=link.entity.schema,
        category=Category(link.category) if link.category else None,
        grounds=link.grounds,
    )


def statement_value(row: Statement) -> StatementValue:
    """One stored statement as a value."""
    return StatementValue(
        id=row.uid,
        entity=row.entity.uid,
        schema=row.entity.schema,
        property=row.property,
        value=row.value,
        nature=Nature(row.nature),
        evaluation=Evaluation.from_json(row.evaluation),
        lang=row.lang,
        place=(row.start, row.end) if row.start is not None and row.end is not None else None,
    )


def store(content: Content, report: Report, *, originator: str) -> Report:
    """Fill a new or draft report row, and its entities and statements, from the value; needs a transaction."""
    report.uid, report.version, report.originator = content.report, content.version, originator
    report.kind, report.title, report.language, report.text = (
        content.kind,
        content.title,
        content.language,
        content.text,
    )
    report.crime_areas = sorted(content.crime_areas)
    report.evaluation = content.evaluation.to_json()
    report.originals = [original.to_json() for original in content.originals]
    report.details = content.details.to_json() if content.details is not None else None
    report.written, report.folded = content.written, _search_words(content)
    for column, value in handling_columns(content.handling).items():
        setattr(report, column, value)
    fresh = report.pk is None
    report.save()
    if not fresh:
        clear_parts(report)
    entities = _store_entities(content, report, originator)
    _store_statements(content, report, entities)
    return report


def _store_entities(content: Content, report: Report, originator: str) -> dict[str, Entity]:
    captions: dict[str, str] = {}
    for rank in reversed(_CAPTION_BY):
        captions |= {one.entity: one.value for one in reversed(content.statements) if one.property == rank}
    uids = [entity.id for entity in content.entities]
    found = {row.uid: row for row in Entity.objects.filter(originator=originator, uid__in=uids)}
    missing = [
        Entity(originator=originator, uid=one.id, schema=one.schema, caption=captions.get(one.id, "")[:500])
        for one in content.entities
        if one.id not in found
    ]
    if missing:
        found |= {row.uid: row for row in Entity.objects.bulk_create(missing)}
    ReportEntity.objects.bulk_create(
        ReportEntity(
            report=report,
            entity=found[one.id],
            position=position,
            category=one.category or "",
            grounds=one.grounds,
        )
        for position, one in enumerate(content.entities)
    )
    return found


def _store_statements(content: Content, report: Report, entities: dict[str, Entity]) -> None:
    Statement.objects.bulk_create(
        Statement(
            report=report,
            entity=entities[one.entity],
            position=position,
            uid=one.id,
            property=one.property,
            value=one.value,
            lang=one.lang,
            nature=one.nature,
            evaluation=one.evaluation.to_json(),
            start=one.place[0] if one.place else None,
            end=one.place[1] if one.place else None,
        )
        for position, one in enumerate(content.statements)
    )
    EntityName.objects.bulk_create(
        EntityName(report=report, entity=entities[one.entity], folded=fold(one.value)[:500], name=one.value[:500])
        for one in content.statements
        if is_name(one.schema, one.property)
    )


def _search_words(content: Content) -> str:
    values = (one.value for one in content.statements)
    return fold(" ".join((content.title, content.text, *values)))


def clear_parts(report: Report) -> int:
    """Remove statements, names, search words and links of a report; returns how many statements went.

    Entities that no other report speaks of go too: what is held independently stays.
    """
    touched = list(report.entity_links.values_list("entity_id", flat=True))
    gone, _ = Statement.objects.filter(report=report).delete()
    EntityName.objects.filter(report=report).delete()
    ReportEntity.objects.filter(report=report).delete()
    Entity.objects.filter(pk__in=touched, report_links__isnull=True).delete()
    return gone


def close_report(report: Report, state: State, *, reason: str) -> int:
    """Take a report's content out of the memory, leave its husk, and note that it is erased for ever.

    Returns how many statements went.
    """
    gone = clear_parts(report)
    note_erasure(report, state)
    Report.objects.filter(pk=report.pk).update(
        state=state,
        title="",
        text="",
        folded="",
        evaluation={},
        originals=[],
        crime_areas=[],
        details=None,
        ended_reason=reason,
    )
    report.refresh_from_db()
    return gone
