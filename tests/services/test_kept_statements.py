"""A statement kept from a recipient is in no byte it receives, nor can it go on by way of another."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse

from amana.domain.handling import Code, Handling, Portion, Purpose
from amana.domain.report import Content, State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.exchange.canonical import encode
from amana.exchange.protocol import ConsentRequestBody, Refused, ReportBody, Type
from amana.exchange.relay import RelayKept
from amana.records.models import Consent, Release, Report, User
from amana.services import comparing, consent_answers, drafting, inferring, onward, releases, reports
from amana.services.contents import content_of
from amana.services.drafting import Revision, Said
from amana.services.evidence import open_evidence
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_consents import granted
from tests.services.test_exchange import drafted, held
from tests.services.test_letters import made
from tests.signing import signed_in

TEXT = "Yassine Berrada met Nadia Tazi. Nadia Tazi drives."


@pytest.fixture
def paris(node: object, omar: User) -> Counterpart:
    """A third node with an agreement of its own with Rabat."""
    return Counterpart.joined("paris", "FR", head=omar)


def kept(*nodes: str, codes: frozenset[Code] = frozenset()) -> Portion:
    return Portion(codes=codes, releasable_to=frozenset(nodes))


def two_people(alice: User, *to: str, own: Portion) -> Report:
    """A draft about two people; the second one's name has a marking of its own."""
    plain = drafted(alice, *to, text=TEXT)
    (first,) = content_of(plain).statements
    second = replace(first, id="s2", entity="e2", value="Nadia Tazi", place=(20, 30), handling=own)
    entities = (*content_of(plain).entities, Entity("e2", "Person", Category.SUSPECT))
    reports.change_draft(plain.uid, entities=entities, statements=(first, second), by=alice)
    plain.refresh_from_db()
    return plain


def let_go(row: Report, alice: User, omar: User) -> None:
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)


def received(partner: Counterpart) -> Content:
    (message,) = partner.fetch()
    assert isinstance(message.body, ReportBody)
    return message.body.content


