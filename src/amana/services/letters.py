"""The letter of transmission: a released report as a document of state for one recipient, in two languages.

Invariant: it says what that recipient holds and no more (no other recipient, nothing of the author's desk beyond the
names of author and releasing officer), it exists only for what was released, and each one made stands in the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from django.contrib.staticfiles import finders
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from amana.domain.errors import BadInput, Conflict, Unavailable, gettext_noop
from amana.domain.handling import Portion
from amana.domain.report import Content, State
from amana.domain.statement import Entity
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Message, Partner, Release, User
from amana.services.content_words import word
from amana.services.contents import content_of
from amana.services.journal import Act, record
from amana.services.keys import own_card, own_node
from amana.services.letter_pages import FONTS, Block, Fact, Heading, Letter, Passage, Said, Worded
from amana.services.reports import ReportNotOurs, Shown
from amana.services.standing_orders import read_orders

LANGUAGES = ("de", "fr", "ar", "en")


class LetterLanguage(BadInput):
    """A letter is asked for in a language that the node does not speak."""

    code = "letter-language"
    sentence = gettext_noop("A letter is written in two of these languages: %(languages)s.")


class LetterUnreleased(Conflict):
    """The report did not go to that partner."""

    code = "letter-unreleased"
    sentence = gettext_noop("This version was not released to “%(node)s”, so there is nothing to transmit.")


class LetterFonts(Unavailable):
    """The fonts of the letter are not there."""

    code = "letter-fonts"
    sentence = gettext_noop("The fonts of the letter are missing; the operator builds the pages' files anew.")


@dataclass(frozen=True, slots=True)
class Papers:
    """What a letter is made from: what the partner holds, who decided, and the message that carried it."""

    content: Content
    partner: Partner
    release: Release
    message: Message
    author: str

    @property
    def reference(self) -> str:
        """The letter's reference: node, the report's first eight digits, version."""
        return f"{own_node()}/{self.content.report[:8]}/{self.content.version}"


def languages_of(own: str, theirs: str) -> tuple[str, str]:
    """The two languages, checked; raises LetterLanguage."""
    if own not in LANGUAGES or theirs not in LANGUAGES:
        raise LetterLanguage(languages=", ".join(LANGUAGES))
    return own, theirs


def recipients_of(shown: Shown) -> list[str]:
    """To whom a letter for this version can be written."""
    if shown.row.originator != own_node() or shown.row.state not in (State.RELEASED, State.SUPERSEDED):
        return []
    rows = Release.objects.filter(report=shown.row, state=Release.State.RELEASED)
    return list(rows.order_by("partner_id").values_list("partner_id", flat=True))


@transaction.atomic
def write_transmission(shown: Shown, partner: str, *, own: str, theirs: str, viewpoint: Viewpoint) -> bytes:
    """The letter for one recipient of an opened report, as the bytes of a PDF; it stands in the log.

    `own` and `theirs` are the reader's language and the recipient's. Raises ReportNotOurs, LetterUnreleased,
    LetterLanguage, LetterFonts, and where an overseer ordered it, ReportRestricted, ReportStopped, PartnerStopped,
    NodeStopped.
    """
    from amana.services.letter_pdf import letter_pdf

    languages_of(own, theirs)
    read_orders().require_disclosable(shown.row, partner)
    papers = _papers(shown, partner)
    letter = _letter(papers, own, theirs)
    data = letter_pdf(letter, _fonts())
    record(
        Act.DISCLOSURE,
        "letter-made",
        f"report:{shown.row.uid}:{shown.row.version}",
        by=viewpoint.officer,
        reason=str(viewpoint.purpose),
        details=[*viewpoint.in_log, ("partner", partner), ("languages", f"{own} {theirs}")],
    )
    return data


def _papers(shown: Shown, partner: str) -> Papers:
    row = shown.row
    if row.originator != own_node():
        raise ReportNotOurs(node=row.originator)
    release = Release.objects.filter(report=row, partner=partner, state=Release.State.RELEASED)
    found = release.select_related("partner").first()
    sent = Message.objects.filter(report=row, partner=partner, direction=Message.Direction.OUT, type="report")
    message = sent.filter(outbox__void=False).order_by("-log_index").first()
    if found is None or message is None or row.state not in (State.RELEASED, State.SUPERSEDED):
        raise LetterUnreleased(node=partner)
    author = row.author.get_full_name() or row.author.username if row.author is not None else ""
    return Papers(content_of(row).for_recipient(partner), found.partner, found, message, author)


def _fonts() -> Path:
    found = [finders.find(f"built/fonts/{name}") for name in FONTS]
    if not all(isinstance(one, str) for one in found):
        raise LetterFonts
    return Path(str(found[0])).parent


def _letter(papers: Papers, own: str, theirs: str) -> Letter:
    def both(make: Callable[[], str]) -> tuple[str, str]:
        """The same words in both languages; where they are one, nothing is said twice."""
        with override(own):
            first = make()
        if own == theirs:
            return first, ""
        with override(theirs):
            return first, make()

    handling, now = papers.content.handling, timezone.now()
    marks = (str(handling.tlp), " ".join(sorted(map(str, handling.codes))), f"REL TO {papers.partner.node}")
    blocks: list[Block] = []
    for part in (_opening, _entrusted, _handling, _conditions, _responsible, _integrity, _text, _statements):
        blocks += part(papers, both)
    return Letter(
        own=own,
        theirs=theirs,
        tlp=str(handling.tlp),
        marking=" · ".join(filter(None, marks)),
        running=f"{own_card().agency} · {papers.reference} · {now.date().isoformat()}",
        title=papers.reference,
        author=own_card().agency,
        made=now,
        blocks=tuple(blocks),
    )


Both = Callable[[Callable[[], str]], tuple[str, str]]


def _fact(both: Both, label: Callable[[], str], value: str, lang: str = "") -> Fact:
    own, theirs = both(label)
    return Fact(own, value, theirs, lang)


def _worded(both: Both, label: Callable[[], str], value: Callable[[], str]) -> Worded:
    """A fact whose value is said in both languages too."""
    return Worded(both(label), both(value))


def _opening(papers: Papers, both: Both) -> Iterator[Block]:
    yield Heading(*both(lambda: _("Letter of transmission")), level=1)
    card = own_card()
    yield _fact(both, lambda: _("From"), f"{card.agency}\n{card.node} · {card.country}")
    yield _fact(both, lambda: _("To"), f"{papers.partner.agency}\n{papers.partner.node}")
    yield _fact(both, lambda: _("Reference"), papers.reference, "en")
    yield _worded(both, lambda: _("Released on"), lambda: _when(papers.release.decided_at))
    yield _fact(both, lambda: _("Under agreement"), str(papers.release.agreement_id), "en")
    values = {"agency": card.agency, "partner": papers.partner.agency}
    yield Said(
        *both(
            lambda: (
                _(
                    "%(agency)s presents its compliments to %(partner)s and entrusts to it what is listed below. "
                    "It remains the property of its originator."
                )
                % values
            )
        )
    )


def _entrusted(papers: Papers, both: Both) -> Iterator[Block]:
    content = papers.content
    yield Heading(*both(lambda: _("What is entrusted")))
    yield _fact(both, lambda: _("Title"), content.title, content.language)
    yield _worded(both, lambda: _("Kind"), lambda: word("kind", content.kind))
    yield _fact(both, lambda: _("Report and version"), f"{content.report}, {content.version}", "en")
    yield _worded(both, lambda: _("Crime areas"), lambda: _list("crime_area", content.crime_areas))
    yield _worded(
        both,
        lambda: _("Grade"),
        lambda: "\n".join(
            (
                f"{content.evaluation.grade} ({content.evaluation.as_of.isoformat()})",
                word("source", content.evaluation.source),
                word("information", content.evaluation.information),
            )
        ),
    )
    facts = sum(one.nature == "fact" for one in content.statements)
    yield _fact(both, lambda: _("Statements: facts, assessments"), f"{facts}, {len(content.statements) - facts}")
    for one in content.originals:
        yield _fact(both, lambda: _("Drawn from"), f"{one.media_type}, {one.size} B\nSHA-256 {one.sha256}", "en")


def _handling(papers: Papers, both: Both) -> Iterator[Block]:
    handling = papers.content.handling
    yield Heading(*both(lambda: _("Handling")))
    yield _fact(both, lambda: _("Marking (TLP)"), str(handling.tlp), "en")
    yield _worded(both, lambda: _("Handling codes"), lambda: _list("code", handling.codes, "\n"))
    yield _worded(both, lambda: _("May be used for"), lambda: _list("purpose", handling.purposes))
    yield _fact(both, lambda: _("Releasable to"), ", ".join(sorted(handling.releasable_to)))
    erase = handling.erase_by
    if erase is not None:
        yield _worded(both, lambda: _("Erase by"), lambda: date_format(erase, "DATE_FORMAT"))
    for caveat in sorted((*handling.caveats, *handling.foreign)):
        yield _fact(both, lambda: _("Caveat"), caveat)


def _conditions(papers: Papers, both: Both) -> Iterator[Block]:
    erase = papers.content.handling.erase_by
    yield Heading(*both(lambda: _("Conditions")))
    yield Said(
        *both(
            lambda: _(
                "The originator may correct, restrict or recall it at any time. The recipient then takes it out of "
                "use at once, wherever it holds it, and certifies the effect."
            )
        )
    )
    yield Said(
        *both(
            lambda: _(
                "It is not passed on to anybody else, in whole or in part, without the signed consent of the "
                "originator for that recipient and purpose."
            )
        )
    )
    if erase is not None:
        yield Said(
            *both(
                lambda: (
                    _("It is erased by %(day)s at the latest, with every copy and extract of it.")
                    % {"day": date_format(erase, "DATE_FORMAT")}
                )
            )
        )
    yield Said(
        *both(
            lambda: _(
                "An assessment stays an assessment, and a grade stays with its statement, wherever they are used."
            )
        )
    )


def _responsible(papers: Papers, both: Both) -> Iterator[Block]:
    yield Heading(*both(lambda: _("Responsible")))
    yield _fact(both, lambda: _("Author"), papers.author)
    yield _fact(both, lambda: _("Releasing officer"), _officer(papers.release.decided_by))


def _officer(username: str) -> str:
    found = User.objects.filter(username=username).first()
    return (found.get_full_name() if found is not None else "") or username


def _integrity(papers: Papers, both: Both) -> Iterator[Block]:
    message = papers.message
    yield Heading(*both(lambda: _("Integrity")))
    yield _fact(both, lambda: _("Message and number on the line"), f"{message.id}, {message.seq}", "en")
    yield _fact(both, lambda: _("SHA-256 of the signed message"), message.hash, "en")
    yield _fact(both, lambda: _("SHA-256 of the content"), papers.release.preview_sha256, "en")
    yield Said(
        *both(
            lambda: _(
                "What counts is the signed message. This paper is a copy of what it says; whoever doubts it compares "
                "the hashes."
            )
        )
    )


def _text(papers: Papers, both: Both) -> Iterator[Block]:
    yield Heading(*both(lambda: _("Annex 1: the text")), new_page=True)
    if papers.content.text:
        yield Passage(papers.content.text, papers.content.language)
    else:
        yield Said(*both(lambda: _("This report has statements only.")))


def _statements(papers: Papers, both: Both) -> Iterator[Block]:
    content = papers.content
    yield Heading(*both(lambda: _("Annex 2: the statements")), new_page=True)
    if not content.statements:
        yield Said(*both(lambda: _("This report makes no statements.")))
    for entity in content.entities:
        own, theirs = both(partial(_called, entity))
        yield Heading(own, theirs, level=3)
        if entity.grounds:
            yield _fact(both, lambda: word("property", "grounds"), entity.grounds)
        about = [one for one in content.statements if one.entity == entity.id]
        for one in sorted(about, key=lambda one: one.property != "name"):
            natures = " / ".join(filter(None, both(partial(word, "nature", one.nature))))
            yield _fact(both, partial(word, "property", one.property), one.value, one.lang)
            yield Fact("", f"{one.evaluation.grade} ({one.evaluation.as_of.isoformat()}) · {natures}", "", "en")
            if one.handling is not None:
                yield from _portion(one.handling, both)


def _portion(portion: Portion, both: Both) -> Iterator[Block]:
    """What a statement's own marking adds; whom it is kept to is known to who reads the letter."""
    if portion.codes:
        yield _fact(both, lambda: _("Handling codes"), " ".join(sorted(portion.codes)))
    for caveat in sorted(portion.caveats):
        yield _fact(both, lambda: _("Caveat"), caveat)
    if portion.kept:
        yield Said(*both(lambda: _("This statement is kept to the recipient of this letter; it is not passed on.")))


def _called(entity: Entity) -> str:
    words = [word("schema", entity.schema)]
    if entity.category is not None:
        words.append(word("category", entity.category))
    return " · ".join(words)


def _list(table: str, values: Iterable[str], between: str = "") -> str:
    comma = "، " if get_language_bidi() else ", "
    return (between or comma).join(word(table, one) for one in sorted(map(str, values)))


def _when(at: datetime | None) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT") if at is not None else ""
