"""Which addresses are measured, with which ids: every name of the urlconf that answers GET.

A page without parameters is measured by itself, and so is one whose parameters all stand in `BY_PARAMETER`: whoever
adds such a page adds nothing here. Other pages get a line in `BY_NAME`: what to open, as (label, parameters, query).
What cannot be opened by its address alone stands in `EXCEPT` with the reason. Both the benchmark and
tests/web/test_query_bounds.py walk this table, and fail for a name that is in none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RoutePattern

from amana.domain.report import Kind, State
from amana.records.models import Consent, Document, LogEntry, Message, Partner, Report, Statement, User

Opening = tuple[str, Mapping[str, object], str]  # what it is, the address's parameters, and the query

EXCEPT = {
    "home": "answers with the address of the page where a role begins, which is measured",
    "mfa_activate_totp": "a step of the door, sent on by whoever has a second factor",
    "mfa_authenticate": "a step of the door, sent on by whoever is through it",
    "second-factor": "a step of the door, sent on by whoever has a second factor",
    "mfa_remove_webauthn": "asks again before one's own key is removed",
    "mfa_view_recovery_codes": "shows one's own ten codes, and only to who made some",
    "original": "hands out the bytes of a file, which are as many as they are",
    "oversight-check": "shows what was drawn, and a draw needs a witness of another house",
    "oversight-access": "shows one person's request, of which there are few; the search behind it is a post",
}


@dataclass(frozen=True, slots=True)
class Page:
    """One address: its name, what is opened there, and where."""

    name: str
    label: str
    path: str


def _reports() -> dict[str, Report]:
    """A report of each sort, the median ones from the middle of the season; the heaviest says the most."""
    rows = Report.objects.order_by("pk")
    middle = rows.count() // 2
    kinds = {"held": {"kind": Kind.INFORMATION, "state": State.HELD}}
    kinds["ours"] = {"kind": Kind.INFORMATION, "state": State.RELEASED}
    kinds["request of theirs"] = {"kind": Kind.REQUEST, "state": State.HELD}
    kinds["request of ours"] = {"kind": Kind.REQUEST, "state": State.RELEASED}
    kinds |= {"reply": {"kind": Kind.REPLY, "state": State.HELD}, "recalled": {"state": State.RECALLED}}
    kinds |= {"meeting": {"kind": Kind.MEETING, "state": State.HELD}, "sheet": {"kind": Kind.CASE, "state": State.HELD}}
    kinds |= {"waiting": {"state": State.AWAITING_RELEASE}, "draft": {"state": State.DRAFT}}
    found = {}
    for name, wanted in kinds.items():
        some = rows.filter(**wanted, strictness__lte=2, purposes__contains=" investigation ") | rows.filter(
            **wanted, strictness__lte=2, purposes=""
        )
        row = some.filter(pk__gte=rows[middle].pk).first() or some.first()
        if row is not None:
            found[name] = row
    heaviest = Report.objects.annotate(many=Count("statements")).order_by("-many", "pk").first()
    return found | ({"heaviest": heaviest} if heaviest is not None else {})


def _of(*names: str) -> Callable[[], Iterator[Opening]]:
    def openings() -> Iterator[Opening]:
        rows = _reports()
        for name in names:
            if name in rows:
                yield name, {"uid": rows[name].uid}, ""

    return openings


def _with_version() -> Iterator[Opening]:
    rows = Report.objects.filter(version=2, state__in=[State.RELEASED, State.HELD], strictness__lte=2)
    row = rows.filter(purposes__contains=" investigation ").order_by("pk").first()
    if row is not None:
        yield "second version", {"uid": row.uid, "version": 2}, ""


def _cases() -> Iterator[Opening]:
    sheets = Report.objects.filter(kind=Kind.CASE, state__in=[State.HELD, State.RELEASED], strictness__lte=2)
    known = [row.details for row in sheets.filter(purposes__contains=" investigation ").order_by("pk")[:200]]
    by_weight = sorted((len(one["members"]), one["case"]) for one in known if one)
    if by_weight:
        yield "median", {"number": UUID(by_weight[len(by_weight) // 2][1])}, ""
        yield "heaviest", {"number": UUID(by_weight[-1][1])}, ""


def _partner() -> Iterator[Opening]:
    for row in Partner.objects.order_by("pk")[:1]:
        yield row.pk, {"partner": row.pk}, ""


def _letters() -> Iterator[Opening]:
    row = _reports().get("ours")
    sent = Message.objects.filter(report=row).order_by("pk").first() if row is not None else None
    if row is not None and sent is not None:
        yield "ours", {"uid": row.uid, "version": row.version}, f"to={sent.partner_id}&language=fr"


def _compared() -> Iterator[Opening]:
    for label, values, _query in _with_version():
        yield label, {"uid": values["uid"]}, "old=1&new=2"


def _said(row: Report) -> Statement | None:
    return row.statements.order_by("position").first()


def _evidence() -> Iterator[Opening]:
    for label, row in _reports().items():
        one = _said(row) if label in ("held", "ours", "heaviest") else None
        if one is not None:
            yield label, {"report": row.uid, "statement": one.uid}, ""


def _entities() -> Iterator[tuple[str, int]]:
    """The first entity of a report of each sort."""
    for label, row in _reports().items():
        link = row.entity_links.order_by("position").first() if label in ("held", "ours", "heaviest") else None
        if link is not None:
            yield label, link.entity_id


def _each_entity() -> Iterator[Opening]:
    return ((label, {"number": number}, "") for label, number in _entities())


def _two_entities() -> Iterator[Opening]:
    found = list(_entities())
    if len(found) > 1:
        yield "two", {"number": found[0][1], "other": found[1][1]}, ""


def _entries() -> Iterator[Opening]:
    for entry in LogEntry.objects.order_by("-index")[:1]:
        yield "newest", {"index": entry.index}, ""


def _people() -> Iterator[Opening]:
    for row in User.objects.order_by("pk")[:1]:
        yield "the first", {"name": row.username}, ""


def _documents() -> Iterator[Opening]:
    rows = Document.objects.annotate(many=Count("suggestions")).filter(strictness__lte=2).order_by("many", "pk")
    if (many := rows.count()) > 0:
        yield "median", {"number": rows[many // 2].pk}, ""
        yield "heaviest", {"number": rows[many - 1].pk}, ""


def _queries(*queries: tuple[str, str]) -> Callable[[], Iterator[Opening]]:
    return lambda: iter([(label, {}, query) for label, query in queries])


BY_NAME: dict[str, Callable[[], Iterator[Opening]]] = {
    "report": _of("held", "heaviest", "ours", "request of theirs", "request of ours", "reply", "recalled", "meeting",
                  "sheet", "waiting", "draft"),
    "report-version": _with_version,
    "preview": _of("waiting"),
    "compose-draft": _of("draft"),
    "compose-known": _of("draft"),
    "compare": _compared,
    "letter": _letters,
    "evidence": _evidence,
    "entity": _each_entity,
    "entity-leads": _each_entity,
    "entity-beside": _two_entities,
    "entities": _queries(("newest", ""), ("a name", "q=Karim"), ("a name of nobody", "q=Zzyzx")),
    "match": _queries(("a name", "q=Karim")),
    "request": _of("request of theirs", "request of ours"),
    "requests": _queries(("board", "view=board"), ("table", "view=table"), ("figures", "view=figures")),
    "briefing": _partner,
    "person": _people,
    "oversight-entry": _entries,
    "case": _cases,
    "document": _documents,
    "reports": _queries(("ours", ""), ("two words", "q=lorry+yard"), ("a word of no report", "q=submarine"),
                        ("Arabic", "q=%D8%B4%D8%A7%D8%AD%D9%86%D8%A9"), ("page 9", "page=9")),
    "inbox": _queries(("first", ""), ("page 9", "page=9"), ("unread", "unread=1")),
    "expertise": _queries(("all", ""), ("two words", "q=lorry+yard"), ("one part", "shelf=method")),
    "log": _queries(("newest", ""), ("old", "before=500")),
    "documents": _queries(("first", ""), ("page 3", "page=3")),
}  # fmt: skip

BY_PARAMETER: dict[str, Callable[[], Iterator[tuple[str, object]]]] = {
    "uid": lambda: ((name, row.uid) for name, row in _reports().items() if name in ("held", "ours", "heaviest")),
    "partner": lambda: ((row.pk, row.pk) for row in Partner.objects.order_by("pk")[:1]),
    "node": lambda: ((row.pk, row.pk) for row in Partner.objects.order_by("pk")[:1]),
    "consent": lambda: (("a consent", row.pk) for row in Consent.objects.order_by("pk")[:1]),
    "version": lambda: iter([("first version", 1)]),
}
_ANY: dict[str, object] = {"UUIDConverter": UUID(int=0), "IntConverter": 1, "StringConverter": "x"}


class PageNotInTable(Exception):
    """A page is neither measured nor excepted; bench/page_table.py says where to add it."""


def named() -> Iterator[tuple[str, dict[str, object]]]:
    """(name, converters by parameter) of every named address of the urlconf."""
    yield from _named(get_resolver(), "", {})


def _named(resolver: URLResolver, space: str, above: Mapping[str, object]) -> Iterator[tuple[str, dict[str, object]]]:
    for one in resolver.url_patterns:
        taken = dict(above)
        if isinstance(one.pattern, RoutePattern):
            taken |= one.pattern.converters
        elif hasattr(one.pattern, "regex"):
            taken |= dict.fromkeys(one.pattern.regex.groupindex)
        if isinstance(one, URLPattern):
            if one.name:
                yield f"{space}{one.name}", taken
        else:
            yield from _named(one, f"{space}{one.namespace}:" if one.namespace else space, taken)


def answers_get(client: Client, name: str, taken: Mapping[str, object]) -> bool:
    """Whether an address answers GET at all, whatever it is asked about."""
    values = {key: _ANY.get(type(converter).__name__, "x") for key, converter in taken.items()}
    return client.get(reverse(name, kwargs=values)).status_code != 405


def pages(client: Client) -> list[Page]:
    """All addresses to measure; the client is signed in. Raises PageNotInTable."""
    found = []
    for name, taken in named():
        if name in EXCEPT or not answers_get(client, name, taken):
            continue
        openings = list(_openings(name, taken))
        if not openings:
            raise PageNotInTable(f"“{name}”: say in BY_NAME or EXCEPT of bench/page_table.py what is to be opened")
        for label, values, query in openings:
            found.append(Page(name, label, reverse(name, kwargs=dict(values)) + (f"?{query}" if query else "")))
    return found


def _openings(name: str, taken: Mapping[str, object]) -> Iterator[Opening]:
    if name in BY_NAME:
        yield from BY_NAME[name]()
    elif not taken:
        yield "", {}, ""
    elif set(taken) <= set(BY_PARAMETER):
        first, *rest = taken
        others = {key: next(BY_PARAMETER[key](), ("", None))[1] for key in rest}
        for label, value in BY_PARAMETER[first]():
            yield label, {first: value, **others}, ""
