"""The people's door: who sees what, what is refused, and that nothing typed becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.exchange.protocol import ConsentBody, ConsentRequestBody, Type
from amana.records.models import Consent, Flag, LogEntry, Report, User
from amana.services import carrying, recalls, releases, roster
from amana.web.templatetags.amana import foreign
from tests.counterpart import Counterpart, next_year
from tests.services.test_exchange import drafted, held, released
from tests.signing import PASSWORD, code_of, enrolled, enter, signed_in

OTHER_TONGUES = (("de", "ltr"), ("fr", "ltr"), ("ar", "rtl"))
LISTS = (
    "desk",
    "inbox",
    "meetings",
    "viewpoint",
    "find",
    "keys",
    "reports",
    "requests",
    "ask",
    "cases",
    "tasks",
    "expertise",
    "documents",
    "match",
    "blind",
    "partners",
    "log",
)


@pytest.mark.parametrize("name", LISTS)
def test_nobody_enters_without_signing_in(node: object, name: str) -> None:
    answer = Client().get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign-in"))


def test_signing_in_leads_to_the_desk_and_stands_in_the_log(alice: User) -> None:
    client = Client()
    secret = enrolled(alice)
    first = client.post(reverse("sign-in"), {"login": "alice", "password": PASSWORD})
    assert first["Location"] == reverse("mfa_authenticate")
    assert "_auth_user_id" not in client.session
    answer = client.post(reverse("mfa_authenticate"), {"code": code_of(secret)}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("desk")
    assert LogEntry.objects.filter(event__contains='"signed-in"').exists()


def test_after_five_failures_even_the_right_password_waits(alice: User) -> None:
    client = Client()
    for _attempt in range(5):
        client.post(reverse("sign-in"), {"login": "Alice", "password": "wrong"})
    answer = client.post(reverse("sign-in"), {"login": "alice", "password": PASSWORD})
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session
    assert "account_login" not in client.session


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["rachid", "salma"])
@pytest.mark.parametrize(
    "name",
    ["desk", "meetings", "viewpoint", "inbox", "reports", "cases", "tasks", "expertise", "documents", "match", "blind"],
)
def test_operator_and_overseer_open_no_content(request: pytest.FixtureRequest, who: str, name: str) -> None:
    assert signed_in(request.getfixturevalue(who)).get(reverse(name)).status_code == 403


def test_the_overseer_reads_the_log_and_an_author_does_not(salma: User, alice: User) -> None:
    assert signed_in(salma).get(reverse("log")).status_code == 200
    assert signed_in(alice).get(reverse("log")).status_code == 403


def test_a_report_beyond_the_clearance_is_not_even_there(alice: User, nadia: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    client = signed_in(nadia)
    hidden, missing = (client.get(reverse("report", args=[uid])) for uid in (row.uid, uuid4()))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    strip = re.compile(rb"[0-9a-f-]{36}|csrfmiddlewaretoken\" value=\"[^\"]+")
    assert strip.sub(b"", hidden.content) == strip.sub(b"", missing.content)
    for deed in ("propose", "release", "recall", "correct"):
        assert client.post(reverse("act", args=[row.uid, deed]), {"reason": "x"}).status_code in (403, 404)
    assert client.post(reverse("categorise", args=[row.uid]), {"category-e1": "contact"}).status_code == 404
    row.refresh_from_db()
    assert row.state == State.DRAFT
    assert row.title not in client.get(reverse("reports")).content.decode()


def test_who_proposed_cannot_release(omar: User, washington: Counterpart) -> None:
    row = drafted(omar, "washington")
    releases.propose_release(row.uid, by=omar)
    answer = signed_in(omar).post(reverse("act", args=[row.uid, "release"]))
    assert answer.status_code == 403
    assert "second person" in answer.content.decode()


def test_the_whole_story_by_the_pages(alice: User, omar: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington", entities=[Entity("e1", "Person")])
    writer, releaser = signed_in(alice), signed_in(omar)
    assert "a category for each person" in writer.get(reverse("report", args=[row.uid])).content.decode()
    writer.post(reverse("categorise", args=[row.uid]), {"category-e1": "contact"})
    assert writer.post(reverse("act", args=[row.uid, "propose"])).status_code == 302
    page = releaser.get(reverse("desk")).content.decode()
    assert str(row.uid) in page
    assert releaser.post(reverse("act", args=[row.uid, "release"])).status_code == 302
    washington.fetch()
    assert "washington" in writer.get(reverse("report", args=[row.uid])).content.decode()
    assert releaser.post(reverse("act", args=[row.uid, "recall"]), {"reason": ""}).status_code == 422
    assert releaser.post(reverse("act", args=[row.uid, "recall"]), {"reason": "wrong man"}).status_code == 302
    assert "has not confirmed yet" in writer.get(reverse("report", args=[row.uid])).content.decode()


def test_opening_a_held_report_does_not_change_state_by_a_get(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    client = signed_in(alice)
    client.get(reverse("report", args=[row.uid]))
    assert washington.waiting() == 0
    client.post(reverse("tell", args=[row.uid]), {"step": "read"})
    assert washington.waiting() == 1


@pytest.mark.parametrize("name", ["act", "decide", "draw", "take-in", "language", "tell", "accept"])
def test_nothing_changes_by_a_get(alice: User, name: str) -> None:
    arguments = {"act": [uuid4(), "recall"], "take-in": [], "language": []}.get(name, [uuid4()])
    assert signed_in(alice).get(reverse(name, args=arguments)).status_code == 405


def test_a_form_without_its_token_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    enter(client, alice)
    assert client.post(reverse("viewpoint"), {"purpose": "detection", "reason": "x"}).status_code == 403


XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}{% csrf_token %}",
)


@pytest.mark.once
@pytest.mark.parametrize("payload", XSS)
def test_what_people_type_never_becomes_markup(alice: User, omar: User, washington: Counterpart, payload: str) -> None:
    grade = Evaluation(Source.B, Information.CORROBORATED, next_year())
    row = drafted(
        alice,
        "washington",
        title=payload,
        text=f"{payload} {payload}",
        handling=Handling(
            tlp=Tlp.AMBER,
            releasable_to=frozenset({"washington"}),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=next_year(),
            caveats=frozenset({payload}),
        ),
        entities=[Entity("e1", "Person", Category.ABOUT_TO_OFFEND, payload)],
        statements=[Statement("s1", "e1", "Person", "summary", payload, Nature.FACT, grade, "en", (0, len(payload)))],
    )
    client = signed_in(alice)
    pages = [
        client.get(reverse(name, args=arguments)).content.decode()
        for name, arguments in (
            ("report", [row.uid]),
            ("preview", [row.uid]),
            ("compose-draft", [row.uid]),
            ("reports", []),
            ("inbox", []),
        )
    ]
    pages.append(client.get(reverse("reports"), {"q": payload}).content.decode())
    for page in pages:
        assert "alert(1)>" not in page.replace("&gt;", "")
        assert "<script>" not in page
        assert "onerror=alert(1)>" not in page
        assert 'href="javascript:' not in page


def test_pages_forbid_everything_inline_and_from_elsewhere(alice: User) -> None:
    answer = signed_in(alice).get(reverse("inbox"))
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<(script|style)>|\son[a-z]+=|\sstyle=", answer.content.decode())


@pytest.mark.parametrize(
    ("code", "way"), [("en", "ltr"), *(pytest.param(*one, marks=pytest.mark.once) for one in OTHER_TONGUES)]
)
def test_every_page_speaks_each_language_in_its_direction(
    alice: User, washington: Counterpart, omar: User, code: str, way: str
) -> None:
    row = released(alice, omar, "washington")
    client = signed_in(omar)
    client.post(reverse("language"), {"language": code, "next": "/partners/"})
    for address in (*map(reverse, LISTS), reverse("report", args=[row.uid]), reverse("preview", args=[row.uid])):
        page = client.get(address)
        assert page.status_code == 200, address
        assert f'<html lang="{code}" dir="{way}"' in page.content.decode()


def test_the_language_switch_leads_nowhere_else(alice: User) -> None:
    answer = signed_in(alice).post(reverse("language"), {"language": "de", "next": "//evil.example/"})
    assert answer["Location"] == "/"


def test_the_number_of_queries_of_a_list_does_not_grow_with_it(
    alice: User, washington: Counterpart, django_assert_max_num_queries: object
) -> None:
    client = signed_in(alice)
    for _number in range(12):
        held(washington)
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        assert client.get(reverse("inbox")).status_code == 200


def test_a_document_is_taken_in_decided_and_drawn_by_the_pages(alice: User, washington: Counterpart) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    client = signed_in(alice)
    text = "The container CSQU3054383 left Casablanca. Pay to IBAN DE89370400440532013000 was seen. " * 3
    answer = client.post(
        reverse("take-in"), {"file": SimpleUploadedFile("note.txt", text.encode()), "tlp": "TLP:AMBER"}
    )
    assert answer.status_code == 302, answer.content.decode()[-500:]
    number = answer["Location"].rstrip("/").rsplit("/", 1)[-1]
    page = client.get(answer["Location"]).content.decode()
    assert "CSQU3054383" in page
    client.post(reverse("decide", args=[number]), {"decide": "all"})
    drawn = client.post(
        reverse("draw", args=[number]),
        {
            "title": "A container",
            "kind": "information",
            "source": "B",
            "information": "2",
            "as_of": "2026-09-24",
            "tlp": "TLP:AMBER",
            "codes": ["H0"],
            "recipients": ["washington"],
            "purposes": ["investigation"],
            "crime_areas": ["drug-trafficking"],
            "erase_by": str(next_year()),
            "caveats": "",
        },
    )
    assert drawn.status_code == 302, drawn.content.decode()[-1500:]
    row = Report.objects.get()
    assert row.statements.filter(value="CSQU3054383").exists()


def test_a_file_that_cannot_be_read_says_why_with_its_code(alice: User) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    answer = signed_in(alice).post(
        reverse("take-in"), {"file": SimpleUploadedFile("x.pdf", b"not a pdf at all"), "tlp": "TLP:AMBER"}
    )
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "intake-mislabelled" in page, page[page.index("<main") :][:1500]


def test_an_unknown_address_has_a_page_of_its_own(alice: User) -> None:
    answer = signed_in(alice).get("/nowhere/")
    assert answer.status_code == 404
    assert "There is no page at this address" in answer.content.decode()


def test_the_partners_page_says_what_waits_for_a_second_person_and_what_is_outstanding(
    alice: User, omar: User, rachid: User, washington: Counterpart, tmp_path: Path
) -> None:
    released(alice, omar, "washington")
    carrying.export_parcel("washington", tmp_path / "stick", by=rachid)
    roster.propose_state("washington", roster.What.SUSPEND, reason="<b>audit</b>", by=rachid)
    page = signed_in(omar).get(reverse("partners")).content.decode()
    assert "Waiting for a second person" in page
    assert "&lt;b&gt;audit&lt;/b&gt;" in page
    assert "1 of these handed over as files" in page
    roster.decline_change("washington", by=omar)
    assert "Waiting for a second person" not in signed_in(omar).get(reverse("partners")).content.decode()


def test_a_report_in_doubt_shows_that_and_no_word_of_its_content(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    Report.objects.filter(pk=row.pk).update(state=State.DOUBTED)
    page = signed_in(alice).get(reverse("report", args=[row.uid])).content.decode()
    assert "In doubt" in page
    assert content.text not in page
    assert "Belkadi" not in page


def test_consent_pass_on_and_recall_by_the_pages(alice: User, omar: User, washington: Counterpart) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    row, content = held(washington)
    writer, head = signed_in(alice), signed_in(omar)
    asked = {"recipient": "paris", "purpose": "investigation", "reason": "They search the yard."}
    assert writer.post(reverse("ask-consent", args=[row.uid]), asked).status_code == 302
    consent = Consent.objects.get()
    token = washington.consent(content, "rabat", "paris", id=str(consent.pk))
    washington.fetch()
    washington.send(
        washington.message(Type.CONSENT, ConsentBody(str(consent.pk), True, "Same case.", token), agreement="")
    )
    assert "Propose to pass it on to paris" in writer.get(reverse("report", args=[row.uid])).content.decode()
    assert "Same case." in writer.get(reverse("consents")).content.decode()
    preview = writer.get(reverse("preview", args=[row.uid]), {"to": "paris"}).content.decode()
    assert "The bytes are those that" in preview
    assert writer.post(reverse("pass-on", args=[row.uid, "propose"]), {"recipient": "paris"}).status_code == 302
    assert str(row.uid) in head.get(reverse("desk")).content.decode()
    assert "Pass it on" in head.get(reverse("report", args=[row.uid])).content.decode()
    assert head.post(reverse("pass-on", args=[row.uid, "release"])).status_code == 302
    assert [one.type for one in paris.fetch()] == [Type.RELAY]
    assert head.post(reverse("hold", args=[row.uid, "lay"]), {"reason": "The appeal."}).status_code == 302
    assert "Under legal hold" in writer.get(reverse("report", args=[row.uid])).content.decode()
    assert head.post(reverse("hold", args=[row.uid, "lift"]), {"reason": "Over."}).status_code == 302


def test_a_question_of_consent_is_answered_and_a_restriction_made_by_the_pages(
    alice: User, omar: User, washington: Counterpart
) -> None:
    Counterpart.introduced("paris", "FR", head=omar)
    row = released(alice, omar, "washington")
    washington.fetch()
    number = str(uuid4())
    body = ConsentRequestBody(number, str(row.uid), 1, "paris", Purpose.INVESTIGATION, "They search <b>the yard</b>.")
    washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    writer, head = signed_in(alice), signed_in(omar)
    page = head.get(reverse("desk")).content.decode()
    assert "washington asks to pass version 1 on to paris" in page
    assert "<b>the yard</b>" not in page
    given = {"deed": "grant", "reason": "Same case."}
    assert writer.post(reverse("answer-consent", args=[number]), given).status_code == 403
    assert head.post(reverse("answer-consent", args=[number]), given).status_code == 302
    assert "Revoke the consent" in head.get(reverse("report", args=[row.uid])).content.decode()
    narrow = {"tlp": "TLP:AMBER+STRICT", "codes": ["H0", "H1"], "purposes": ["investigation"], "reason": "court"}
    assert head.post(reverse("restrict", args=[row.uid]), narrow).status_code == 302
    page = head.get(reverse("report", args=[row.uid])).content.decode()
    assert "Restricted by omar: court" in page
    assert "has not confirmed yet" in page
    assert head.post(reverse("restrict", args=[row.uid]), narrow | {"tlp": "TLP:CLEAR"}).status_code == 403


def test_a_flag_is_shown_until_somebody_has_seen_it(alice: User, washington: Counterpart) -> None:
    row, content = held(washington)
    own = drafted(alice, "washington", built_on=[row])
    held(washington, report=content.report, version=2, title="Corrected")
    client = signed_in(alice)
    assert "was corrected" in client.get(reverse("desk")).content.decode()
    assert "I have seen it" in client.get(reverse("report", args=[own.uid])).content.decode()
    assert client.post(reverse("see-flag", args=[own.uid, Flag.objects.get().pk])).status_code == 302
    assert "I have seen it" not in client.get(reverse("report", args=[own.uid])).content.decode()


def test_consents_about_reports_beyond_the_clearance_are_not_listed(
    alice: User, omar: User, nadia: User, washington: Counterpart
) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    row, _ = held(washington)
    asked = {"recipient": "paris", "purpose": "investigation", "reason": "They search the yard."}
    signed_in(alice).post(reverse("ask-consent", args=[row.uid]), asked)
    assert "They search the yard." in signed_in(alice).get(reverse("consents")).content.decode()
    assert "They search the yard." not in signed_in(nadia).get(reverse("consents")).content.decode()


def test_who_is_not_signed_in_sees_no_rooms_on_an_unknown_address(node: object) -> None:
    answer = Client().get("/nowhere/")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is no page at this address" in page
    assert 'class="rail"' not in page


@pytest.mark.parametrize("language", ["en", "de", "fr", "ar"])
def test_no_date_can_be_read_with_its_day_and_month_exchanged(language: str) -> None:
    with override(language):
        for form in ("SHORT_DATE_FORMAT", "SHORT_DATETIME_FORMAT", "DATETIME_FORMAT"):
            second_of_march = date_format(datetime(2026, 3, 2, 9, 5, tzinfo=UTC), form)
            day, month = (second_of_march.find(one) for one in ("2", "3"))
            assert month == -1 or 0 <= day < month, second_of_march


def test_the_acts_of_the_log_are_named_in_the_readers_language(salma: User) -> None:
    client = signed_in(salma)
    client.cookies["django_language"] = "de"
    page = client.get(reverse("log")).content.decode()
    assert "Verwaltung" in page
    assert ">administration<" not in page


def test_a_value_without_a_letter_of_its_language_keeps_the_direction_of_its_signs() -> None:
    assert 'dir="auto">-7.1<' in foreign("-7.1", "ar")
    assert 'dir="ltr">DGST<' in foreign("DGST", "ar")
    assert 'dir="rtl">DGST: تقرير<' in foreign("DGST: تقرير", "ar")


def test_a_recalled_report_keeps_its_title_at_the_originator(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    recalls.recall_report(row.uid, reason="the source has been withdrawn", by=omar)
    page = signed_in(alice).get(reverse("report", args=[row.uid])).content.decode()
    assert "Meeting in Rabat</bdi></h1>" in page
    assert "The content is gone" not in page


@pytest.mark.parametrize("name", ["ask", "blind"])
def test_only_partners_under_an_agreement_are_offered_to_be_asked(
    alice: User, omar: User, washington: Counterpart, name: str
) -> None:
    Counterpart.introduced("paris", "FR", head=omar)
    page = signed_in(alice).get(reverse(name)).content.decode()
    assert 'value="washington"' in page
    assert 'value="paris"' not in page