def test_who_is_not_named_gets_neither_statement_nor_person_nor_passage(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = two_people(alice, "washington", "paris", own=kept("washington", codes=frozenset({Code.H1})))
    let_go(row, alice, omar)
    whole, less = received(washington), received(paris)
    assert [one.value for one in whole.statements] == ["Yassine Berrada", "Nadia Tazi"]
    assert whole.statements[1].handling == kept("washington", codes=frozenset({Code.H1}))
    assert [one.value for one in less.statements] == ["Yassine Berrada"]
    assert [one.id for one in less.entities] == ["e1"]
    assert less.text == "Yassine Berrada met […]. Nadia Tazi drives."
    assert b"washington" not in encode(less.to_json())


def test_what_stays_here_goes_to_nobody(alice: User, omar: User, washington: Counterpart) -> None:
    let_go(two_people(alice, "washington", own=kept()), alice, omar)
    assert len(received(washington).statements) == 1


def test_the_preview_is_what_arrives_and_its_reader_is_told_that_the_words_still_stand(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = two_people(alice, "washington", "paris", own=kept("washington"))
    previews = {one.partner: one for one in releases.preview_release(row.uid, by=alice)}
    ground = inferring.ground_of(row, content_of(row), by=alice)
    hints = {node: {one.code: one.evidence for one in inferring.hints_for(ground, node)} for node in previews}
    assert hints["paris"]["passage-stands"] == ("Nadia Tazi",)
    assert "passage-stands" not in hints["washington"]
    let_go(row, alice, omar)
    for partner in (washington, paris):
        assert encode(received(partner).to_json()) == previews[partner.node].data


def test_a_person_cut_for_one_reader_but_named_in_anothers_statement_is_told(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = two_people(alice, "washington", "paris", own=kept("washington"))
    content = content_of(row)
    note = replace(content.statements[0], id="s3", property="notes", value="Seen with Nadia Tazi.", place=None)
    ground = replace(
        inferring.ground_of(row, content, by=alice), content=replace(content, statements=(*content.statements, note))
    )
    assert "one-of-a-pair" in {one.code for one in inferring.hints_for(ground, "paris")}
    assert "one-of-a-pair" not in {one.code for one in inferring.hints_for(ground, "washington")}


def test_an_own_marking_is_kept_by_a_draft_a_new_version_and_a_comparison(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = two_people(alice, "washington", own=kept("washington"))
    let_go(row, alice, omar)
    again = reports.correct_report(row.uid, reason="more", by=alice)
    said = content_of(again).statements[1]
    assert said.handling == kept("washington")
    laxer = Said(said.value, said.evaluation, said.nature, None)
    drafting.revise_draft(again.uid, Revision(said={"s2": laxer}), by=alice)
    assert content_of(Report.objects.get(pk=again.pk)).statements[1].handling is None
    found = comparing.compare_versions(row.uid, 1, 2, viewpoint=viewpoint_of(alice))
    assert [pair.state for pair in found.statements] == ["same", "changed"]


def test_the_evidence_shows_the_whole_marking(alice: User, washington: Counterpart) -> None:
    row = two_people(alice, "washington", own=kept("washington", codes=frozenset({Code.H2})))
    found = open_evidence(row.uid, "s2", viewpoint=viewpoint_of(alice))
    assert found.portion == kept("washington", codes=frozenset({Code.H2}))
    assert Code.H2 in found.handling.codes
    assert Code.H2 not in open_evidence(row.uid, "s1", viewpoint=viewpoint_of(alice)).handling.codes


def test_a_holder_keeps_the_marking_and_passes_nothing_of_it_on_even_with_consent(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    plain = washington.content()
    row, content = held(washington, statements=tuple(replace(one, handling=kept("rabat")) for one in plain.statements))
    assert content_of(row).statements[0].handling == kept("rabat")
    granted(row, content, washington, "paris", alice)
    with pytest.raises(RelayKept):
        onward.propose_onward(row.uid, "paris", by=alice)
    assert paris.waiting() == 0


@pytest.mark.parametrize("own", [kept("rabat"), None])
def test_a_product_of_what_was_kept_goes_to_no_third_under_a_consent_to_an_older_version(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart, own: Portion | None
) -> None:
    first, content = held(washington)
    granted(first, content, washington, "paris", alice)
    marked = tuple(replace(one, handling=own) for one in content.statements)
    item, _ = held(washington, report=content.report, version=2, statements=marked)
    strict = replace(Handling.from_json(item.handling), releasable_to=frozenset({"paris"}))
    product = drafted(alice, "paris", built_on=[item], handling=strict)
    if own is None:
        assert releases.propose_release(product.uid, by=alice).state == State.AWAITING_RELEASE
    else:
        with pytest.raises(releases.ThirdPartyMaterial):
            releases.propose_release(product.uid, by=alice)


def test_a_correction_that_keeps_more_does_not_follow_to_who_got_the_version_before(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    onward.propose_onward(row.uid, "paris", by=alice)
    onward.release_onward(row.uid, by=omar)
    paris.fetch()
    marked = tuple(replace(one, handling=kept("rabat")) for one in content.statements)
    held(washington, report=content.report, version=2, statements=marked)
    stopped = Release.objects.get(report__version=2, partner="paris")
    assert (stopped.state, stopped.reason) == (Release.State.STOPPED, "relay-kept")
    assert not [one for one in paris.fetch() if one.type is Type.RELAY]


def test_a_manipulated_node_that_passes_it_on_is_refused_at_the_receiver(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    plain = paris.content()
    content = replace(plain, statements=tuple(replace(one, handling=kept("washington")) for one in plain.statements))
    token = paris.consent(content, "washington", "rabat")
    signed = paris.entrusted(content, "washington")
    (answer,) = washington.send(washington.relay(signed, token, agreement=washington.agreement))
    assert isinstance(answer, Refused)
    assert answer.code == "relay-kept"
    assert not Report.objects.filter(originator="paris").exists()


def test_the_originator_grants_no_consent_over_what_it_kept_to_others(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    rows = [two_people(alice, "washington", own=kept(*nodes)) for nodes in (("washington",), ())]
    for row in rows:
        let_go(row, alice, omar)
    washington.fetch()
    for row in rows:
        body = ConsentRequestBody(str(uuid4()), str(row.uid), 1, "paris", Purpose.INVESTIGATION, "They search it.")
        washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    first, second = (Consent.objects.get(report_uid=row.uid) for row in rows)
    with pytest.raises(consent_answers.ConsentKept):
        consent_answers.answer_consent(first.pk, grant=True, reason="Same case.", by=omar)
    consent_answers.answer_consent(first.pk, grant=False, reason="We write to Paris ourselves.", by=omar)
    consent_answers.answer_consent(second.pk, grant=True, reason="The holder never got it.", by=omar)
    second.refresh_from_db()
    assert second.state == Consent.State.GRANTED


@pytest.mark.once
def test_the_letter_holds_what_its_recipient_holds_and_says_what_is_kept_to_it(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = two_people(alice, "washington", "paris", own=kept("washington", codes=frozenset({Code.H1})))
    let_go(row, alice, omar)
    washington.fetch()
    paris.fetch()
    row.refresh_from_db()
    whole, less = (" ".join(" ".join(made(row, alice, "en", "de", node)).split()) for node in ("washington", "paris"))
    assert "This statement is kept to the recipient of this letter" in whole
    assert whole.count("Nadia Tazi") == 3
    assert "kept to the recipient" not in less
    assert less.count("Nadia Tazi") == 1
    assert "washington" not in less


def test_the_pages_show_a_statements_own_marking_wherever_it_stands(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = two_people(alice, "washington", own=kept("washington", codes=frozenset({Code.H1})))
    let_go(row, alice, omar)
    reports.correct_report(row.uid, reason="more", by=alice)
    client, number = signed_in(alice), row.entity_links.get(entity__uid="e2").entity_id
    for address in (
        reverse("report", args=[row.uid]),
        reverse("evidence", args=[row.uid, "s2"]),
        reverse("compare", args=[row.uid]) + "?old=1&new=2",
        reverse("entity", args=[number]),
    ):
        assert "only for washington" in client.get(address).content.decode(), address
    assert "only for washington" not in client.get(reverse("evidence", args=[row.uid, "s1"])).content.decode()


def test_a_new_statement_may_be_born_with_its_own_marking(alice: User, washington: Counterpart) -> None:
    row = drafted(alice, "washington")
    said = Said("1980-05-17", content_of(row).evaluation, Nature.FACT, kept())
    new = drafting.NewStatement(property="birthDate", said=said, entity="e1")
    drafting.revise_draft(row.uid, Revision(added=(new,)), by=alice)
    added: Statement = content_of(Report.objects.get(pk=row.pk)).statements[-1]
    assert added.handling == kept()
