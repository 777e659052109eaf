"""What comes in of blind comparisons: filters, questions, answers, checked, counted and kept for the worker.

Invariant: every question of a partner is counted against its budget in the transaction that receives it, in the log and
in a row; one beyond the budget is answered with its reason and raises an alarm. After the handbook: never prevented,
always bounded, counted and shown.
"""

from __future__ import annotations

from base64 import b64decode
from binascii import Error
from datetime import datetime

from amana.domain.agreement import Terms
from amana.domain.errors import BadInput, gettext_noop
from amana.exchange.protocol import BlindAnswerBody, BlindAskBody, BlindFilterBody
from amana.exchange.protocol import Message as Wire
from amana.matching.blind.budget import Budget, Spending, spend
from amana.matching.blind.scope import Scope, Side
from amana.records.models import Agreement, BlindAlarm, BlindFilterPiece, BlindRound, Partner
from amana.services.agreements import agreement_in_force, terms_of
from amana.services.blind_scopes import BlindNotPermitted, columns_of, require_open
from amana.services.journal import Act, record
from amana.services.keys import own_node

ROW = 32  # bytes of an element
MOST_PIECES = 2_000  # of filters that one agreement's partner may have here


class BlindAnswerUnexpected(BadInput):
    """An answer comes to a round that this node did not ask, or again."""

    code = "blind-answer-unexpected"
    sentence = gettext_noop("This answers no blind round that this node asked and that still waits.")


class BlindRoundTaken(BadInput):
    """A round comes under the name of another."""

    code = "blind-round-taken"
    sentence = gettext_noop("A blind round of this name was asked before; a new one needs a name of its own.")


class BlindPieceRefused(BadInput):
    """A piece of a filter is not base64, or there are too many."""

    code = "blind-piece"
    sentence = gettext_noop(
        "A piece of the partner's filter is not in order, or there are more than a filter can have."
    )


def note_blind(partner: Partner, wire: Wire, *, at: datetime) -> None:
    """Take in one message of a blind comparison; the partner's row is locked.

    Raises NoAgreement, BlindNotPermitted, BlindPieceRefused, BlindAnswerUnexpected, BadInput.
    """
    agreement = agreement_in_force(partner, at=at)
    if str(agreement.pk) != wire.agreement:
        raise BlindNotPermitted
    terms = terms_of(agreement)
    match wire.body:
        case BlindFilterBody():
            _note_filter(partner, wire.body, terms, at=at)
        case BlindAskBody():
            _note_ask(partner, agreement, wire.body, terms, at=at)
        case BlindAnswerBody():
            _note_answer(partner, wire.body, terms, at=at)


def _note_filter(partner: Partner, body: BlindFilterBody, terms: Terms, *, at: datetime) -> None:
    """Keep a piece; a newer version takes the place of the older ones once it begins."""
    scope = Scope.from_json(body.scope)
    require_open(scope, terms, holder=partner.node, at=at)
    mine = BlindFilterPiece.objects.filter(**columns_of(scope))
    mine.filter(version__lt=body.version - 1).delete()
    if mine.filter(version__gt=body.version).exists() or mine.count() >= MOST_PIECES:
        raise BlindPieceRefused
    try:
        data = b64decode(body.data, validate=True)
    except (Error, ValueError) as error:
        raise BlindPieceRefused from error
    place = columns_of(scope) | {"version": body.version, "part": body.part}
    BlindFilterPiece.objects.update_or_create(**place, defaults={"partner": partner, "parts": body.parts, "data": data})


def budget_of(terms: Terms) -> Budget:
    """What a partner may ask: the agreement's elements a month, half of them for one case, a quarter in a day.

    One smallest round always fits a day, unless the agreement allows none.
    """
    month = terms.match_budget
    return Budget(month, day=min(month, max(64, month // 4)), case=min(month, max(64, month // 2)))


def past_rounds(agreement: Agreement, *, side: Side) -> list[Spending]:
    """The rounds a partner has asked under an agreement on one side of the comparison."""
    rows = BlindRound.objects.filter(agreement=agreement, ours=False, side=str(side))
    return [Spending(row.at, row.case, row.size, answered=not row.code) for row in rows]


def _note_ask(partner: Partner, agreement: Agreement, body: BlindAskBody, terms: Terms, *, at: datetime) -> None:
    scope = Scope.from_json(body.scope)
    require_open(scope, terms, holder=own_node(), at=at)
    if BlindRound.objects.filter(partner=partner, ours=False, round=body.round).exists():
        raise BlindRoundTaken
    size = len(body.elements) * 3 // 4 // ROW
    verdict = spend(budget_of(terms), past_rounds(agreement, side=scope.side), Spending(at, body.case, size))
    code = "" if verdict.decision.allowed else verdict.decision.because[0].code
    BlindRound.objects.create(
        partner=partner,
        ours=False,
        round=body.round,
        case=body.case,
        ground=body.ground,
        size=size,
        at=at,
        code=code,
        form=None if code else body.to_json(),
        **columns_of(scope),
    )
    details = [("partner", partner.node), ("round", body.round), ("elements", str(size)), ("refused", code)]
    record(
        Act.COMBINATION,
        "blind-asked",
        f"blind:{scope.epoch}",
        by=f"node:{partner.node}",
        reason=str(scope.purpose),
        details=details,
        at=at,
    )
    for alarm in verdict.alarms:
        BlindAlarm.objects.create(partner=partner, reason=alarm.to_json(), at=at)
    if verdict.alarms:
        codes = " ".join(alarm.code for alarm in verdict.alarms)
        record(
            Act.ADMINISTRATION,
            "blind-alarm",
            f"blind:{scope.epoch}",
            by=f"node:{own_node()}",
            reason="probing",
            details=[("partner", partner.node), ("alarms", codes)],
            at=at,
        )


def _note_answer(partner: Partner, body: BlindAnswerBody, terms: Terms, *, at: datetime) -> None:
    scope = Scope.from_json(body.scope)
    waiting = BlindRound.objects.filter(
        partner=partner, ours=True, round=body.round, state=BlindRound.State.ASKED, **columns_of(scope)
    )
    state = BlindRound.State.REFUSED if body.refused else BlindRound.State.ANSWERED
    form = None if body.refused else body.to_json()
    if not waiting.update(state=state, code=body.refused, form=form):
        raise BlindAnswerUnexpected
