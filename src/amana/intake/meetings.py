"""Meetings: who met whom, when and where, sentence by sentence.

Invariant: a meeting is suggested only from a sentence that says so and names a day, or at least two who took part;
a later sentence about "the meeting" adds to it and makes no second one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass, field, replace

from amana.intake.spans import Pairs, Span, plain, sentences, suggestion
from amana.intake.suggestion import Kind, Suggestion

_MET = re.compile(
    r"\b(?:traf(?:en)?\b|trifft|treffen\b|getroffen|zusammengetroffen|Treffens?\b|Zusammenkunft|"
    r"Besprechung\w*|Unterredung|Sitzung\b|Arbeitssitzung|"
    r"réunions?\b|rencontr(?:e|é|ée|és|er|ait|èrent)\b|s['’]est entretenue?|s['’]est réunie?|se sont "
    r"(?:réunis|rencontrés|retrouvés)|entrevue|"
    r"meeting|met\b(?= |$)|have met|talks\b|"
    r"reunión|reuniones|se reuni(?:ó|eron)|encuentro|entrevista\b|se entrevist(?:ó|aron)|se encontr(?:ó|aron))|"
    r"(?<!\w)[وفبل]?(?:ال)?(?:اجتماع|لقاء)|للاجتماع|(?<!\w)[وف]?(?:اجتمع|التقى|التقت|استقبل|اجتمعت|التقيا)(?!\w)",
    re.I,
)
_THAT_ONE = re.compile(
    r"\b(?:(?:dem|das|des|dieses|diesem|der|die)\s+(?:Treffens?|Besprechung|Zusammenkunft|Sitzung)|"
    r"(?:la|cette|de la)\s+(?:réunion|rencontre)|"
    r"(?:the|this|that)\s+meeting|(?:la|esta|dicha)\s+reunión|(?:el|este|del)\s+encuentro)|"
    r"(?<!\w)[وفبل]?(?:الاجتماع|اللقاء|هذا الاجتماع)|للاجتماع",
    re.I,
)


@dataclass(slots=True)
class _Meeting:
    span: Span
    word: str
    dates: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)


def find_meetings(text: str, found: list[Suggestion]) -> list[Suggestion]:
    """Meetings of a text, from the people, organisations, places and dates already found in it."""
    meetings: list[_Meeting] = []
    ordered = sorted(found, key=lambda one: one.start)
    starts = [one.start for one in ordered]
    for span in sentences(text):
        said = _MET.search(text, *span)
        if said is None:
            continue
        within = ordered[bisect_left(starts, span[0]) : bisect_left(starts, span[1])]
        here = _gather(span, said[0], within)
        if meetings and _opens(meetings[-1], here):
            meetings[-1] = replace(here, dates=meetings[-1].dates, places=here.places or meetings[-1].places)
        elif meetings and _continues(text, span, here, meetings[-1]):
            _add(meetings[-1], here)
        elif here.dates or len(here.people) + len(here.bodies) > 1:
            meetings.append(here)
    return [_suggestion(text, one) for one in meetings if one.people or one.bodies or (one.dates and one.places)]


def _gather(span: Span, word: str, within: list[Suggestion]) -> _Meeting:
    meeting = _Meeting(span, plain(word))
    for one in within:
        into = {
            Kind.DATE: meeting.dates,
            Kind.PLACE: meeting.places,
            Kind.PERSON: meeting.people,
            Kind.ORGANISATION: meeting.bodies,
        }.get(one.kind)
        if into is not None and one.value not in into:
            into.append(one.value)
    return meeting


def _opens(last: _Meeting, here: _Meeting) -> bool:
    """A heading gave the day ("Réunion du 18 mars"), this sentence says who."""
    return not (last.people or last.bodies or here.dates) and bool(here.people) and here.span[0] - last.span[1] < 5


def _continues(text: str, span: Span, here: _Meeting, last: _Meeting) -> bool:
    same_day = not here.dates or bool(set(here.dates) & set(last.dates))
    return same_day and (bool(_THAT_ONE.search(text, *span)) or set(here.people) <= set(last.people))


def _add(meeting: _Meeting, more: _Meeting) -> None:
    for into, new in (
        (meeting.places, more.places),
        (meeting.people, more.people),
        (meeting.bodies, more.bodies),
    ):
        into += [one for one in new if one not in into]


def _suggestion(text: str, one: _Meeting) -> Suggestion:
    day = one.dates[0] if one.dates else ""
    where = one.places[0] if one.places else ""
    who = ", ".join([*one.people, *one.bodies][:6])
    name = plain(f"{day} {where}: {who}").strip(": ")
    said: Pairs = (("name", name[:300]),)
    if day and not day.startswith("--"):
        said += (("date", day),)
    elif day:
        said += (("notes", f"{day}: the text leaves the year open"),)
    if where:
        said += (("location", where),)
    said += tuple(("peopleMentioned", person) for person in one.people)
    said += tuple(("companiesMentioned", body) for body in one.bodies)
    said += (("summary", plain(text[one.span[0] : one.span[1]])),)
    return suggestion(
        text, one.span, Kind.MEETING, name[:300], reason="word-of-meeting", role=one.word, schema="Event", said=said
    )
