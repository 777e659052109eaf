"""What a clever reader could infer from what leaves: leads for the two officers who decide, each with its weakness.

Invariant: a hint blocks nothing and decides nothing; it names its evidence, which only the officers see, and says why
it may be wrong. It rests on nothing that the officer who looks is not cleared for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.domain.folding import fold
from amana.domain.handling import Tlp
from amana.domain.report import Content
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category, is_name
from amana.records.models import Partner, Release, Report, User
from amana.services.composing import dropped_passages
from amana.services.contents import content_of
from amana.services.keys import own_node
from amana.services.rights import Deed, require

FEW = 3  # so many possible authors, and a reader can guess
PROTECTED = frozenset({Category.INFORMANT, Category.WITNESS, Category.VICTIM})

_CLAIMS = {
    "passage-stands": gettext_noop("A statement was cut, but its words still stand in the text."),
    "rejected-stands": gettext_noop("You made no statement of these words, but they stand in the text, ungraded."),
    "source-named": gettext_noop("The name of somebody who must be protected stands in the text."),
    "officer-named": gettext_noop("The name of one of our own officers stands in the text."),
    "recipient-named": gettext_noop("Another recipient is cut from the marking, but named in the text."),
    "one-of-a-pair": gettext_noop("Somebody was removed from the statements, but others still speak of them."),
    "earlier-version": gettext_noop("This recipient holds an earlier version and can see what was cut since."),
    "never-first": gettext_noop("The version number tells this recipient that there was an earlier one it never had."),
    "same-number": gettext_noop("All recipients read the same report number and time of writing."),
    "same-file": gettext_noop("The original's SHA-256 travels: whoever has the same file knows the source."),
    "few-authors": gettext_noop(
        "Few officers of this desk write reports (%(number)s); a reader who knows the desk can guess."
    ),
}
_WEAKNESS = {
    "passage-stands": gettext_noop("The words may be meant to stay; only the statement was wrong."),
    "rejected-stands": gettext_noop("What was rejected may have been no name at all."),
    "source-named": gettext_noop("It may be another person of the same name."),
    "officer-named": gettext_noop("Names are compared by their spelling only; many people are called alike."),
    "recipient-named": gettext_noop("The text may speak of the country or town and not of the agency."),
    "one-of-a-pair": gettext_noop("Only names that stand word by word in other statements were looked for."),
    "earlier-version": gettext_noop("That may be the very purpose of the correction."),
    "never-first": gettext_noop("Earlier versions may never have left at all."),
    "same-number": gettext_noop("It matters only if the recipients compare what they hold, and they may well know."),
    "same-file": gettext_noop("A hash tells nothing to whoever does not have that very file."),
    "few-authors": gettext_noop("The author's name does not travel, and others may have supplied the words."),
}


@dataclass(frozen=True, slots=True)
class Hint:
    """One lead: the claim, the words or names it rests on, and why it may be wrong."""

    code: str
    claim: Reason
    evidence: tuple[str, ...]
    weakness: Reason


@dataclass(frozen=True, slots=True)
class Ground:
    """What the hints of one report rest on, read once for all its recipients."""

    content: Content
    earlier: Content | None
    had_earlier: frozenset[str]
    rejected: tuple[str, ...]
    officers: tuple[str, ...]
    writers: int
    recipients: tuple[tuple[str, str], ...]


def ground_of(row: Report, content: Content, *, by: User) -> Ground:
    """Read what the hints of a report of ours rest on, within the officer's clearance."""
    require(by, Deed.READ)
    clear = Tlp(by.clearance).strictness
    released = Release.objects.filter(report__uid=row.uid, report__originator=own_node(), state="released")
    older = (
        released.filter(report__version__lt=row.version, report__strictness__lte=clear)
        .select_related("report")
        .order_by("-report__version")
    )
    last = next((one.report for one in older if one.report.evaluation), None)
    people = list(User.objects.filter(is_active=True))
    writers = [one for one in people if one.has_role(Role.AUTHOR) and (not _desk(row) or one.desk == _desk(row))]
    named = Partner.objects.filter(pk__in=content.handling.releasable_to).order_by("node")
    return Ground(
        content=content,
        earlier=content_of(last) if last is not None else None,
        had_earlier=frozenset(one.partner_id for one in older),
        rejected=tuple(dropped_passages(row, content)),
        officers=tuple(sorted({one.get_full_name() or one.username for one in people})),
        writers=len(writers),
        recipients=tuple((one.node, one.agency) for one in named),
    )


