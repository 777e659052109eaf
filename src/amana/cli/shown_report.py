"""One report as the command line shows it: words, statements, marking, ladders and recalls."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from amana.cli.answer import officer, say, table, viewpoint
from amana.cli.control_data import branch_data, control_data, control_lines
from amana.services import recalls, receipts, reports
from amana.services.tree import control_of


def say_report(
    context: click.Context, uid: UUID, purpose: str, json_wanted: bool, *, version: int | None = None
) -> None:
    """Open a report and say all of it; of a held one its originator learns that it was read."""
    by = officer(context)
    shown = reports.show_report(uid, version=version, viewpoint=viewpoint(context, purpose))
    row = shown.row
    if row.state == "held":
        receipts.tell_step(row, receipts.Step.READ, by=by)
    ladders = receipts.ladders_of(row)
    tree = recalls.recall_tree(row.uid, by=by)
    data = {
        "report": str(row.uid),
        "version": row.version,
        "originator": row.originator,
        "via": row.via,
        "state": row.state,
        "ended_reason": row.ended_reason,
        "content": shown.content.to_json() if shown.content else None,
        "missing": list(shown.content.missing()) if shown.content else [],
        "ladders": [
            {
                "partner": one.partner,
                "rungs": [{"step": rung.step, "at": rung.at, "note": rung.note} for rung in one.rungs],
                "problem": one.problem,
            }
            for one in ladders
        ],
        "recalls": [
            {
                "reason": recall.reason,
                "at": recall.at,
                "by": recall.by,
                "versions": recall.versions,
                "holders": [branch_data(one) for one in branches],
            }
            for recall, branches in tree
        ],
        **control_data(control_of(row, by=by)),
    }
    say(data, json_wanted=json_wanted, text=lambda: _as_text(data))


def _as_text(data: dict[str, Any]) -> str:
    content = data["content"]
    lines = [f"{data['report']}  v{data['version']}  {data['state']}  ({data['originator']})"]
    if data["ended_reason"]:
        lines.append(f"  {data['ended_reason']}")
    if content:
        handling = content["handling"]
        marks = " ".join([handling["tlp"], *handling["codes"], "→", *(handling["releasable_to"] or ["–"])])
        grade = f"{content['evaluation']['source']}{content['evaluation']['information']}"
        lines += [f"  {content['title']}", f"  {marks}  {grade} ({content['evaluation']['as_of']})", ""]
        lines += [content["text"], ""] if content["text"] else []
        people = {one["id"]: one["category"] or "" for one in content["entities"]}
        rows = [
            [one["schema"], one["nature"], people[one["entity"]], one["property"], one["value"], _portion(one)]
            for one in content["statements"]
        ]
        lines.append(table(rows))
    if data["missing"]:
        lines.append(_("Still missing before it may leave: %(missing)s") % {"missing": ", ".join(data["missing"])})
    for ladder in data["ladders"]:
        steps = " · ".join(f"{one['step']} {_time(one['at'])}" for one in ladder["rungs"])
        lines.append(f"→ {ladder['partner']}: {steps} {ladder['problem']}".rstrip())
    for recall in data["recalls"]:
        lines.append(_("Recalled by %(by)s: %(reason)s") % {"by": recall["by"], "reason": recall["reason"]})
        for one in recall["holders"]:
            lines.append(f"  ↳ {one['partner']}: {one['effect'] or _('silent')} {_time(one['certified_at'])}".rstrip())
    return "\n".join(lines + control_lines(data))


def _portion(statement: dict[str, Any]) -> str:
    """What a statement's own marking adds."""
    own = statement.get("handling")
    if own is None:
        return ""
    kept = own["releasable_to"]
    to = [] if kept is None else ["→", *(kept or ["–"])]
    return " ".join([*own["codes"], *to, *own["caveats"]])


def _time(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}" if at else "–"
