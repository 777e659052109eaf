"""Consent on one node: asked and used at a holder, answered at the originator, proved at the recipient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Content, State
from amana.exchange.canonical import encode
from amana.exchange.consent import ConsentExpired, ConsentMissing, ConsentRevoked
from amana.exchange.protocol import (
    Accepted,
    ConsentBody,
    ConsentRequestBody,
    ReceiptBody,
    Refused,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Step,
    Type,
    VoidBody,
    message_hash,
    read_relay,
)
from amana.records.models import Consent, LogEntry, Message, Outbox, Quarantine, Release, Report, User
from amana.services import consent_answers, consents, onward, recalls, releases, reports
from amana.services.agreements import NoAgreement
from amana.services.chain import keys_of
from amana.services.consents import ConsentNotNeeded, ConsentNotOpen, ConsentPurposeMissing
from amana.services.people import viewpoint_of
from amana.services.recalls import ReasonMissing
from amana.services.restrictions import revoke_consent
from amana.services.rights import RoleMissing
from amana.services.third_party import MarkingLaxer
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held, released


@pytest.fixture
def paris(node: object, omar: User) -> Counterpart:
    """A third node with an agreement of its own with Rabat."""
    return Counterpart.joined("paris", "FR", head=omar)


def asked(row: Report, recipient: str, by: User) -> Consent:
    return consents.ask_consent(row.uid, recipient, Purpose.INVESTIGATION, reason="They search the yard.", by=by)


def granted(
    row: Report, content: Content, washington: Counterpart, recipient: str, by: User, **changes: object
) -> Consent:
    """A consent that Rabat asked for and Washington granted by its own signature."""
    consent = asked(row, recipient, by)
    (request,) = washington.fetch()
    assert isinstance(request.body, ConsentRequestBody)
    token = washington.consent(content, "rabat", recipient, id=request.body.consent)
    body = ConsentBody(request.body.consent, True, "Serves the same case.", token)
    (answer,) = washington.send(washington.message(Type.CONSENT, body, agreement=""))
    assert isinstance(answer, Accepted), answer
    consent.refresh_from_db()
    assert consent.state == Consent.State.GRANTED
    return consent


def passed(row: Report, to: str, alice: User, omar: User) -> None:
    onward.propose_onward(row.uid, to, by=alice)
    onward.release_onward(row.uid, by=omar)


# At the holder.
def test_a_holder_asks_the_originator_for_one_item_one_recipient_and_one_purpose(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    asked(row, "paris", alice)
    (request,) = washington.fetch()
    assert isinstance(request.body, ConsentRequestBody)
    assert (request.body.report, request.body.version, request.body.recipient) == (content.report, 1, "paris")
    assert (request.body.purpose, request.body.reason) == (Purpose.INVESTIGATION, "They search the yard.")


def test_a_question_of_consent_needs_a_reason_a_purpose_of_the_marking_and_a_third_node(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, _ = held(washington)
    with pytest.raises(ReasonMissing):
        consents.ask_consent(row.uid, "paris", Purpose.INVESTIGATION, reason=" ", by=alice)
    with pytest.raises(ConsentPurposeMissing):
        consents.ask_consent(row.uid, "paris", Purpose.PROSECUTION, reason="for court", by=alice)
    for back in ("washington", "rabat"):
        with pytest.raises(ConsentNotNeeded):
            consents.ask_consent(row.uid, back, Purpose.INVESTIGATION, reason="why", by=alice)


def test_without_consent_nothing_is_passed_on(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, _ = held(washington)
    with pytest.raises(ConsentMissing):
        onward.propose_onward(row.uid, "paris", by=alice)
    asked(row, "paris", alice)
    with pytest.raises(ConsentMissing):
        onward.preview_onward(row.uid, "paris", by=alice)
    assert paris.waiting() == 0


def test_a_refused_consent_says_why_and_passes_nothing(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, _ = held(washington)
    consent = asked(row, "paris", alice)
    body = ConsentBody(str(consent.pk), False, "The source would be known.")
    washington.send(washington.message(Type.CONSENT, body, agreement=""))
    consent.refresh_from_db()
    assert (consent.state, consent.answer) == (Consent.State.REFUSED, "The source would be known.")
    with pytest.raises(ConsentMissing):
        onward.propose_onward(row.uid, "paris", by=alice)


def test_what_the_preview_shows_is_what_the_third_node_receives_in_the_originators_own_signature(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    preview = onward.preview_onward(row.uid, "paris", by=alice)
    passed(row, "paris", alice, omar)
    (message,) = paris.fetch()
    assert isinstance(message.body, RelayBody)
    proved = read_relay(message.body, relayer="rabat", me="paris", keys_of=keys_of, now=timezone.now())
    assert (proved.message.origin, proved.message.recipients) == ("washington", ("rabat",))
    assert isinstance(proved.message.body, ReportBody)
    assert encode(proved.message.body.content.to_json()) == preview.data == encode(content.to_json())
    assert proved.sha256 == Message.objects.get(report=row, direction="in").hash
    assert proved.content_for("paris") == preview.content
    assert proved.content_for("paris").handling.releasable_to == frozenset({"paris"})


def test_a_second_person_passes_on(alice: User, omar: User, washington: Counterpart, paris: Counterpart) -> None:
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    onward.propose_onward(row.uid, "paris", by=omar)
    with pytest.raises(releases.SecondPersonNeeded):
        onward.release_onward(row.uid, by=omar)
    with pytest.raises(RoleMissing):
        onward.release_onward(row.uid, by=alice)
    assert paris.waiting() == 0


def test_passing_on_stands_in_the_log_and_is_told_to_the_originator(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    consent = granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    assert LogEntry.objects.filter(event__contains='"report-passed-on"').count() == 1
    (told,) = washington.fetch()
    assert isinstance(told.body, ReceiptBody)
    assert (told.body.step, told.body.note) == (Step.PASSED_ON, str(consent.pk))


def test_a_report_is_passed_on_to_one_node_once(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    with pytest.raises(onward.OnwardTwice):
        onward.propose_onward(row.uid, "paris", by=alice)


def test_consent_does_not_replace_the_agreement_with_the_recipient(
    alice: User, omar: User, washington: Counterpart, third: Counterpart
) -> None:
    row, content = held(washington)
    granted(row, content, washington, "third", alice)
    with pytest.raises(NoAgreement):
        onward.propose_onward(row.uid, "third", by=alice)


def test_consent_for_one_node_lets_nothing_go_to_another(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    Counterpart.joined("berlin", "DE", head=omar)
    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    with pytest.raises(ConsentMissing):
        onward.propose_onward(row.uid, "berlin", by=alice)


def test_a_consent_that_expired_before_the_release_passes_nothing(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    consent = granted(row, content, washington, "paris", alice)
    onward.propose_onward(row.uid, "paris", by=alice)
    soon = timezone.now().replace(microsecond=0) + timedelta(seconds=1)
    token = washington.consent(content, "rabat", "paris", id=str(consent.pk), expires=soon)
    Consent.objects.update(token=token)
    with time_machine.travel(soon + timedelta(hours=1)), pytest.raises(ConsentExpired):
        onward.release_onward(row.uid, by=omar)
    assert paris.waiting() == 0


@pytest.mark.parametrize(
    "change",
    [("rabat", "berlin", {}), ("berlin", "paris", {}), ("rabat", "paris", {"version": 7})],
    ids=["recipient", "holder", "version"],
)
def test_a_token_for_another_step_than_was_asked_is_not_kept(
    alice: User, washington: Counterpart, paris: Counterpart, change: tuple[str, str, dict[str, object]]
) -> None:
    row, content = held(washington)
    consent = asked(row, "paris", alice)
    holder, recipient, others = change
    token = washington.consent(content, holder, recipient, id=str(consent.pk), **others)
    body = ConsentBody(str(consent.pk), True, "yes", token)
    (answer,) = washington.send(washington.message(Type.CONSENT, body, agreement=""))
    assert isinstance(answer, Refused)
    assert answer.code == "consent-differs"
    consent.refresh_from_db()
    assert consent.state == Consent.State.ASKED


def test_a_revoked_consent_ends_what_waits_and_certifies_it(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row, content = held(washington)
    consent = granted(row, content, washington, "paris", alice)
    passed(row, "paris", alice, omar)
    washington.fetch()
    body = RestrictionBody(content.report, (1,), "No longer.", consent=str(consent.pk))
    washington.send(washington.message(Type.RESTRICTION, body, agreement=""))
    (void,) = paris.fetch()
    assert isinstance(void.body, VoidBody)
    row.refresh_from_db()
    assert row.state == State.HELD
    with pytest.raises((ConsentMissing, ConsentRevoked)):
        onward.propose_onward(row.uid, "paris", by=alice)


def test_a_product_goes_to_a_third_only_with_the_originators_consent_for_it(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    item, content = held(washington)
    strict = Handling.from_json(item.handling)
    own = drafted(alice, "paris", built_on=[item], handling=replace(strict, releasable_to=frozenset({"paris"})))
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(own.uid, by=alice)
    granted(item, content, washington, "paris", alice)
    releases.propose_release(own.uid, by=alice)
    releases.release_report(own.uid, by=omar)
    (message,) = paris.fetch()
    assert isinstance(message.body, ReportBody)


def test_a_product_of_a_product_needs_the_consent_too(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    item, _ = held(washington)
    between = drafted(alice, "washington", built_on=[item])
    own = drafted(alice, "paris", built_on=[between])
    with pytest.raises(releases.ThirdPartyMaterial):
        releases.propose_release(own.uid, by=alice)


def test_what_goes_back_to_its_originator_needs_no_consent(alice: User, omar: User, washington: Counterpart) -> None:
    item, _ = held(washington)
    own = drafted(alice, "washington", built_on=[item])
    assert releases.propose_release(own.uid, by=alice).state == State.AWAITING_RELEASE


@pytest.mark.parametrize("lax", ["codes", "tlp", "erase_by"])
def test_a_product_carries_on_h2_and_every_other_limit_of_what_it_rests_on(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart, lax: str
) -> None:
    item, content = held(washington)
    granted(item, content, washington, "paris", alice)
    strict = replace(Handling.from_json(item.handling), releasable_to=frozenset({"paris"}))
    assert Code.H2 in strict.codes
    assert strict.erase_by is not None
    laxer = {
        "codes": frozenset({Code.H0}), "tlp": Tlp.GREEN, "erase_by": strict.erase_by + timedelta(days=1)
    }  # fmt: skip
    own = drafted(alice, "paris", built_on=[item], handling=replace(strict, **{lax: laxer[lax]}))  # type: ignore[arg-type]
    with pytest.raises(MarkingLaxer):
        releases.propose_release(own.uid, by=alice)


# At the originator.
def question(washington: Counterpart, row: Report, recipient: str = "paris", **changes: object) -> ConsentRequestBody:
    made = ConsentRequestBody(str(uuid4()), str(row.uid), 1, recipient, Purpose.INVESTIGATION, "They search the yard.")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_the_originators_officer_grants_a_signed_token(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    body = question(washington, row)
    washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    consent = consents.find_consent(body.consent[:8], by=omar)
    assert (consent.state, consent.holder, consent.recipient) == (Consent.State.ASKED, "washington", "paris")
    with pytest.raises(RoleMissing):
        consent_answers.answer_consent(consent.pk, grant=True, reason="yes", by=alice)
    with pytest.raises(ReasonMissing):
        consent_answers.answer_consent(consent.pk, grant=True, reason="", by=omar)
    consent_answers.answer_consent(consent.pk, grant=True, reason="Same case, no other purpose.", by=omar)
    (answer,) = washington.fetch()
    assert isinstance(answer.body, ConsentBody)
    assert answer.body.granted
    with pytest.raises(ConsentNotOpen):
        consent_answers.answer_consent(consent.pk, grant=False, reason="no", by=omar)


def test_consent_is_given_only_to_a_node_that_the_originator_knows(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    body = question(washington, row, "nowhere")
    washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    with pytest.raises(consent_answers.ConsentRecipientUnknown):
        consent_answers.answer_consent(Consent.objects.get().pk, grant=True, reason="yes", by=omar)
    consent_answers.answer_consent(Consent.objects.get().pk, grant=False, reason="unknown node", by=omar)
    assert Consent.objects.get().state == Consent.State.REFUSED


@pytest.mark.parametrize("case", ["another report", "a later version", "for itself", "asked twice"])
def test_a_question_about_what_the_asker_does_not_hold_is_refused(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart, case: str
) -> None:
    row = released(alice, omar, "washington")
    other = released(alice, omar, "paris")
    bodies = {
        "another report": (question(washington, other), "consent-not-held"),
        "a later version": (question(washington, row, version=2), "consent-not-held"),
        "for itself": (question(washington, row, "washington"), "consent-not-needed"),
        "asked twice": (question(washington, row), "consent-taken"),
    }
    body, code = bodies[case]
    answers = washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    if case == "asked twice":
        answers = washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    assert isinstance(answers[0], Refused)
    assert answers[0].code == code


def test_the_use_of_a_consent_is_seen_and_its_end_reaches_the_holder(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    body = question(washington, row)
    washington.send(washington.message(Type.CONSENT_REQUEST, body, agreement=""))
    consent_answers.answer_consent(Consent.objects.get().pk, grant=True, reason="Same case.", by=omar)
    used = ReceiptBody("a" * 64, Step.PASSED_ON, timezone.now().replace(microsecond=0), body.consent)
    washington.send(washington.message(Type.RECEIPT, used, agreement=""))
    assert Consent.objects.get().used_at is not None
    washington.fetch()
    revoke_consent(Consent.objects.get().pk, reason="The case is closed.", by=omar)
    (order,) = washington.fetch()
    assert isinstance(order.body, RestrictionBody)
    assert (order.body.consent, order.body.handling) == (body.consent, None)
    with pytest.raises(ConsentNotOpen):
        revoke_consent(Consent.objects.get().pk, reason="again", by=omar)


# At the recipient: Paris wrote it, Washington holds it and passes it on to Rabat.
def relayed(washington: Counterpart, paris: Counterpart, **changes: object) -> tuple[Content, str, str]:
    """A report of Paris as Washington holds it, and the consent of Paris for Rabat."""
    content = paris.content(**changes)
    return content, paris.entrusted(content, "washington"), paris.consent(content, "washington", "rabat")


def test_a_relayed_report_is_held_under_its_originators_name_and_for_the_consented_purpose_only(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    base = paris.content().handling
    both = replace(base, purposes=frozenset({Purpose.INVESTIGATION, Purpose.PROSECUTION}))
    content, report, token = relayed(washington, paris, handling=both)
    (answer,) = washington.send(washington.relay(report, token, agreement=washington.agreement))
    assert isinstance(answer, Accepted), answer
    row = Report.objects.get(uid=content.report)
    assert (row.originator, row.via, row.state) == ("paris", "washington", State.HELD)
    shown = reports.show_report(row.uid, viewpoint=viewpoint_of(alice))
    assert shown.content is not None
    assert shown.content.text == content.text
    assert shown.content.handling.releasable_to == frozenset({"rabat"})
    assert shown.content.handling.purposes == frozenset({Purpose.INVESTIGATION})
    with pytest.raises(reports.ReportUnknown):
        reports.show_report(row.uid, viewpoint=viewpoint_of(alice, purpose=Purpose.PROSECUTION))


def test_the_originators_signature_survives_every_further_consented_step(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    berlin = Counterpart.joined("berlin", "DE", head=omar)
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    row = Report.objects.get(uid=content.report)
    consent = asked(row, "berlin", alice)
    paris.fetch()
    again = paris.consent(content, "rabat", "berlin", id=str(consent.pk))
    paris.send(paris.message(Type.CONSENT, ConsentBody(str(consent.pk), True, "yes", again), agreement=""))
    passed(row, "berlin", alice, omar)
    (message,) = berlin.fetch()
    assert isinstance(message.body, RelayBody)
    assert message.body.message == report


def forged_by(other: str) -> Callable[[Counterpart, Counterpart, Counterpart, Content], str]:
    def make(washington: Counterpart, paris: Counterpart, berlin: Counterpart, content: Content) -> str:
        signer = {"washington": washington, "berlin": berlin}[other]
        return signer.consent(content, "washington", "rabat", originator="paris")

    return make


Forger = Callable[[Counterpart, Counterpart, Counterpart, Content], str]
TOKENS: dict[str, tuple[Forger, str]] = {
    "no token": (lambda w, p, b, c: "", "consent-missing"),
    "not a token": (lambda w, p, b, c: "a.b.c", "envelope-form"),
    "forged by the relaying node": (forged_by("washington"), "envelope-unknown-key"),
    "forged by a fourth node": (forged_by("berlin"), "envelope-unknown-key"),
    "of another report": (
        lambda w, p, b, c: p.consent(replace(c, report=str(uuid4())), "washington", "rabat"),
        "consent-report",
    ),
    "of later versions only": (
        lambda w, p, b, c: p.consent(c, "washington", "rabat", version=2),
        "consent-report",
    ),
    "for another recipient": (lambda w, p, b, c: p.consent(c, "washington", "berlin"), "consent-recipient"),
    "for another holder": (lambda w, p, b, c: p.consent(c, "berlin", "rabat"), "consent-holder"),
    "for a purpose that the marking does not allow": (
        lambda w, p, b, c: p.consent(c, "washington", "rabat", purpose=Purpose.PROSECUTION),
        "consent-purpose",
    ),
    "in another's name": (
        lambda w, p, b, c: p.consent(c, "washington", "rabat", originator="washington"),
        "consent-originator",
    ),
    "expired": (
        lambda w, p, b, c: p.consent(
            c, "washington", "rabat", expires=timezone.now().replace(microsecond=0) - timedelta(seconds=1)
        ),
        "consent-expired",
    ),
}


@pytest.mark.parametrize("case", TOKENS)
def test_a_manipulated_sender_is_refused_at_the_receiver(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart, case: str
) -> None:
    berlin = Counterpart.joined("berlin", "DE", head=omar)
    content, report, _ = relayed(washington, paris)
    forge, code = TOKENS[case]
    token = forge(washington, paris, berlin, content)
    (answer,) = washington.send(washington.relay(report, token, agreement=washington.agreement))
    assert isinstance(answer, Refused)
    assert answer.code == code
    assert Quarantine.objects.get().code == code
    assert not Report.objects.filter(uid=content.report).exists()


def test_an_altered_inner_message_is_refused(alice: User, washington: Counterpart, paris: Counterpart) -> None:
    content, report, token = relayed(washington, paris)
    head, _, signature = report.split(".")
    other = paris.entrusted(replace(content, text="Karim Belkadi was not seen."), "washington").split(".")[1]
    (answer,) = washington.send(
        washington.relay(".".join((head, other, signature)), token, agreement=washington.agreement)
    )
    assert isinstance(answer, Refused)
    assert answer.code == "envelope-signature"


def test_a_relay_of_a_node_that_nobody_here_knows_is_refused(alice: User, washington: Counterpart) -> None:
    from amana.exchange.identity import new_identity

    stranger = Counterpart(new_identity("stranger", "X", "XX", ("https://127.0.0.1:1",), timezone.now()))
    content = stranger.content()
    token = stranger.consent(content, "washington", "rabat")
    relay = washington.relay(stranger.entrusted(content, "washington"), token, agreement=washington.agreement)
    (answer,) = washington.send(relay)
    assert isinstance(answer, Refused)
    assert answer.code == "relay-originator-unknown"


@pytest.mark.parametrize("case", ["its own", "addressed to us", "another kind", "no agreement named"])
def test_only_what_a_third_signed_for_another_is_relayed(
    alice: User, washington: Counterpart, paris: Counterpart, case: str
) -> None:
    content, report, token = relayed(washington, paris)
    own = washington.content()
    agreement = "" if case == "no agreement named" else washington.agreement
    inner, code = {
        "its own": (washington.entrusted(own, "paris"), "relay-origin"),
        "addressed to us": (paris.entrusted(content, "rabat"), "relay-addressed"),
        "another kind": (
            paris.ordered(Type.CONSENT, ConsentBody(str(uuid4()), False, "no"), "washington"),
            "relay-type",
        ),
        "no agreement named": (report, "receive-not-permitted"),
    }[case]
    (answer,) = washington.send(washington.relay(inner, token, agreement=agreement))
    assert isinstance(answer, Refused)
    assert answer.code == code


def test_the_agreement_with_the_relaying_node_binds_a_relayed_report_too(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    red = replace(paris.content().handling, tlp=Tlp.RED)
    _, report, token = relayed(washington, paris, handling=red)
    (answer,) = washington.send(washington.relay(report, token, agreement=washington.agreement))
    assert isinstance(answer, Refused)
    assert answer.code == "receive-not-permitted"


def test_a_relayed_version_that_was_recalled_here_does_not_come_back(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.exchange.protocol import RecallBody

    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    recall = paris.ordered(Type.RECALL, RecallBody(content.report, (1,), "wrong man"), "washington")
    washington.send(washington.relay(recall))
    assert Report.objects.get(uid=content.report).state == State.WITHDRAWN
    (answer,) = washington.send(washington.relay(report, token, agreement=washington.agreement))
    assert isinstance(answer, Refused)
    assert answer.code == "relay-ended"


def test_the_originators_own_copy_takes_the_place_of_a_relayed_one(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    (answer,) = paris.send(paris.report(content))
    assert isinstance(answer, Accepted), answer
    row = Report.objects.get(uid=content.report)
    assert (row.via, row.state) == ("", State.HELD)
    (again,) = paris.send(paris.report(content))
    assert isinstance(again, Refused)
    assert again.code == "receive-version-taken"


def test_a_restriction_travels_with_the_report_that_it_narrows(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    red = replace(content.handling, releasable_to=frozenset(), codes=content.handling.codes | {Code.H1})
    narrow = paris.ordered(Type.RESTRICTION, RestrictionBody(content.report, (1,), "court", red), "washington")
    washington.send(washington.relay(report, token, restrictions=[narrow], agreement=washington.agreement))
    row = Report.objects.get(uid=content.report)
    assert Code.H1 in Handling.from_json(row.handling).codes
    assert row.restrictions == [narrow]


def test_a_restriction_of_another_report_does_not_travel_with_this_one(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    body = RestrictionBody(str(uuid4()), (1,), "court", replace(content.handling, releasable_to=frozenset()))
    other = paris.ordered(Type.RESTRICTION, body, "washington")
    (answer,) = washington.send(washington.relay(report, token, restrictions=[other], agreement=washington.agreement))
    assert isinstance(answer, Refused)
    assert answer.code == "relay-restriction"


def test_a_revocation_takes_a_relayed_report_back_from_its_recipient_only(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    consent = Consent.objects.get()
    body = RestrictionBody(content.report, (1,), "No longer.", consent=str(consent.pk))
    order = paris.ordered(Type.RESTRICTION, body, "washington")
    washington.fetch()
    washington.send(washington.relay(order))
    assert Report.objects.get(uid=content.report).state == State.WITHDRAWN
    (certificate,) = washington.fetch()
    assert certificate.type is Type.CERTIFICATE
    assert certificate.body.to_json()["recall"] == message_hash(order.encode())
    consent.refresh_from_db()
    assert consent.state == Consent.State.REVOKED


def test_reading_a_relayed_report_is_told_to_who_passed_it_on(
    alice: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.services import receipts

    content, report, token = relayed(washington, paris)
    washington.send(washington.relay(report, token, agreement=washington.agreement))
    receipts.tell_step(Report.objects.get(uid=content.report), Step.READ, by=alice)
    (told,) = washington.fetch()
    assert isinstance(told.body, ReceiptBody)
    assert told.body.step is Step.READ
    assert paris.waiting() == 0


def test_release_and_outbox_rows_of_a_recalled_proposal_are_stopped(
    alice: User, omar: User, washington: Counterpart, paris: Counterpart
) -> None:
    from amana.exchange.protocol import RecallBody

    row, content = held(washington)
    granted(row, content, washington, "paris", alice)
    onward.propose_onward(row.uid, "paris", by=alice)
    washington.send(washington.message(Type.RECALL, RecallBody(content.report, (1,), "wrong"), agreement=""))
    assert Release.objects.get().state == Release.State.STOPPED
    with pytest.raises((onward.OnwardNotHeld, releases.NotProposed)):
        onward.release_onward(row.uid, by=omar)
    assert not Outbox.objects.filter(partner_id="paris", state="queued").exists()
    assert recalls.recall_tree(row.uid, by=alice) == []
