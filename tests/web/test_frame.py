"""The frame of every page: rail, viewpoint with its reason, search for anything, toasts, pages of refusal, times."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import RequestDataTooBig
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import translation

from amana.domain.handling import Purpose
from amana.domain.report import State
from amana.domain.viewpoint import Role
from amana.records.models import LogEntry, Partner, Report, User
from amana.services import cases, looking
from amana.services.people import viewpoint_of
from amana.web import errors
from amana.web.rail import ROOMS
from amana.web.zones import zone_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held
from tests.services.test_joint_work import AREAS, marking
from tests.signing import signed_in

PARTNER_HEADER = {"HX-Request": "true"}


def opened(alice: User, name: str = "Atlas") -> UUID:
    row = cases.open_case(name, handling=marking(), crime_areas=AREAS, by=alice)
    return UUID(row.details["case"])  # type: ignore[index]


def change(client: Client, **given: object) -> int:
    chosen = {"purpose": "detection", "case": "", "reason": "A new lead.", "next": "/desk/"} | given
    return client.post(reverse("viewpoint"), chosen).status_code


def events(verb: str) -> list[dict[str, object]]:
    rows = LogEntry.objects.filter(event__contains=f'"{verb}"').order_by("index")
    return [json.loads(row.event or "{}") for row in rows]


# The viewpoint line
def test_a_viewpoint_is_changed_with_a_reason_that_the_log_keeps(alice: User) -> None:
    client, case = signed_in(alice), opened(alice)
    assert change(client, purpose="investigation", case=str(case)) == 302
    (event,) = events("viewpoint-changed")
    assert event["reason"] == "A new lead."
    assert ["purpose", "investigation"] in event["details"]  # type: ignore[operator]
    assert ["case", str(case)] in event["details"]  # type: ignore[operator]
    page = client.get(reverse("desk")).content.decode()
    assert "Atlas" in page[: page.index("<main")]
    assert "Investigation" in page[: page.index("<main")]
    assert change(client) == 302
    page = client.get(reverse("desk")).content.decode()
    assert "Detection" in page[: page.index("<main")]
    assert "Atlas" not in page[: page.index("<main")]


def test_a_long_reason_is_kept_whole(alice: User) -> None:
    reason = "Because of the lorry. " * 500
    assert change(signed_in(alice), reason=reason) == 302
    (event,) = events("viewpoint-changed")
    assert event["reason"] == reason.strip()


def test_without_a_reason_the_viewpoint_stays(alice: User) -> None:
    client = signed_in(alice)
    assert change(client, reason="  ") == 422
    assert client.session.get("purpose") is None
    assert events("viewpoint-changed") == []


def test_the_case_stands_in_the_log_entry_of_every_read_from_then_on(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    client, case = signed_in(alice), opened(alice)
    change(client, purpose="investigation", case=str(case))
    for address in (
        reverse("desk"),
        reverse("inbox"),
        reverse("reports"),
        reverse("requests"),
        reverse("cases"),
        reverse("tasks"),
        reverse("meetings"),
        reverse("expertise"),
        reverse("report", args=[row.uid]),
        reverse("briefing", args=["washington"]),
    ):
        LogEntry.objects.all().update(event="{}")
        assert client.get(address).status_code == 200
        reads = list(LogEntry.objects.exclude(event="{}"))
        assert reads, address
        assert all(["case", str(case)] in json.loads(one.event or "")["details"] for one in reads), address


def test_a_closed_case_or_one_that_may_not_be_seen_cannot_be_chosen(alice: User, nadia: User) -> None:
    case = opened(alice)
    assert change(signed_in(nadia), case=str(case)) == 422
    cases.close_case(case, by=alice)
    assert change(signed_in(alice), case=str(case)) == 422
    assert change(signed_in(alice), case="not a number") == 422


def test_nobody_sees_more_through_a_case(alice: User, nadia: User) -> None:
    case = opened(alice)
    look = viewpoint_of(nadia, purpose=Purpose.INVESTIGATION, case=str(case))
    assert cases.name_of_case(str(case), viewpoint=look) == ""


# Rail and palette
def test_a_room_whose_page_is_not_there_is_not_offered(alice: User) -> None:
    page = signed_in(alice).get(reverse("desk")).content.decode()
    rail = page[page.index('<nav class="rail"') : page.index("</nav>")]
    shown = re.findall(r'<a href="([^"#]+)"', rail)
    assert reverse("desk") in shown
    assert reverse("log") not in shown
    assert shown == sorted(shown, key=[str(one) for one in shown].index)
    assert rail.count('aria-current="page"') == 1


@pytest.mark.parametrize("role", list(Role))
def test_each_room_has_a_key_of_its_own(role: Role) -> None:
    rooms = [room for room in ROOMS if room.opens_to(User(username=str(role), roles=[str(role)]))]
    keys = [room.key for room in rooms if room.key]
    assert keys
    assert len(keys) == len(set(keys))
    assert sum(room.narrow for room in ROOMS) == 5


def test_the_rail_counts_what_waits(alice: User, omar: User, washington: Counterpart) -> None:
    from amana.services import releases

    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    page = signed_in(omar).get(reverse("desk")).content.decode()
    assert '<span class="count">1<span class="visually-hidden">' in page


def test_a_few_words_find_reports_cases_partners_names_in_another_script_and_pages(
    alice: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    opened(alice, "Operation Harbour")
    client = signed_in(alice)
    for words, wanted in (
        (row.title.split()[0], str(row.uid)),
        ("harbour", "Operation Harbour"),
        ("washing", reverse("briefing", args=["washington"])),
        ("كريم بلقادي", reverse("entity", args=[row.entity_links.get().entity_id])),
        ("requests", reverse("requests")),
    ):
        for headers in ({}, PARTNER_HEADER):
            assert wanted in client.post(reverse("find"), {"words": words}, headers=headers).content.decode(), words
    part = client.post(reverse("find"), {"words": "harbour"}, headers=PARTNER_HEADER).content.decode()
    assert "<html" not in part
    assert 'role="listbox"' in part


def test_a_search_stands_in_the_log_without_its_words(alice: User) -> None:
    signed_in(alice).post(reverse("find"), {"words": "Belkadi"})
    (event,) = events("searched")
    assert "Belkadi" not in json.dumps(event)


def test_a_search_finds_nothing_that_may_not_be_seen(alice: User, nadia: User, rachid: User) -> None:
    row = drafted(alice, title="Harbour secrets")
    opened(alice, "Harbour case")
    for who in (nadia, rachid):
        page = signed_in(who).post(reverse("find"), {"words": "harbour"}).content.decode()
        assert str(row.uid) not in page
        assert "Harbour case" not in page
    assert looking.find_anything("h", viewpoint=viewpoint_of(alice), by=alice).any is False


def test_a_part_of_a_page_takes_no_message_away(alice: User) -> None:
    client = signed_in(alice)
    client.post(reverse("viewpoint"), {"purpose": "detection", "reason": "A lead.", "next": "/desk/"})
    client.get(reverse("desk"), headers=PARTNER_HEADER)
    assert "You look from there now" in client.get(reverse("desk")).content.decode()


# Refusals
@pytest.mark.parametrize(
    ("status", "words"),
    [(403, "operator"), (404, "taken back"), (409, "quicker"), (413, "smaller"), (422, "still in the form"),
     (429, "quarter of an hour"), (500, "once more"), (503, "Wait a moment")],
)  # fmt: skip
def test_each_refusal_says_that_nothing_was_lost_and_what_to_do(alice: User, status: int, words: str) -> None:
    request = RequestFactory().get("/x/")
    request.user, request.session = alice, {}  # type: ignore[assignment]
    answer = errors.error_page(request, status=status, code="a-code", sentence="It was refused.")
    page = answer.content.decode()
    assert answer.status_code == status
    for one in ("It was refused.", "Nothing was lost", "a-code", words):
        assert one in page


def test_what_is_too_large_is_413_and_what_cannot_be_read_400(node: object) -> None:
    request = RequestFactory().post("/x/")
    assert errors.malformed(request, RequestDataTooBig()).status_code == 413
    assert errors.malformed(request, ValueError()).status_code == 400


def test_the_page_of_a_fault_comes_even_where_the_frame_breaks(node: object, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_frame(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(errors, "render", no_frame)
    answer = errors.broken(RequestFactory().get("/x/"))
    assert answer.status_code == 500
    assert "nothing was lost" in answer.content.decode()


def test_too_many_attempts_have_a_page(node: object) -> None:
    from django.template.loader import render_to_string

    page = render_to_string("429.html")
    assert "Too many attempts" in page
    assert "quarter of an hour" in page


def test_an_address_that_only_takes_forms_says_so(alice: User) -> None:
    answer = signed_in(alice).get(reverse("act", args=[uuid4(), "release"]))
    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert "nothing was done" in answer.content.decode()


def test_a_refusal_leads_back_to_the_page_it_came_from_and_nowhere_else(alice: User) -> None:
    client = signed_in(alice)
    address = reverse("act", args=[uuid4(), "recall"])
    page = client.post(address, {"reason": "x"}, headers={"Referer": "http://testserver/reports/"}).content.decode()
    assert 'href="http://testserver/reports/"' in page
    page = client.post(address, {"reason": "x"}, headers={"Referer": "https://evil.example/"}).content.decode()
    assert "evil.example" not in page


# Times
AT = datetime(2026, 9, 24, 13, 2, 7, tzinfo=UTC)
SAID = {
    "en": ("24 Sep 2026, 13:02", "24 September 2026"),
    "de": ("24.09.2026 13:02", "24. September 2026"),
    "fr": ("24/09/2026 13:02", "24 septembre 2026"),
    "ar": ("24 سبتمبر 2026، 13:02", "24 سبتمبر 2026"),
}


@pytest.mark.parametrize("language", sorted(SAID))
def test_an_instant_is_said_in_each_language_with_the_exact_time_and_the_partners_clock(
    node: object, washington: Counterpart, settings: object, language: str
) -> None:
    settings.TIME_ZONE = "UTC"  # type: ignore[attr-defined]
    template = Template("{% load amana %}{% moment at partner='washington' %}")
    with translation.override(language):
        shown = template.render(Context({"at": AT}))
    day = SAID[language][1]
    assert f"{day}, 13:02:07 (UTC)" in shown
    assert "09:02 (America/New_York)" in shown
    assert "2026-09-24T13:02:07+00:00" in shown
    words = re.sub(r"<[^>]+>", "", shown)
    assert words == SAID[language][0]


@pytest.mark.parametrize(
    ("language", "count", "words"),
    [
        ("en", 1, "1 day"), ("en", 2, "2 days"), ("de", 1, "1 Tag"), ("de", 3, "3 Tage"), ("fr", 1, "1 jour"),
        ("fr", 0, "0 min"), ("ar", 2, ""), ("ar", 3, ""), ("ar", 11, ""),
    ],
)  # fmt: skip
def test_numbers_of_days_take_the_plural_of_their_language(language: str, count: int, words: str) -> None:
    from datetime import timedelta

    from amana.services.standings import in_words

    with translation.override(language):
        said = in_words(timedelta(days=count))
        others = {in_words(timedelta(days=number)) for number in (2, 3, 11)}
    assert words in said
    if language == "ar":
        assert len({re.sub(r"[\d٠-٩]+", "", one) for one in others}) == 3


def test_every_capital_has_a_zone_that_this_machine_knows() -> None:
    from amana.web.zones import _ZONES

    assert all(zone_of(country) is not None for country in _ZONES)
    assert zone_of("xx") is None
    assert str(zone_of("ma")) == "Africa/Casablanca"


def test_an_ended_report_is_not_news(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    assert str(row.uid) in signed_in(alice).get(reverse("desk")).content.decode()
    Report.objects.filter(pk=row.pk).update(state=State.WITHDRAWN)
    assert str(row.uid) not in signed_in(alice).get(reverse("desk")).content.decode()
    assert Partner.objects.count() == 1
