"""What `amana report show` tells about control: consents, the tree of holders, restrictions, holds, flags."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from amana.services.tree import Control, Holder


def branch_data(one: Any) -> dict[str, Any]:
    """A branch of a recall's or restriction's tree."""
    below = [branch_data(other) for other in one.below]
    return {
        "partner": one.partner,
        "effect": one.effect,
        "certified_at": one.certified_at,
        **one.details,
        "below": below,
    }


def holder_data(one: Holder) -> dict[str, Any]:
    """A node of the live tree."""
    return {
        "node": one.node,
        "state": one.state,
        "since": one.since,
        "below": [holder_data(other) for other in one.below],
    }


def control_data(control: Control) -> dict[str, Any]:
    """All of it, as JSON."""
    return {
        "holders": [holder_data(one) for one in control.holders],
        "consents": [
            {
                "consent": str(one.pk),
                "state": one.state,
                "holder": one.holder,
                "recipient": one.recipient,
                "purpose": one.purpose,
                "reason": one.reason,
                "answer": one.answer,
            }
            for one in control.consents
        ],
        "restrictions": [
            {
                "reason": made.reason,
                "at": made.at,
                "by": made.by,
                "versions": made.versions,
                "consent": str(made.consent_id or ""),
                "holders": [branch_data(one) for one in branches],
            }
            for made, branches in control.restrictions
        ],
        "onward": [
            {
                "partner": one.partner_id,
                "version": one.report.version,
                "state": one.state,
                "reason": one.reason,
            }
            for one in control.onward
        ],
        "flags": [
            {
                "flag": one.pk,
                "what": one.what,
                "source": one.source,
                "report": str(one.source_uid),
                "why": one.why,
                "since": one.since,
                "seen_by": one.seen_by,
            }
            for one in control.flags
        ],
        "hold": {"reason": control.hold.reason, "by": control.hold.by} if control.hold else None,
    }


def control_lines(data: dict[str, Any]) -> list[str]:
    """All of it, for people."""
    lines = [*_tree(data["holders"])]
    for one in data["consents"]:
        lines.append(f"{one['consent'][:8]} {one['state']}: {one['holder']} → {one['recipient']} ({one['purpose']})")
    for one in data["restrictions"]:
        lines.append(_("Restricted by %(by)s: %(reason)s") % {"by": one["by"], "reason": one["reason"]})
        lines += _branches(one["holders"])
    for one in data["onward"]:
        lines.append(f"⇢ {one['partner']}: {one['state']} v{one['version']} {one['reason']}".rstrip())
    if data["hold"]:
        lines.append(_("Under legal hold: %(reason)s") % {"reason": data["hold"]["reason"]})
    for one in data["flags"]:
        lines.append(f"! {one['flag']} {one['what']} {one['source']} {one['report']}: {one['why']}")
    return lines


def _tree(rows: list[dict[str, Any]], depth: int = 0) -> list[str]:
    lines = []
    for one in rows:
        lines += [f"{'  ' * depth}● {one['node']}: {one['state']}", *_tree(one["below"], depth + 1)]
    return lines


def _branches(rows: list[dict[str, Any]], depth: int = 1) -> list[str]:
    lines = []
    for one in rows:
        lines += [
            f"{'  ' * depth}↳ {one['partner']}: {one['effect'] or _('silent')}",
            *_branches(one["below"], depth + 1),
        ]
    return lines
