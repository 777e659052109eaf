"""A report's rows as the value that travels, and back.

Invariant: `content_of(store(content)) == content`; a held report is stored in full or not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

from amana.domain.evaluation import Evaluation
from amana.domain.folding import fold
from amana.domain.form import Json
from amana.domain.handling import Handling, Portion
from amana.domain.report import Content, Kind, Original, State, read_details
from amana.domain.sameness import key_of
from amana.domain.statement import Entity as EntityValue
from amana.domain.statement import Nature
from amana.domain.statement import Statement as StatementValue
from amana.domain.vocabulary import Category, CrimeArea, is_name, is_pointer
from amana.records.models import Dropped, Entity, EntityName, Report, ReportEntity, Statement
from amana.records.models.reports import fresh_edition
from amana.services.ledger import note_erasure

_Key = TypeVar("_Key", str, int)
_CAPTION_BY = ("name", "number", "containerCode", "iban", "accountNumber", "registrationNumber", "publicKey", "full")


def handling_columns(handling: Handling) -> dict[str, object]:
    """The handling as the columns a viewpoint is applied to."""
    return {
        "handling": handling.to_json(),
        "purposes": f" {' '.join(sorted(handling.purposes))} " if handling.purposes else "",
        "strictness": handling.tlp.strictness,
        "erase_by": handling.erase_by,
    }


@dataclass(frozen=True, slots=True)
class Parts:
    """What stands beside the rows of some reports, by their primary keys: entity links and statements, in order."""

    links: Mapping[int, Sequence[ReportEntity]]
    statements: Mapping[int, Sequence[Statement]]

    def content_of(self, report: Report) -> Content:
        """One of these reports as its recipients would read it, with its whole marking."""
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
            entities=tuple(map(_entity_value, self.links.get(report.pk, ()))),
            statements=tuple(map(statement_value, self.statements.get(report.pk, ()))),
            originals=tuple(Original.from_json(one) for one in report.originals),
            written=report.written,
            details=read_details(Kind(report.kind), report.details) if report.details is not None else None,
        )


def read_parts(reports: Sequence[Report]) -> Parts:
    """Read the parts of many reports with two queries."""
    links: dict[int, list[ReportEntity]] = {}
    for link in ReportEntity.objects.filter(report__in=reports).select_related("entity"):
        links.setdefault(link.report_id, []).append(link)
    known = {link.entity_id: link.entity for some in links.values() for link in some}
    statements: dict[int, list[Statement]] = {}
    for statement in Statement.objects.filter(report__in=reports):
        statement.entity = known[statement.entity_id]
        statements.setdefault(statement.report_id, []).append(statement)
    return Parts(links, statements)


def content_of(report: Report) -> Content:
    """The report as its recipients would read it, with its whole marking."""
    return read_parts([report]).content_of(report)


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
        evaluation=_grade(*sorted(row.evaluation.items())),
        lang=row.lang,
        place=(row.start, row.end) if row.start is not None and row.end is not None else None,
        handling=Portion.from_json(row.handling) if row.handling is not None else None,
    )


@lru_cache(maxsize=4096)
def _grade(*form: tuple[str, Json]) -> Evaluation:
    """A grade from its stored form; the statements of a report share few."""
    return Evaluation.from_json(dict(form))


def store(content: Content, report: Report, *, originator: str) -> Report:
    """Fill a new or draft report row, and its entities and statements, from the value; needs a transaction."""
    _fill(report, content, originator)
    fresh = report.pk is None
    report.save()
    if not fresh:
        clear_parts(report, keep={one.id for one in content.entities})
    _store_parts([(report, content)], originator)
    if not fresh:
        _call_anew(list(report.entity_links.values_list("entity_id", flat=True)))
    return report


def store_new(contents: Sequence[Content], state: State, *, originator: str) -> list[Report]:
    """Store many new reports as `store` would one after the other, in a handful of statements."""
    rows = [Report(state=state) for _ in contents]
    pairs = list(zip(rows, contents, strict=True))
    for row, content in pairs:
        _fill(row, content, originator)
    Report.objects.bulk_create(rows)
    _store_parts(pairs, originator)
    return rows


def _fill(report: Report, content: Content, originator: str) -> None:
    report.uid, report.version, report.originator = UUID(content.report), content.version, originator
    report.kind, report.title, report.language, report.text = (
        content.kind,
        content.title,
        content.language,
        content.text,
    )
    report.crime_areas = sorted(content.crime_areas)
    named = Counter(one.category for one in content.entities if one.category is not None)
    report.categories = {str(category): named[category] for category in sorted(named)}
    report.evaluation = content.evaluation.to_json()
    report.originals = [original.to_json() for original in content.originals]
    report.details = content.details.to_json() if content.details is not None else None
    report.written, report.folded = content.written, _search_words(content)
    report.edition = fresh_edition()
    for column, value in handling_columns(content.handling).items():
        setattr(report, column, value)


def _store_parts(pairs: Sequence[tuple[Report, Content]], originator: str) -> None:
    entities = _store_entities([content for _, content in pairs], originator)
    ReportEntity.objects.bulk_create(
        ReportEntity(
            report=report,
            entity=entities[one.id],
            position=position,
            category=one.category or "",
            grounds=one.grounds,
        )
        for report, content in pairs
        for position, one in enumerate(content.entities)
    )
    Statement.objects.bulk_create(
        Statement(
            report=report,
            entity=entities[one.entity],
            position=position,
            uid=one.id,
            property=one.property,
            value=one.value,
            key=key_of(one.schema, one.property, one.value),
            points_to=one.value[:200] if is_pointer(one.schema, one.property) else None,
            lang=one.lang,
            nature=one.nature,
            evaluation=one.evaluation.to_json(),
            handling=one.handling.to_json() if one.handling is not None else None,
            start=one.place[0] if one.place else None,
            end=one.place[1] if one.place else None,
        )
        for report, content in pairs
        for position, one in enumerate(content.statements)
    )
    EntityName.objects.bulk_create(
        EntityName(report=report, entity=entities[one.entity], folded=fold(one.value)[:500], name=one.value[:500])
        for report, content in pairs
        for one in content.statements
        if is_name(one.schema, one.property)
    )


def _store_entities(contents: Sequence[Content], originator: str) -> dict[str, Entity]:
    """The rows of all entities that the contents speak of; a new one has its caption from the first that does."""
    uids = {entity.id for content in contents for entity in content.entities}
    found = {row.uid: row for row in Entity.objects.filter(originator=originator, uid__in=uids)}
    missing: dict[str, Entity] = {}
    for content in contents:
        captions = _captions([(one.entity, one.property, one.value) for one in content.statements])
        for one in content.entities:
            if one.id not in found and one.id not in missing:
                caption = captions.get(one.id, "")
                missing[one.id] = Entity(originator=originator, uid=one.id, schema=one.schema, caption=caption)
    Entity.objects.bulk_create(missing.values())
    return found | missing


def _search_words(content: Content) -> str:
    """All words of a report, each once and in order: a search reads them in each report that may be seen."""
    values = (one.value for one in content.statements)
    own = content.details.words() if content.details is not None else ()
    words = fold(" ".join((content.title, content.text, *values, *own))).split()
    return " ".join(sorted(set(words)))


def _captions(said: Sequence[tuple[_Key, str, str]]) -> dict[_Key, str]:
    """What each entity is called, from (entity, property, value) in order: its first name, else its first number."""
    captions: dict[_Key, str] = {}
    for rank in reversed(_CAPTION_BY):
        captions |= {entity: value[:500] for entity, name, value in reversed(said) if name == rank}
    return captions


def clear_parts(report: Report, *, keep: Collection[str] = ()) -> int:
    """Remove statements, names, search words and links of a report; returns how many statements went.

    Entities that no other report speaks of go too: what is held independently stays, called as the others call it.
    So do rows whose ids are in `keep`, as this report is about to speak of them again: they keep their address.
    """
    touched = list(report.entity_links.values_list("entity_id", flat=True))
    _, gone = Statement.objects.filter(report=report).delete()
    EntityName.objects.filter(report=report).delete()
    ReportEntity.objects.filter(report=report).delete()
    Entity.objects.filter(pk__in=touched, report_links__isnull=True).exclude(uid__in=keep).delete()
    _call_anew(touched)
    return gone.get(Statement._meta.label, 0)


def _call_anew(touched: Sequence[int]) -> None:
    entities = list(Entity.objects.filter(pk__in=touched))
    if not entities:
        return
    rows = Statement.objects.filter(entity__in=entities, property__in=_CAPTION_BY).order_by("pk")
    captions = _captions(list(rows.values_list("entity_id", "property", "value")))
    changed = []
    for entity in entities:
        if entity.caption != captions.get(entity.pk, ""):
            entity.caption = captions.get(entity.pk, "")
            changed.append(entity)
    Entity.objects.bulk_update(changed, ["caption"], batch_size=200)


def close_report(report: Report, state: State, *, reason: str) -> int:
    """Take a report's content out of the memory, leave its husk, and note that it is erased for ever.

    Returns how many statements went.
    """
    gone = clear_parts(report)
    Dropped.objects.filter(report=report).delete()
    note_erasure(report, state)
    Report.objects.filter(pk=report.pk).update(
        state=state,
        title="",
        text="",
        folded="",
        evaluation={},
        originals=[],
        crime_areas=[],
        categories={},
        details=None,
        restrictions=[],
        ended_reason=reason,
    )
    report.refresh_from_db()
    return gone