def hints_for(ground: Ground, node: str) -> list[Hint]:
    """What a clever reader at one recipient could infer, the gravest first."""
    content = ground.content.for_recipient(node)
    text = fold(f"{content.title}\n{content.text}")
    found: list[tuple[str, Iterable[str], dict[str, object]]] = [
        ("source-named", _standing(_protected(content), text), {}),
        ("passage-stands", _standing([*_cut_values(ground), *_withheld(ground, node)], text), {}),
        ("one-of-a-pair", _still_spoken_of(ground, content), {}),
        ("rejected-stands", _standing(ground.rejected, text), {}),
        ("officer-named", _standing(ground.officers, text), {}),
        ("recipient-named", _standing(_others(ground, node), text), {}),
    ]
    if content.version > 1:
        code = "earlier-version" if node in ground.had_earlier else "never-first"
        found.append((code, [f"v{content.version}"], {}))
    if 0 < ground.writers <= FEW:
        found.append(("few-authors", [str(ground.writers)], {"number": ground.writers}))
    if content.originals:
        found.append(("same-file", [one.sha256 for one in content.originals], {}))
    if len(ground.recipients) > 1:
        found.append(("same-number", [content.report, content.written.isoformat()], {}))
    return [_hint(code, tuple(evidence), params) for code, given, params in found if (evidence := list(given))]


def _hint(code: str, evidence: tuple[str, ...], params: dict[str, object]) -> Hint:
    values = tuple((name, str(value)) for name, value in params.items())
    return Hint(code, Reason(code, _CLAIMS[code], values), evidence, Reason(code, _WEAKNESS[code]))


def _desk(row: Report) -> str:
    return row.author.desk if row.author is not None else ""


def _standing(names: Iterable[str], text: str) -> Iterator[str]:
    """Those names that stand in the folded text as whole words, each once."""
    for name in dict.fromkeys(names):
        folded = fold(name).strip()
        if len(folded) > 2 and re.search(rf"(?<!\w){re.escape(folded)}(?!\w)", text):
            yield name


def _names(content: Content, entities: Iterable[str]) -> Iterator[str]:
    wanted = set(entities)
    for one in content.statements:
        if one.entity in wanted and is_name(one.schema, one.property):
            yield one.value


def _protected(content: Content) -> Iterator[str]:
    return _names(content, (one.id for one in content.entities if one.category in PROTECTED))


def _cut_values(ground: Ground) -> Iterator[str]:
    """The words of statements that an earlier version made and this one does not."""
    if ground.earlier is None:
        return
    kept = {(one.entity, one.property, one.value) for one in ground.content.statements}
    for one in ground.earlier.statements:
        if (one.entity, one.property, one.value) not in kept:
            yield one.value
            if one.place is not None:
                yield ground.earlier.text[slice(*one.place)]


def _withheld(ground: Ground, node: str) -> Iterator[str]:
    """The words of statements that are kept from this recipient."""
    for one in ground.content.withheld_from(node):
        yield one.value
        if one.place is not None:
            yield ground.content.text[slice(*one.place)]


def _still_spoken_of(ground: Ground, content: Content) -> Iterator[str]:
    """Names of entities that this recipient no longer or never receives, in statements about others that it does."""
    values = fold("\n".join(one.value for one in content.statements))
    left = {one.id for one in content.entities}
    names = [
        name
        for whole in (ground.earlier, ground.content)
        if whole is not None
        for name in _names(whole, {one.id for one in whole.entities} - left)
    ]
    yield from _standing(names, values)


def _others(ground: Ground, node: str) -> Iterator[str]:
    for name, agency in ground.recipients:
        if name != node:
            yield from (name, agency)
