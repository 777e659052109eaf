"""What is missing before a draft may leave, as the services that refuse later would say it.

Invariant: an empty list means that proposing it now is not refused; nothing here allows what `releases` would not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amana.domain.answers import Reason
from amana.domain.errors import AmanaError, gettext_noop
from amana.domain.handling import Tlp
from amana.domain.report import Content
from amana.domain.vocabulary import Category
from amana.records.models import Partner, Report, User
from amana.services.posting import confirmed
from amana.services.releases import Preview, preview_release, previews_of
from amana.services.replies import require_fit
from amana.services.reports import Shown
from amana.services.rights import Deed, may, require
from amana.services.third_party import require_consents
from amana.services.witnesses import require_witness

_MISSING = {
    "title": gettext_noop("It has no title yet."),
    "text-or-statements": gettext_noop("It says nothing yet: write a text or make a statement."),
    "crime-area": gettext_noop("It names no crime area yet."),
    "purposes": gettext_noop("It does not say what it may be used for."),
    "releasable-to": gettext_noop("It is releasable to nobody yet."),
    "caveat-for-h3": gettext_noop("H3 needs a caveat that says what it means here."),
    "category": gettext_noop("Each person in it needs a category, and only a human gives one."),
}
_OTHER = gettext_noop("What its kind asks for is not complete: %(name)s.")
_NOBODY = gettext_noop("Nobody else on this node is cleared for %(tlp)s and may release it.")


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that stands in the way: its code says where to mend it, `partner` for whom; empty for everybody."""

    code: str
    because: Reason
    partner: str = ""


def lacks_of(row: Report, content: Content, *, by: User) -> list[Lack]:
    """All that stands between an opened draft and its proposal, the writer's own things first."""
    require(by, Deed.READ)
    now = timezone.now()
    found = [_missing(name) for name in content.missing()]
    for node in sorted(content.handling.releasable_to):
        found += _for_partner(row, content, node, at=now)
    found += _for_node(row, content, at=now)
    return list(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Exit:
    """What one recipient would hold, or, where that cannot be shown, why."""

    partner: str
    preview: Preview | None
    because: Reason | None = None


def exits_of(shown: Shown, *, by: User) -> list[Exit]:
    """For each recipient of an opened report of ours what it would hold; each look stands in the log."""
    if shown.content is None:
        return []
    found = []
    for node in sorted(shown.content.handling.releasable_to):
        try:
            (preview,) = preview_release(shown.row.uid, recipients=[node], by=by)
            found.append(Exit(node, preview))
        except AmanaError as error:
            found.append(Exit(node, None, reason_of(error)))
    return found


def reason_of(error: AmanaError) -> Reason:
    """An error of the tree as a reason that can be shown in any language."""
    return Reason(error.code, error.sentence, tuple((name, str(value)) for name, value in error.params.items()))


def _missing(name: str) -> Lack:
    sentence = _MISSING.get(name)
    return Lack(name, Reason(name, sentence) if sentence else Reason(name, _OTHER, (("name", name),)))


def _for_partner(row: Report, content: Content, node: str, *, at: datetime) -> Iterator[Lack]:
    """The objections for one recipient; what `missing` says already is not said again."""
    try:
        (preview,) = previews_of(content, [node], at=at)
    except AmanaError as error:
        yield Lack(error.code, reason_of(error), node)
        return
    said = {"handling-no-purpose", "content-no-crime-area", "handling-not-releasable"}
    for why in preview.decision.because:
        if why.code not in said and dict(why.params).get("value") != Category.UNKNOWN:
            yield Lack(why.code, why, node)
    partners = {one.node: one for one in Partner.objects.filter(pk=node)}
    for check in (
        lambda: confirmed(node, partners),
        lambda: require_consents(row, [node], at=at),
        lambda: require_fit(preview.content, partner=node, sent=True, at=at),
    ):
        try:
            check()
        except AmanaError as error:
            yield Lack(error.code, reason_of(error), node)


def _for_node(row: Report, content: Content, *, at: datetime) -> Iterator[Lack]:
    tlp = content.handling.tlp
    if not any(_is_second(one, row, tlp) for one in User.objects.filter(is_active=True)):
        yield Lack("second-person", Reason("second-person", _NOBODY, (("tlp", str(tlp)),)))
    try:
        require_witness(at=at)
    except AmanaError as error:
        yield Lack(error.code, reason_of(error))


def _is_second(one: User, row: Report, tlp: Tlp) -> bool:
    with suppress(ValueError):
        return may(one, Deed.RELEASE) and one.pk != row.author_id and tlp.strictness <= Tlp(one.clearance).strictness
    return False
