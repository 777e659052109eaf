"""What the commands of requests print: as JSON for machines, as text for people."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from amana.cli.answer import say, sentence_of_reason, table
from amana.domain.request import Question
from amana.domain.times import instant
from amana.services.request_figures import Figures, Side
from amana.services.requests import Asked, Drafted, Opened
from amana.services.standings import clock_in_words


def drafted(made: Drafted, *, json_wanted: bool) -> None:
    """Say what was written and whether it waits for a second person already."""
    data = {
        "report": str(made.row.uid),
        "version": made.row.version,
        "state": made.row.state,
        "missing": list(made.missing),
    }

    def text() -> str:
        words = _("Written and proposed: it waits for a second person now.")
        if made.missing:
            words = _("A draft was written. Still missing before it may leave: %(missing)s")
            words %= {"missing": ", ".join(made.missing)}
        return f"{made.row.uid}\n{words}"

    say(data, json_wanted=json_wanted, text=text)


def asked_json(one: Asked) -> dict[str, Any]:
    """One request as it stands; times are UTC to the millisecond, the same on both desks."""
    due, ended, left = one.standing.due, one.standing.ended_at, one.left
    return {
        "request": str(one.row.uid),
        "version": one.row.version,
        "sha256": one.row.sha256,
        "partner": one.row.partner_id,
        "ours": one.row.ours,
        "title": one.row.report.title,
        "urgency": one.row.urgency,
        "state": one.standing.state,
        "pace": one.pace,
        "clock_seconds": int(one.row.clock.total_seconds()),
        "asked_at": instant(one.row.asked_at),
        "received_at": instant(one.received_at) if one.received_at else None,
        "due": instant(due) if due else None,
        "left_seconds": int(left.total_seconds()) if left is not None else None,
        "ended_at": instant(ended) if ended else None,
        "waits_for_us": one.waits_for_us,
        "problem": one.problem,
        "answers": [
            {
                "report": str(answer.uid),
                "outcome": answer.outcome,
                "ground": answer.ground,
                "hours": answer.hours,
                "at": instant(answer.at),
                "arrived_at": instant(answer.message.received_at) if answer.message.received_at else None,
            }
            for answer in one.answers
        ],
    }


def opened_json(opened: Opened) -> dict[str, Any]:
    """A request with its words, its standings and the hits in our own holdings."""
    row, content = opened.shown.row, opened.shown.content
    return {
        "request": str(row.uid),
        "version": row.version,
        "originator": row.originator,
        "state": row.state,
        "content": content.to_json() if content else None,
        "asked": [asked_json(one) for one in opened.asked],
        "hits": [
            {
                "asked": {"entity": hit.asked.entity.uid, "property": hit.asked.property, "value": hit.asked.value},
                "found": {
                    "report": str(hit.found.report.uid),
                    "originator": hit.found.report.originator,
                    "title": hit.found.report.title,
                    "property": hit.found.property,
                    "value": hit.found.value,
                },
                "likeness": hit.likeness,
                "reasons": [{"code": why.code, "sentence": sentence_of_reason(why)} for why in hit.because],
            }
            for hit in opened.hits
        ],
    }


def opened_text(opened: Opened) -> str:
    """The same for people."""
    row, content = opened.shown.row, opened.shown.content
    lines = [f"{row.uid}  v{row.version}  {row.state}  ({row.originator})"]
    if content is not None and isinstance(content.details, Question):
        question = content.details
        lines += [f"  {content.title}", "", content.text, ""]
        lines.append(_("Believed to hold it: %(grounds)s") % {"grounds": question.grounds})
        lines.append(
            _("Urgency: %(urgency)s %(reason)s") % {"urgency": question.urgency, "reason": question.urgency_reason}
        )
        lines.append(table([[one.schema, one.property, one.value] for one in content.statements]))
    for one in opened.asked:
        lines.append(
            f"{'→' if one.row.ours else '←'} {one.row.partner_id}: {one.standing.state} · {clock_in_words(one)}"
        )
        lines += [
            f"  {instant(answer.at)}  {answer.outcome} {answer.ground}  {answer.uid}".rstrip() for answer in one.answers
        ]
    if opened.hits:
        lines.append(_("What this node holds itself (leads; look before you answer):"))
        rows = [
            [hit.asked.value, hit.found.value, str(hit.likeness), str(hit.found.report.uid), hit.found.report.title]
            for hit in opened.hits
        ]
        lines.append(table(rows))
    return "\n".join(lines)


def _side_json(side: Side) -> dict[str, Any]:
    return {
        "asked": side.asked,
        "answered": side.answered,
        "in_time": side.in_time,
        "late": side.late,
        "partial": side.partial,
        "open": side.open,
        "overdue": side.overdue,
        "withdrawn": side.withdrawn,
        "clarifications": side.clarifications,
        "extensions": side.extensions,
        "refused": dict(side.by_ground),
    }


def figures_json(one: Figures) -> dict[str, Any]:
    """One partner's figures."""
    return {
        "partner": one.partner,
        "ours": _side_json(one.ours),
        "theirs": _side_json(one.theirs),
        "sent": one.sent,
        "received": one.received,
        "useful_to_them": dict(sorted(one.useful_to_them.items())),
        "useful_to_us": dict(sorted(one.useful_to_us.items())),
    }


def figures_text(found: list[Figures]) -> str:
    """The figures as a table: two lines a partner, what we asked and what we were asked."""
    if not found:
        return ""
    head = [
        "",
        _("asked"),
        _("in time"),
        _("late"),
        _("open"),
        _("overdue"),
        _("refused"),
        _("asked back"),
        _("withdrawn"),
    ]
    rows = [head]
    for one in found:
        for arrow, side in (("→", one.ours), ("←", one.theirs)):
            counts = (
                side.asked, side.in_time, side.late, side.open, side.overdue,
                side.refusals, side.clarifications, side.withdrawn,
            )  # fmt: skip
            rows.append([f"{arrow} {one.partner}", *map(str, counts)])
    lines = [table(rows)]
    for one in found:
        lines.append(
            _("%(partner)s: %(sent)s reports sent, %(received)s received")
            % {"partner": one.partner, "sent": one.sent, "received": one.received}
        )
        grounds = (one.ours.refused + one.theirs.refused).items()
        lines += [f"  {ground}: {count}" for ground, count in sorted(grounds)]
        for arrow, told in (("→", one.useful_to_them), ("←", one.useful_to_us)):
            lines += [f"  {arrow} {step}: {count}" for step, count in sorted(told.items())]
    return "\n".join(lines)
