"""Taking in documents: the original kept as it came, its text, what was suggested, and what a person accepted.

Invariant: nothing becomes a statement by itself; an original is named by its SHA-256 and never altered.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.errors import BadInput, NotFound, gettext_noop
from amana.domain.evaluation import Evaluation
from amana.domain.handling import Handling, Tlp
from amana.domain.report import Kind, Original
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category, CrimeArea, clean, is_person
from amana.intake.extract import Extracted, extract
from amana.intake.language import detect
from amana.intake.suggest import KnownName, suggest
from amana.intake.suggest import Suggestion as Suggested
from amana.records.models import Document, OriginalFile, Report, Suggestion, User
from amana.records.queries.reports import known_names, visible_documents
from amana.services.journal import Act, record
from amana.services.keys import home
from amana.services.recognition import mark_known
from amana.services.reports import draft_report
from amana.services.rights import Deed, require, require_cleared


class DocumentUnknown(NotFound):
    """No document of that number may be seen from here."""

    code = "document-unknown"
    sentence = gettext_noop("There is no document of this number that you may see.")


class SuggestionUnknown(NotFound):
    """The document has no such open suggestion."""

    code = "suggestion-unknown"
    sentence = gettext_noop("This document has no open suggestion of this number.")


class NothingAccepted(BadInput):
    """No suggestion of the document was accepted."""

    code = "suggestion-none-accepted"
    sentence = gettext_noop("Accept at least one suggestion first, or write the report without the document.")


@dataclass(frozen=True, slots=True)
class Reading:
    """A file read without keeping it: its text, its language, and what it suggests."""

    extracted: Extracted
    language: str
    suggestions: tuple[Suggested, ...]


def read_file(data: bytes, *, filename: str, known: Sequence[tuple[str, str, str]] = ()) -> Reading:
    """Read a file and suggest, keeping nothing. Raises the intake's refusals."""
    extracted = extract(data, filename=filename)
    language = detect(extracted.text).code
    names = [KnownName(entity_id=one, schema=schema, name=name) for one, schema, name in known]
    found = suggest(extracted.text, language=language, known=names, today=timezone.localdate())
    return Reading(extracted, language, found)


def take_in(data: bytes, *, filename: str, viewpoint: Viewpoint, tlp: Tlp = Tlp.AMBER_STRICT, by: User) -> Document:
    """Keep a file as an original, with its text and suggestions.

    Raises the intake's refusals, and MarkingAboveClearance.
    """
    require(by, Deed.WRITE)
    require_cleared(by, tlp)
    reading = read_file(data, filename=filename, known=known_names(viewpoint=viewpoint))
    suggestions = mark_known(reading.suggestions, viewpoint=viewpoint)
    keep_original(data, reading.extracted.sha256)
    now = timezone.now()
    with transaction.atomic():
        original, _ = OriginalFile.objects.get_or_create(
            sha256=reading.extracted.sha256,
            defaults={
                "size": reading.extracted.size,
                "media_type": reading.extracted.media_type,
                "filename": Path(filename).name[:300],
                "received_at": now,
            },
        )
        document = Document.objects.create(
            id=uuid4(),
            original=original,
            title=(reading.extracted.title or Path(filename).stem)[:1000],
            language=reading.language,
            text=reading.extracted.text,
            warnings=list(reading.extracted.warnings),
            strictness=tlp.strictness,
            taken_in_by=by,
            taken_in_at=now,
        )
        Suggestion.objects.bulk_create(
            _row(document, position, one) for position, one in enumerate(suggestions, start=1)
        )
        record(
            Act.COLLECTION,
            "document-taken-in",
            f"document:{document.id}",
            by=by.username,
            reason="intake",
            details=[("sha256", original.sha256), ("suggestions", str(len(reading.suggestions)))],
            at=now,
        )
    return document


def keep_original(data: bytes, sha256: str) -> Path:
    """Write an original once under its hash; an existing file is left as it is."""
    path = home() / "originals" / sha256[:2] / sha256
    if path.exists():
        return path
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    return path


@transaction.atomic
def show_document(number: UUID, *, viewpoint: Viewpoint) -> Document:
    """Open a document with its suggestions; the reading stands in the log. Raises DocumentUnknown."""
    document = visible_documents(viewpoint=viewpoint).filter(pk=number).first()
    if document is None:
        raise DocumentUnknown
    record(
        Act.CONSULTATION,
        "document-opened",
        f"document:{number}",
        by=viewpoint.officer,
        reason="reading",
        details=viewpoint.in_log,
    )
    return document


