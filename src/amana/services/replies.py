"""What an answer must be to fit its request: one set of checks for the sender and the receiver.

Invariant: an answer is checked against the standing at the instant its message was made, so both sides decide alike;
whoever calls this holds the lock of the partner's row.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from amana.domain.agreement import Terms
from amana.domain.errors import BadInput, Conflict, NotFound, gettext_noop
from amana.domain.report import Content, Kind, State
from amana.domain.request import Answer, Outcome, Question
from amana.domain.times import cut
from amana.exchange.protocol import Type
from amana.records.models import Message, Outbox, Report, Request, RequestAnswer
from amana.records.queries.requests import note_whether_answered, versions_with
from amana.services.standings import Asked, standing_of


class ReplyToUnknown(NotFound):
    """An answer names a request that is not between these two nodes."""

    code = "request-reply-unknown"
    sentence = gettext_noop("This answers a request that does not stand between this node and that partner.")


class ReplyWrongSide(BadInput):
    """The asker answers its own request, or the one who is asked clarifies it."""

    code = "request-reply-side"
    sentence = gettext_noop("Only the partner that was asked answers a request, and only the asker clarifies it.")


class ReplyHashWrong(BadInput):
    """An answer is bound to other bytes than the request's."""

    code = "request-reply-hash"
    sentence = gettext_noop("This answer is bound to another text of the request than the one that was sent.")


class ReplyEnded(Conflict):
    """The request was answered, refused or withdrawn before."""

    code = "request-reply-ended"
    sentence = gettext_noop(
        "This request was answered, refused or withdrawn before; an earlier answer can be corrected instead."
    )


class ClarificationNotAsked(Conflict):
    """A clarification comes that nobody waits for."""

    code = "request-reply-not-asked"
    sentence = gettext_noop("Nobody has asked for a clarification of this request, or it was given already.")


class ExtensionLate(Conflict):
    """The clock is to be stopped after it has run out."""

    code = "request-reply-extension-late"
    sentence = gettext_noop("The clock has run out; it can be stopped for a judicial authorisation only before.")


class ReplyChanged(BadInput):
    """A correction turns an answer into another."""

    code = "request-reply-changed"
    sentence = gettext_noop("A correction mends an answer's words; it cannot change its outcome, ground or request.")


def require_fit(content: Content, *, partner: str, sent: bool, at: datetime) -> None:
    """Check an answer that is sent to, or was received from, this partner; other kinds of report pass.

    1. The request stands between us and that partner (ReplyToUnknown). 2. The right side speaks (ReplyWrongSide).
    3. The hash is that of the bytes its holder has (ReplyHashWrong). 4. It had not ended (ReplyEnded). 5. A
    clarification was asked for (ClarificationNotAsked). 6. An extension comes before the clock has run out
    (ExtensionLate). 7. A correction leaves outcome, ground and hours (ReplyChanged).
    """
    if not isinstance(content.details, Answer):
        return
    answer, uid = content.details, UUID(content.report)
    asked = _find(answer, partner, sent=sent, at=cut(at), without=uid)
    if not asked.standing.open:
        raise ReplyEnded
    if answer.outcome is Outcome.CLARIFIED and not asked.asked_back:
        raise ClarificationNotAsked
    if answer.outcome is Outcome.EXTENSION and asked.standing.overdue(asked.at):
        raise ExtensionLate
    earlier = RequestAnswer.objects.filter(uid=uid, request__partner_id=partner, request__ours=asked.row.ours).first()
    if earlier is not None and _words(earlier) != (asked.row.pk, answer.outcome, answer.ground or "", answer.hours):
        raise ReplyChanged


def _words(one: RequestAnswer) -> tuple[int, str, str, int]:
    return one.request_id, one.outcome, one.ground, one.hours


def _find(answer: Answer, partner: str, *, sent: bool, at: datetime, without: UUID) -> Asked:
    """The version of the request that an answer is bound to, as it stood without that answer."""
    try:
        number = UUID(answer.request)
    except ValueError as error:
        raise ReplyToUnknown from error
    ours = (answer.outcome is Outcome.CLARIFIED) == sent
    versions = versions_with(partner, number, ours=ours)
    if not versions:
        other = Request.objects.filter(partner_id=partner, uid=number, ours=not ours).exists()
        raise ReplyWrongSide if other else ReplyToUnknown
    for place, row in enumerate(versions):
        if row.sha256 == answer.request_sha256:
            return standing_of(row, at=at, newer=versions[place + 1 :], without=without)
    raise ReplyHashWrong


def note_report(content: Content, report: Report, message: Message, *, terms: Terms, sha256: str, sent: bool) -> None:
    """Write down a request or an answer that goes out or came in with this message; other kinds leave nothing.

    A version of a request that comes once more keeps its clock, unless it says something else now.
    """
    match content.details:
        case Question():
            known = Request.objects.filter(
                partner_id=message.partner_id, ours=sent, uid=report.uid, version=report.version
            )
            if known.filter(sha256=sha256).update(message=message):
                return
            known.delete()
            Request.objects.create(
                report=report,
                partner_id=message.partner_id,
                message=message,
                ours=sent,
                uid=report.uid,
                version=report.version,
                sha256=sha256,
                urgency=content.details.urgency,
                clock=terms.clocks.for_question(content.details),
                asked_at=message.created_at,
            )
        case Answer():
            _note_answer(content.details, report, message, sent=sent)


def _note_answer(answer: Answer, report: Report, message: Message, *, sent: bool) -> None:
    ours = (answer.outcome is Outcome.CLARIFIED) == sent
    request = Request.objects.get(
        partner_id=message.partner_id, uid=answer.request, ours=ours, sha256=answer.request_sha256
    )
    known = RequestAnswer.objects.filter(request=request, uid=report.uid)
    if not known.update(report=report):
        RequestAnswer.objects.create(
            request=request,
            report=report,
            message=message,
            uid=report.uid,
            outcome=answer.outcome,
            ground=answer.ground or "",
            hours=answer.hours,
            at=message.created_at,
        )
    # What the partner refused never counted: its correction is the first that does.
    known.filter(message__outbox__state=Outbox.State.REFUSED).update(message=message, at=message.created_at)
    note_whether_answered(Request.objects.filter(pk=request.pk))


def note_answers_again(request: Request) -> None:
    """Write down anew what was answered to a request that was lost here and came back: its answers are still held.

    An answer that was recalled meanwhile stays taken back, and one that never left does not count.
    """
    said = Message.objects.filter(
        partner=request.partner_id,
        type=Type.REPORT,
        report__kind=Kind.REPLY,
        report__details__request=str(request.uid),
        report__details__request_sha256=request.sha256,
    )
    said = said.exclude(outbox__void=True).select_related("report").order_by("created_at", "seq")
    for message in said:
        assert message.report is not None
        known = Report.objects.filter(originator=message.report.originator, uid=message.report.uid)
        if not known.filter(state__in=(State.RECALLED, State.WITHDRAWN)).exists():
            sent = message.direction == Message.Direction.OUT
            _note_answer(Answer.from_json(message.report.details), message.report, message, sent=sent)


def note_recalled(originator: str, uid: UUID | str, *, at: datetime) -> None:
    """A report was recalled by its originator: a request is withdrawn from then on, an answer is taken back."""
    mine = Q(report__originator=originator, uid=uid)
    Request.objects.filter(mine, withdrawn_at=None).update(withdrawn_at=cut(at))
    RequestAnswer.objects.filter(mine, taken_back_at=None).update(taken_back_at=cut(at))
    note_whether_answered(Request.objects.filter(answers__uid=uid, answers__report__originator=originator))
