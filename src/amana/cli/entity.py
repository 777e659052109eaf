"""Entities on the command line: search, show, judge whether two are one, and undo."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import click
from django.utils.translation import gettext as _

from amana.cli.answer import answering, as_json, officer, say, sentence_of_reason, viewpoint
from amana.cli.documents import purpose_option
from amana.domain.judgement import Verdict
from amana.services.beside import put_beside
from amana.services.entities import GROUPS, Asked, Found, Results, search_entities
from amana.services.entity_leads import Lead, list_leads
from amana.services.judgements import judge, undo_judgement
from amana.services.profile_parts import Group, Said
from amana.services.profiles import Judged, Profile, open_profile


@click.group()
def entity() -> None:
    """People, organisations, vessels, accounts and more, as reports speak of them."""


@entity.command("search")
@click.argument("words", nargs=-1)
@click.option("--birth", multiple=True, metavar="DATE", help="Born on, as exact as known: 1980, 1980-05, 1980-05-17.")
@click.option("--country", multiple=True, metavar="CODE", help="A country it belongs to, such as ma.")
@click.option("--group", type=click.Choice(list(GROUPS)), default=None, help="Only entities of this kind.")
@click.option("--page", type=click.IntRange(1, 1000), default=1, show_default=True, help="Twenty a page.")
@purpose_option
@as_json
@click.pass_context
@answering
def search(
    context: click.Context,
    words: tuple[str, ...],
    birth: tuple[str, ...],
    country: tuple[str, ...],
    group: str | None,
    page: int,
    purpose: str,
    json_wanted: bool,
) -> None:
    """Find entities by a name in any script, or by a number; without WORDS, those of the newest reports."""
    asked = Asked(" ".join(words).strip(), birth, tuple(code.lower() for code in country), (), group or "")
    results = search_entities(asked, page=page, viewpoint=viewpoint(context, purpose))
    data = {
        "page": results.page,
        "pages": results.pages,
        "many": results.many,
        "words": results.words,
        "found": [_found_data(one) for one in results.found],
    }
    say(data, json_wanted=json_wanted, text=lambda: _results_text(results))


@entity.command("show")
@click.argument("number", type=int)
@click.option("--leads", is_flag=True, help="Also compare it with all that you may read.")
@click.option("--page", type=click.IntRange(1, 10_000), default=1, show_default=True, help="Of a long profile.")
@purpose_option
@as_json
@click.pass_context
@answering
def show(context: click.Context, number: int, leads: bool, page: int, purpose: str, json_wanted: bool) -> None:
    """Show all that you may see of an entity, with its sources, contradictions and judgements."""
    look = viewpoint(context, purpose)
    profile = open_profile(number, page=page, viewpoint=look)
    found = list_leads(number, viewpoint=look) if leads else ()
    data = _profile_data(profile) | ({"leads": [_lead_data(one) for one in found]} if leads else {})
    say(data, json_wanted=json_wanted, text=lambda: _profile_text(profile, found))


@entity.command("judge")
@click.argument("number", type=int)
@click.argument("other", type=int)
@click.argument("verdict", type=click.Choice([str(one) for one in Verdict]))
@click.option("--reason", required=True, help="Why; whoever opens the profile after you reads it.")
@purpose_option
@as_json
@click.pass_context
@answering
def judge_(
    context: click.Context, number: int, other: int, verdict: str, reason: str, purpose: str, json_wanted: bool
) -> None:
    """Decide that NUMBER and OTHER are the same, different, or undecided. Changes no report; can be undone."""
    look, by = viewpoint(context, purpose), officer(context)
    beside = put_beside(number, other, viewpoint=look)
    row = judge(number, other, Verdict(verdict), reason=reason, viewpoint=look, by=by)
    data: dict[str, Any] = {"judgement": row.uid, "verdict": row.verdict, "properties": beside.counted()}
    marking = str(beside.handling.tlp) if beside.handling else ""
    data["marking"] = marking
    say(data, json_wanted=json_wanted, text=lambda: f"{row.uid}  {row.verdict}  {marking}")


@entity.command("undo")
@click.argument("judgement", type=click.UUID)
@click.option("--reason", required=True, help="Why; the history keeps it.")
@purpose_option
@as_json
@click.pass_context
@answering
def undo(context: click.Context, judgement: UUID, reason: str, purpose: str, json_wanted: bool) -> None:
    """Take a judgement back: what stood before it stands again."""
    row = undo_judgement(judgement, reason=reason, viewpoint=viewpoint(context, purpose), by=officer(context))
    say({"judgement": row.uid, "undone_at": row.undone_at}, json_wanted=json_wanted, text=lambda: f"{row.uid}")


def _found_data(one: Found) -> dict[str, Any]:
    score = one.score
    return {
        "entity": one.entity.pk,
        "id": one.entity.uid,
        "originator": one.entity.originator,
        "schema": one.entity.schema,
        "called": one.called,
        "names": list(one.names),
        "entries": one.entries,
        "likeness": round(score.value, 4) if score else None,
        "reasons": _reasons(score.reasons) if score else [],
        "reports": [str(row.uid) for row in one.reports],
    }


def _reasons(reasons: Any) -> list[dict[str, str]]:
    return [{"code": why.code, "sentence": sentence_of_reason(why)} for why in reasons]


def _results_text(results: Results) -> str:
    blocks = []
    for one in results.found:
        likeness = f"{one.score.value:.2f}  " if one.score else ""
        why = [f"  – {sentence_of_reason(reason)}" for reason in one.score.reasons] if one.score else []
        blocks.append("\n".join([f"{one.entity.pk}  {likeness}{one.called}  [{one.entity.schema}]", *why]))
    return "\n".join(blocks) or _("Nobody and nothing that you may see is like that.")


def _said_data(said: Said) -> dict[str, Any]:
    return {
        "report": str(said.report.uid),
        "statement": said.row.uid,
        "originator": said.report.originator,
        "nature": said.row.nature,
        "grade": said.evaluation.grade,
        "marking": str(said.handling.tlp),
    }


def _group_data(group: Group) -> dict[str, Any]:
    values = [{"value": one.value, "sources": [_said_data(said) for said in one.sources]} for one in group.values]
    return {"property": group.property, "contradicts": group.contradicts, "values": values}


def _judged_data(one: Judged) -> dict[str, Any]:
    return {
        "judgement": str(one.row.uid),
        "verdict": one.row.verdict,
        "other": one.entity.pk if one.entity else None,
        "reason": one.row.reason,
        "by": one.row.by.username,
        "at": one.row.at,
        "stands": one.stands,
        "undone_at": one.row.undone_at,
        "reports_changed": len(one.changed),
    }


def _lead_data(lead: Lead) -> dict[str, Any]:
    return {
        "entity": lead.entity.pk,
        "called": lead.called,
        "likeness": round(lead.score.value, 4),
        "evidence": _reasons(lead.evidence),
        "weakness": _reasons(lead.weakness),
        "undecided": lead.undecided,
    }


def _profile_data(profile: Profile) -> dict[str, Any]:
    return {
        "entity": profile.entity.pk,
        "called": profile.called,
        "schema": profile.entity.schema,
        "members": [one.pk for one in profile.members],
        "categories": sorted(profile.categories),
        "handling": profile.handling.to_json() if profile.handling else None,
        "properties": [_group_data(group) for group in profile.groups],
        "timeline": [{"date": one.date, "property": one.property, "event": one.called} for one in profile.timeline],
        "related": [
            {"entity": one.entity.pk, "called": one.called, "by": [_said_data(said) for said in one.joined_by]}
            for one in profile.related
        ],
        "reports": [str(row.uid) for row in profile.reports],
        "cases": [row.details["case"] for row in profile.cases if row.details],
        "judgements": [_judged_data(one) for one in profile.history],
        "opposed": [str(row.uid) for row in profile.opposed],
        "more": profile.more,
    }


def _profile_text(profile: Profile, leads: tuple[Lead, ...]) -> str:
    lines = [f"{profile.called}  [{profile.entity.schema}]  {profile.handling.tlp if profile.handling else ''}"]
    for group in profile.groups:
        for value in group.values:
            who = ", ".join(f"{said.report.originator} {said.evaluation.grade}" for said in value.sources[:5])
            mark = "!" if group.contradicts else " "
            lines.append(f"{mark} {group.property}: {value.called or value.value}  ({who})")
    lines += [f"→ {one.entity.pk}  {one.called}  [{one.entity.schema}]" for one in profile.related]
    for one in profile.history:
        stands = _("stands") if one.stands else _("does not stand any more")
        head = f"= {one.row.uid}  {one.row.verdict}  {one.called}"
        lines.append(f"{head}  {one.row.by.username}: {one.row.reason}  ({stands})")
    for lead in leads:
        lines.append(f"? {lead.entity.pk}  {lead.score.value:.2f}  {lead.called}")
        lines += [f"  – {sentence_of_reason(why)}" for why in (*lead.evidence, *lead.weakness)]
    return "\n".join(line.rstrip() for line in lines)