@transaction.atomic
def list_documents(*, viewpoint: Viewpoint, first: int = 0, most: int = 500) -> list[Document]:
    """Documents that may be seen, newest first, at most so many from the `first` on; the look stands in the log."""
    found = list(visible_documents(viewpoint=viewpoint).defer("text")[first : first + most])
    record(Act.CONSULTATION, "documents-listed", "documents", by=viewpoint.officer, reason="desk")
    return found


@transaction.atomic
def decide_suggestions(
    document: Document, *, accept: Iterable[int] = (), reject: Iterable[int] = (), everything: bool = False, by: User
) -> int:
    """Accept or reject suggestions by their position, or accept all open ones; returns how many changed.

    Raises SuggestionUnknown where a position is not an open suggestion of this document.
    """
    require(by, Deed.WRITE)
    rows = Suggestion.objects.filter(document=document, state=Suggestion.State.OPEN)
    now, changed = timezone.now(), 0
    if everything:
        changed = rows.update(state=Suggestion.State.ACCEPTED, decided_by=by.username, decided_at=now)
    for positions, state in ((accept, Suggestion.State.ACCEPTED), (reject, Suggestion.State.REJECTED)):
        wanted = set(positions)
        done = rows.filter(position__in=wanted).update(state=state, decided_by=by.username, decided_at=now)
        if done != len(wanted):
            raise SuggestionUnknown
        changed += done
    record(
        Act.ALTERATION,
        "suggestions-decided",
        f"document:{document.pk}",
        by=by.username,
        reason="intake",
        details=[("changed", str(changed))],
        at=now,
    )
    return changed


def draft_from_document(
    document: Document,
    *,
    title: str = "",
    evaluation: Evaluation,
    handling: Handling,
    crime_areas: frozenset[CrimeArea] = frozenset(),
    kind: Kind = Kind.INFORMATION,
    text_alone: bool = False,
    by: User,
) -> Report:
    """Write a draft from a document's text and its accepted suggestions; topics accepted become crime areas.

    With `text_alone` nothing need be accepted yet. Raises NothingAccepted and what `draft_report` raises.
    """
    accepted = list(document.suggestions.filter(state=Suggestion.State.ACCEPTED))
    if not accepted and not text_alone:
        raise NothingAccepted
    entities, statements = statements_from(accepted, language=document.language, evaluation=evaluation)
    topics = {CrimeArea(one.value) for one in accepted if one.kind == "topic" and one.value in set(CrimeArea)}
    original = document.original
    return draft_report(
        title=title or document.title,
        text=document.text,
        language=document.language,
        evaluation=evaluation,
        handling=handling,
        crime_areas=crime_areas | topics,
        kind=kind,
        entities=entities,
        statements=statements,
        originals=[Original(sha256=original.sha256, size=original.size, media_type=original.media_type)],
        document_id=document.pk,
        by=by,
    )


def statements_from(
    accepted: Sequence[Suggestion], *, language: str, evaluation: Evaluation
) -> tuple[list[Entity], list[Statement]]:
    """Entities and statements from accepted suggestions: one entity for one value, each place a statement's source.

    A person arrives without a category: only a human gives one.
    """
    entities: dict[tuple[str, str], Entity] = {}
    statements: list[Statement] = []
    said: set[tuple[str, str, str]] = set()
    for one in accepted:
        if not one.schema:
            continue
        key = (one.schema, one.value)
        category = Category.UNKNOWN if is_person(one.schema) else None
        entity = entities.setdefault(key, Entity(id=str(uuid4()), schema=one.schema, category=category))
        for name, given in one.properties:
            value = clean(one.schema, name, given)
            if (entity.id, name, value) in said:
                continue
            said.add((entity.id, name, value))
            statements.append(
                Statement(
                    id=f"s{len(statements) + 1}",
                    entity=entity.id,
                    schema=one.schema,
                    property=name,
                    value=value,
                    nature=Nature.FACT,
                    evaluation=evaluation,
                    lang=language if name in ("name", "position", "summary") else "",
                    place=(one.start, one.end),
                )
            )
    return list(entities.values()), statements


def _row(document: Document, position: int, one: Suggested) -> Suggestion:
    return Suggestion(
        document=document,
        position=position,
        kind=one.kind,
        value=one.value[:500],
        role=one.role[:500],
        text=one.text,
        start=one.start,
        end=one.end,
        schema=one.schema,
        properties=[list(pair) for pair in one.properties],
        reason=one.reason,
        known=one.known or "",
    )
