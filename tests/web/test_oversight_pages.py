"""The overseer's room and a partner's page: who enters, what is shown and asked back, with how many queries."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from amana.domain.spelling import spelled
from amana.exchange.identity import fingerprint, new_identity
from amana.records.models import AccessRequest, OversightOrder, Partner, Report, User
from amana.services import (
    access_requests,
    log_proofs,
    mandates,
    orders,
    partners,
    releases,
    reports,
    roster,
    spot_checks,
)
from amana.services.orders import Ground, What
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart, idris
from tests.services.test_exchange import drafted, held, released
from tests.services.witnessing import witnessed
from tests.signing import signed_in

PAGES = ("", "-log", "-checks", "-access-list", "-retention", "-orders", "-register")


def stop(salma: User, **about: object) -> OversightOrder:
    return orders.give_order(
        What.STOP,
        ground=Ground.UNLAWFUL,
        reason="no legal basis",
        addressee="the head",
        by=salma,
        **about,  # type: ignore[arg-type]
    )


def drawn(alice: User, salma: User) -> tuple[int, Report]:
    row = drafted(alice)
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    witnessed()
    return spot_checks.draw_check("readings", 1, "12", by=salma).pk, row


def with_mandate(salma: User, omar: User) -> None:
    made = mandates.propose_mandate("salma", ground="section 4", until=date.max, by=omar)
    mandates.confirm_mandate(made.pk, by=idris())


# Who enters.
@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("who", ["alice", "rachid", "omar"])
def test_only_overseers_enter_their_room(request: pytest.FixtureRequest, who: str, name: str) -> None:
    expected = 200 if (who, name) == ("omar", "-access-list") else 403  # the head writes notices to originators
    assert signed_in(request.getfixturevalue(who)).get(reverse(f"oversight{name}")).status_code == expected


@pytest.mark.parametrize("name", [*PAGES, "-desk"])
def test_nobody_enters_without_signing_in(node: object, name: str) -> None:
    assert Client().get(reverse(f"oversight{name}")).status_code == 302


@pytest.mark.parametrize("name", PAGES)
def test_each_page_of_an_empty_node_says_what_to_do(salma: User, name: str) -> None:
    assert signed_in(salma).get(reverse(f"oversight{name}")).status_code == 200


def test_an_overseer_begins_in_their_room_and_the_head_keeps_the_log(salma: User, omar: User) -> None:
    assert signed_in(salma).get(reverse("home"))["Location"] == reverse("oversight")
    assert signed_in(omar).get(reverse("log")).status_code == 200


def test_the_pages_hold_no_content_without_a_mandate(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    number, row = drawn(alice, salma)
    received, content = held(washington)
    client = signed_in(salma)
    addresses = [reverse(f"oversight{name}") for name in PAGES] + [reverse("oversight-check", args=[number])]
    for address in addresses:
        page = client.get(address).content.decode()
        for word in (row.title, "Yassine", content.title, "Belkadi"):
            assert word not in page, (address, word)
    answer = client.post(reverse("oversight-content", args=[row.uid]), {"check": number})
    assert answer.status_code == 403
    assert received.title not in answer.content.decode()


# The log.
def test_the_log_is_filtered_on_the_page(alice: User, salma: User) -> None:
    drafted(alice)
    page = signed_in(salma).get(reverse("oversight-log"), {"officer": "alice"}).content.decode()
    assert "report-drafted" in page
    assert "officer-added" not in page
    wrong = signed_in(salma).get(reverse("oversight-log"), {"first": "soon"})
    assert wrong.status_code == 422


def test_a_downloaded_proof_verifies_without_the_node(alice: User, salma: User, tmp_path: Path) -> None:
    drafted(alice)
    head = witnessed()
    client, path = signed_in(salma), tmp_path / "proof"
    assert "inspectorate" in client.get(reverse("oversight-entry", args=[head.size - 1])).content.decode()
    for address in (reverse("oversight-proof", args=[head.size - 1]), reverse("oversight-bundle")):
        path.write_bytes(client.post(address).content)
        log_proofs.verify_file(path, origin_vkey=log_proofs.log_vkey())
    assert client.get(reverse("oversight-proof", args=[0])).status_code == 405


def test_numbers_that_are_not_there_are_not_found(salma: User) -> None:
    client = signed_in(salma)
    for number in (10**6, 10**30):
        assert client.get(reverse("oversight-entry", args=[number])).status_code == 404
        assert client.get(reverse("oversight-check", args=[number])).status_code == 404
        assert client.get(reverse("oversight-access", args=[number])).status_code == 404
        assert client.post(reverse("oversight-lift", args=[number]), {"reason": "x"}).status_code == 404
    for odd in ("9" * 30, "²", "-1"):
        assert client.get(reverse("oversight-log"), {"before": odd}).status_code == 200
        assert client.get(reverse("oversight-retention"), {"days": odd}).status_code == 200
    act = reverse("oversight-access-act", args=[1, "note"])
    assert client.post(act, {"report": "x", "reason": "x"}).status_code == 404


# Checks.
def test_a_draw_a_question_and_its_answer_by_the_pages(alice: User, omar: User, salma: User) -> None:
    row = drafted(alice)
    reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    witnessed()
    overseer, writer, head = signed_in(salma), signed_in(alice), signed_in(omar)
    answer = overseer.post(reverse("oversight-checks"), {"what": "readings", "wanted": 5, "number": "314159"})
    page = overseer.get(answer["Location"]).content.decode()
    assert "Investigation" in page
    assert str(row.uid) in page
    number = spot_checks.list_checks(by=salma)[0].pk
    place = reverse("oversight-finding", args=[number, 1])
    assert overseer.post(place, {"finding": "question", "reason": ""}).status_code == 422
    assert overseer.post(place, {"finding": "fine"}).status_code == 422
    assert overseer.post(place, {"finding": "question", "reason": "For which case?"}).status_code == 302
    assert "An overseer has 1 question for you." in writer.get(reverse("desk")).content.decode()
    assert "For which case?" in head.get(reverse("oversight-desk")).content.decode()
    writer.post(reverse("oversight-answer", args=[number, 1]), {"reason": "Case 7"})
    assert "Case 7" in overseer.get(answer["Location"]).content.decode()
    assert "question for you" not in writer.get(reverse("desk")).content.decode()


def test_a_draw_without_a_witness_says_why(alice: User, salma: User) -> None:
    client = signed_in(salma)
    answer = client.post(reverse("oversight-checks"), {"what": "readings", "wanted": 5, "number": "1"})
    assert answer.status_code == 503
    assert "could be steered" in answer.content.decode()
    assert client.post(reverse("oversight-checks"), {"what": "all", "wanted": 0}).status_code == 422


# Content.
def test_a_mandate_by_two_officers_opens_content_and_the_head_sees_it(
    alice: User, omar: User, rachid: User, salma: User
) -> None:
    number, row = drawn(alice, salma)
    head, operator, overseer = signed_in(omar), signed_in(rachid), signed_in(salma)
    day = (timezone.localdate() + timedelta(days=30)).isoformat()
    assert head.post(reverse("oversight-mandates"), {"name": "salma"}).status_code == 422
    head.post(reverse("oversight-mandates"), {"name": "salma", "ground": "section 4", "until": day})
    (made,) = mandates.list_mandates(by=omar)
    assert head.post(reverse("oversight-mandate", args=[made.pk])).status_code == 403
    assert operator.post(reverse("oversight-mandate", args=[made.pk])).status_code == 302
    answer = overseer.post(reverse("oversight-content", args=[row.uid]), {"check": number})
    assert row.title in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert str(row.uid) in head.get(reverse("oversight-desk")).content.decode()


# Access.
def test_a_request_for_access_by_the_pages(omar: User, salma: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    with_mandate(salma, omar)
    overseer, head = signed_in(salma), signed_in(omar)
    given = {"name": "Karim Belkadi", "asked_on": timezone.localdate().isoformat(), "identity": "passport seen"}
    assert overseer.post(reverse("oversight-access-list"), given | {"identity": ""}).status_code == 422
    address = overseer.post(reverse("oversight-access-list"), given)["Location"]
    number = AccessRequest.objects.get().pk

    def act(deed: str, client: Client = overseer, **data: object) -> int:
        return client.post(reverse("oversight-access-act", args=[number, deed]), data).status_code

    assert act("search") == 302
    page = overseer.get(address).content.decode()
    assert str(row.uid) in page
    assert "Container at Tanger Med" not in page
    assert act("decide", outcome="given", reason="nothing against it") == 403
    assert act("ask", head, report=row.uid) == 302
    assert "The notice to its originator: Draft." in overseer.get(address).content.decode()
    assert act("extend", reason="the originator is asked") == 302
    assert act("decide", outcome="refused", reason="inquiry") == 422
    assert act("decide", outcome="refused", ground="obstructs-inquiry", reason="inquiry") == 302
    assert "neither confirmed nor denied" in overseer.get(address).content.decode()


def test_a_refusal_reads_the_same_whether_or_not_anything_is_held(
    omar: User, salma: User, washington: Counterpart
) -> None:
    held(washington)
    with_mandate(salma, omar)
    words = []
    for name in ("Karim Belkadi", "Nobody Atall"):
        today = timezone.localdate()
        one = access_requests.record_access(name=name, identity="passport seen", asked_on=today, by=salma)
        access_requests.search_access(one.pk, by=salma)
        access_requests.decide_access(
            one.pk, access_requests.Outcome.REFUSED, ground=access_requests.Ground.INQUIRY, reason="x", by=salma
        )
        page = signed_in(salma).get(reverse("oversight-access", args=[one.pk])).content.decode()
        words.append(re.findall(r"<h2>Words of the answer</h2>(.*?)</section>", page, re.DOTALL))
    assert words[0]
    assert words[0] == words[1]


# Orders.
def test_an_order_is_given_felt_and_lifted_by_the_pages(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row = drafted(alice, "washington")
    releases.propose_release(row.uid, by=alice)
    overseer, writer, head = signed_in(salma), signed_in(alice), signed_in(omar)
    given = {
        "what": "stop",
        "report": row.uid,
        "ground": "unlawful-processing",
        "addressee": "head",
        "reason": "no basis",
    }
    assert overseer.post(reverse("oversight-orders"), given | {"partner": "washington"}).status_code == 422
    assert overseer.post(reverse("oversight-orders"), given | {"report": "", "what": "erase"}).status_code == 422
    assert overseer.post(reverse("oversight-orders"), given).status_code == 302
    assert "An overseer has stopped this report" in writer.get(reverse("report", args=[row.uid])).content.decode()
    assert "An overseer has stopped this report" in writer.get(reverse("desk")).content.decode()
    answer = head.post(reverse("act", args=[row.uid, "release"]))
    assert answer.status_code == 403
    assert "order-report-stopped" in answer.content.decode()
    lift = reverse("oversight-lift", args=[OversightOrder.objects.get().pk])
    assert head.post(lift, {"reason": "in the way"}).status_code == 403
    assert overseer.post(lift, {"reason": ""}).status_code == 422
    assert overseer.post(lift, {"reason": "the basis was shown"}).status_code == 302
    assert head.post(reverse("act", args=[row.uid, "release"])).status_code == 302


# The register.
def test_the_register_is_downloaded_as_csv_and_json(alice: User, salma: User) -> None:
    drafted(alice)
    client, today = signed_in(salma), timezone.localdate().isoformat()
    period = {"first": today, "last": today}
    assert "Purposes of reports" in client.get(reverse("oversight-register"), period).content.decode()
    table = client.get(reverse("oversight-register"), period | {"as": "csv"}).content.decode()
    assert "purposes,investigation,1" in table
    assert json.loads(client.get(reverse("oversight-register"), period | {"as": "json"}).content)["kinds"] == {
        "information": "1"
    }
    assert client.get(reverse("oversight-register"), {"first": "x", "last": today}).status_code == 422


# Partners.
def test_a_partners_page_says_how_the_link_stands(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    client = signed_in(alice)

    def page() -> str:
        return client.get(reverse("partner", args=["washington"])).content.decode()

    assert "washington has answered within a minute all day." in page()
    released(alice, omar, "washington")
    assert re.search(r"washington has not answered since .*; 1 message waits\.", page())
    washington.fetch()
    assert "1 message waits" not in page()
    stop(salma, partner="washington")
    assert "An overseer has stopped all disclosures to “washington”" in page()
    theirs = fingerprint(washington.secrets.card.root)
    for group in (*spelled(theirs), *spelled(partners.own_fingerprint())):
        assert group.said in page()
    assert "Both speak version 1 of the protocol." in page()


def test_a_partner_is_suspended_and_resumed_by_two_officers_on_its_page(
    omar: User, rachid: User, washington: Counterpart
) -> None:
    head, operator = signed_in(omar), signed_in(rachid)

    def act(client: Client, deed: str, **data: str) -> int:
        return client.post(reverse("partner-change", args=["washington", deed]), data).status_code

    assert act(head, "suspend", reason="") == 422
    for deed, state in (("suspend", Partner.State.SUSPENDED), ("resume", Partner.State.CONFIRMED)):
        assert act(head, deed, reason="their key may be stolen") == 302
        assert act(head, f"confirm-{deed}") == 403
        assert act(operator, f"confirm-{deed}") == 302
        assert Partner.objects.get(pk="washington").state == state
    assert act(head, "suspend", reason="again") == 302
    assert act(operator, "decline") == 302
    assert Partner.objects.get(pk="washington").state == Partner.State.CONFIRMED


def test_whoever_confirms_a_card_types_the_fingerprint_and_does_not_see_it(omar: User, rachid: User) -> None:
    made = new_identity("paris", "Agency of Paris", "FR", ("https://127.0.0.1:1",), timezone.now())
    roster.introduce_partner(made.card_jws, by=rachid)
    read_out = fingerprint(made.card.root)
    address = reverse("partner", args=["paris"])
    assert read_out.split()[0] not in signed_in(omar).get(address).content.decode()
    confirm = reverse("partner-change", args=["paris", "confirm-card"])
    assert signed_in(omar).post(confirm, {"fingerprint": "AAAA"}).status_code == 422
    assert signed_in(omar).post(confirm, {"fingerprint": read_out.lower()}).status_code == 302
    assert Partner.objects.get(pk="paris").state == Partner.State.CONFIRMED


def test_an_author_sees_a_partner_and_changes_nothing(alice: User, washington: Counterpart) -> None:
    client = signed_in(alice)
    assert client.get(reverse("partner", args=["washington"])).status_code == 200
    assert client.post(reverse("partner-change", args=["washington", "suspend"]), {"reason": "x"}).status_code == 403
    assert client.get(reverse("partner", args=["nowhere"])).status_code == 404


# Queries.
MOST = {"": 40, "-log": 20, "-checks": 15, "-access-list": 20, "-retention": 15, "-orders": 15, "-register": 45}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_the_database_no_more_often_the_more_there_is(
    alice: User,
    omar: User,
    salma: User,
    washington: Counterpart,
    name: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(5):
        number, row = drawn(alice, salma)
        held(washington)
        today = timezone.localdate()
        access_requests.record_access(name="A Person", identity="passport seen", asked_on=today, by=salma)
        stop(salma, report=row.uid)
        spot_checks.give_finding(number, 1, spot_checks.Finding.QUESTION, "why?", by=salma)
    client = signed_in(salma)
    with django_assert_max_num_queries(MOST[name]):
        assert client.get(reverse(f"oversight{name}")).status_code == 200


def test_a_partners_page_asks_no_more_often_the_more_there_is(
    alice: User, omar: User, washington: Counterpart, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(5):
        released(alice, omar, "washington")
        held(washington)
    client = signed_in(alice)
    with django_assert_max_num_queries(50):
        client.get(reverse("partner", args=["washington"]))
