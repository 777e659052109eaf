"""Late restrictions, legal holds, and what was built on a thing that changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.joint import CaseSheet, Member
from amana.domain.report import Kind, State
from amana.exchange.envelope import unlock
from amana.exchange.protocol import (
    CertificateBody,
    Effect,
    RecallBody,
    ReportBody,
    RestrictionBody,
    Type,
    VoidBody,
)
from amana.records.models import Certificate, Flag, LogEntry, Message, Release, Report, User
from amana.services import holds, products, recalls, releases, reports, restrictions
from amana.services.housekeeping import erase_due
from amana.services.people import viewpoint_of
from amana.services.rights import RoleMissing
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held, released


def narrower(handling: Handling, **changes: object) -> Handling:
    return replace(handling, releasable_to=frozenset(), **changes)  # type: ignore[arg-type]


def restricted(washington: Counterpart, row: Report, **changes: object) -> CertificateBody:
    """Washington restricts what Rabat holds; Rabat's certificate."""
    handling = narrower(Handling.from_json(row.handling), **changes)
    body = RestrictionBody(str(row.uid), (row.version,), "The court asks it.", handling)
    washington.send(washington.message(Type.RESTRICTION, body, agreement=""))
    row.refresh_from_db()
    certificate = washington.fetch()[-1].body
    assert isinstance(certificate, CertificateBody)
    return certificate


def recalled(washington: Counterpart, row: Report, reason: str = "withdrawn") -> CertificateBody:
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (row.version,), reason), agreement=""))
    row.refresh_from_db()
    certificate = washington.fetch()[-1].body
    assert isinstance(certificate, CertificateBody)
    return certificate


# At the holder.
def test_a_late_restriction_is_in_force_at_the_holder_on_receipt(alice: User, washington: Counterpart) -> None:
    base = washington.content().handling
    row, _ = held(washington, handling=replace(base, purposes=frozenset({Purpose.INVESTIGATION, Purpose.DETECTION})))
    reading = viewpoint_of(alice, purpose=Purpose.INVESTIGATION)
    assert reports.list_reports(viewpoint=reading, words="belkadi")
    certificate = restricted(washington, row, purposes=frozenset({Purpose.DETECTION}))
    assert (certificate.effect, certificate.versions) == (Effect.RESTRICTED, (1,))
    assert reports.list_reports(viewpoint=reading, words="belkadi") == []
    assert reports.list_reports(viewpoint=viewpoint_of(alice, purpose=Purpose.DETECTION), words="belkadi")


def test_a_stricter_marking_hides_from_lower_clearance_at_once(
    alice: User, nadia: User, washington: Counterpart
) -> None:
    green = replace(washington.content().handling, tlp=Tlp.GREEN)
    row, _ = held(washington, handling=green)
    assert reports.list_reports(viewpoint=viewpoint_of(nadia), words="belkadi")
    restricted(washington, row, tlp=Tlp.AMBER_STRICT)
    assert reports.list_reports(viewpoint=viewpoint_of(nadia), words="belkadi") == []
    assert reports.list_reports(viewpoint=viewpoint_of(alice), words="belkadi")


def test_an_earlier_erasure_day_erases_on_that_day(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    tomorrow = timezone.now().date() + timedelta(days=1)
    restricted(washington, row, erase_by=tomorrow)
    assert row.erase_by == tomorrow
    assert erase_due(at=timezone.now() + timedelta(days=1)) == 1
    row.refresh_from_db()
    assert row.state == State.WITHDRAWN


def test_a_restriction_that_leaves_no_purpose_leaves_nobody_to_read(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    certificate = restricted(washington, row, purposes=frozenset({Purpose.DETECTION}))
    assert certificate.effect is Effect.RESTRICTED
    for purpose in Purpose:
        assert reports.list_reports(viewpoint=viewpoint_of(alice, purpose=purpose), words="belkadi") == []


def test_a_restriction_never_widens_at_the_holder(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    before = Handling.from_json(row.handling)
    restricted(washington, row, tlp=Tlp.CLEAR, codes=frozenset(), purposes=frozenset(Purpose), erase_by=None)
    assert Handling.from_json(row.handling) == before


def test_a_restriction_of_what_another_entrusted_changes_nothing(
    alice: User, omar: User, washington: Counterpart
) -> None:
    paris = Counterpart.joined("paris", "FR", head=omar)
    row, _ = held(washington)
    before = Report.objects.filter(pk=row.pk).values().get()
    certificate = restricted(paris, row, tlp=Tlp.AMBER_STRICT)
    assert certificate.effect is Effect.NOT_HELD
    assert Report.objects.filter(pk=row.pk).values().get() == before


def test_drafts_take_the_stricter_marking_and_what_had_left_is_flagged(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    draft = drafted(alice, "washington", built_on=[row])
    proposed = drafted(alice, "washington", built_on=[row])
    releases.propose_release(proposed.uid, by=alice)
    gone = drafted(alice, "washington", built_on=[row])
    releases.propose_release(gone.uid, by=alice)
    releases.release_report(gone.uid, by=omar)
    washington.fetch()
    independent = drafted(alice, "washington")
    before = independent.handling
    certificate = restricted(washington, row, tlp=Tlp.AMBER_STRICT, codes=frozenset(Code))
    for one in (draft, proposed, gone, independent):
        one.refresh_from_db()
    assert (draft.state, proposed.state, gone.state) == (State.DRAFT, State.DRAFT, State.RELEASED)
    for one in (draft, proposed):
        handling = Handling.from_json(one.handling)
        assert (handling.tlp, handling.codes) == (Tlp.AMBER_STRICT, frozenset(Code))
        assert one.strictness == Tlp.AMBER_STRICT.strictness
    assert Release.objects.get(report=proposed).state == Release.State.STOPPED
    assert certificate.products_flagged == 3
    assert {(flag.report_id, flag.what) for flag in Flag.objects.all()} == {
        (one.pk, "restricted") for one in (draft, proposed, gone)
    }
    assert independent.handling == before


# At the originator.
def test_the_originator_narrows_and_sees_who_confirmed(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    present = Handling.from_json(row.handling)
    restrictions.restrict_report(
        row.uid, replace(present, codes=present.codes | {Code.H1}), reason="The court asks it.", by=omar
    )
    (message,) = washington.fetch()
    assert isinstance(message.body, RestrictionBody)
    assert message.body.handling is not None
    assert message.body.handling.releasable_to == frozenset()
    ((_, (branch,)),) = restrictions.restriction_tree(row.uid, by=alice)
    assert (branch.partner, branch.effect) == ("washington", "")
    digest = Message.objects.get(pk=message.id).hash
    washington.send(washington.certificate(str(row.uid), digest, Effect.RESTRICTED))
    ((_, (branch,)),) = restrictions.restriction_tree(row.uid, by=alice)
    assert branch.effect == "restricted"
    row.refresh_from_db()
    assert Code.H1 in Handling.from_json(row.handling).codes
    assert Handling.from_json(row.handling).releasable_to == present.releasable_to


WIDER: dict[str, Callable[[Handling], Handling]] = {
    "laxer marking": lambda one: replace(one, tlp=Tlp.CLEAR),
    "fewer codes": lambda one: replace(one, codes=frozenset()),
    "more purposes": lambda one: replace(one, purposes=frozenset(Purpose)),
    "later erasure": lambda one: replace(one, erase_by=None),
    "no purpose at all": lambda one: replace(one, purposes=frozenset()),
    "nothing changed": lambda one: one,
}


@pytest.mark.parametrize("case", WIDER)
def test_a_restriction_only_narrows(alice: User, omar: User, washington: Counterpart, case: str) -> None:
    row = released(alice, omar, "washington")
    present = Handling.from_json(row.handling)
    with pytest.raises(restrictions.RestrictionWidens):
        restrictions.restrict_report(row.uid, WIDER[case](present), reason="why", by=omar)


def test_only_the_originator_restricts(alice: User, omar: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    with pytest.raises(reports.ReportNotOurs):
        restrictions.restrict_report(row.uid, Handling.from_json(row.handling), reason="why", by=omar)


# Legal hold.
def test_under_a_legal_hold_a_recalled_report_leaves_use_and_only_its_locked_message_stays(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    holds.hold_report(row.uid, reason="The appeal of 12 May.", by=omar)
    certificate = recalled(washington, row)
    assert (certificate.effect, certificate.reason) == (Effect.LEGAL_HOLD, "The appeal of 12 May.")
    assert (certificate.key_destroyed, certificate.withdrawn_statements) == (False, 1)
    look = viewpoint_of(alice)
    assert reports.list_reports(viewpoint=look, words="belkadi") == []
    assert reports.show_report(row.uid, viewpoint=look).content is None
    message = Message.objects.get(report=row)
    assert message.body is not None
    assert message.body_key is not None
    assert unlock(bytes(message.body_key), bytes(message.body)).count(b".") == 2


def test_lifting_a_hold_destroys_the_key_and_sends_a_fresh_certificate(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    holds.hold_report(row.uid, reason="The appeal.", by=omar)
    first = recalled(washington, row)
    holds.lift_hold(row.uid, reason="The appeal is over.", by=omar)
    assert Message.objects.get(report=row).body_key is None
    (message,) = washington.fetch()
    assert isinstance(message.body, CertificateBody)
    assert (message.body.effect, message.body.recall) == (Effect.WITHDRAWN, first.recall)
    assert message.body.key_destroyed
    with pytest.raises(holds.HoldMissing):
        holds.lift_hold(row.uid, reason="again", by=omar)


def test_a_hold_outlives_a_correction_and_the_erasure_day(alice: User, omar: User, washington: Counterpart) -> None:
    row, content = held(washington)
    holds.hold_report(row.uid, reason="The appeal.", by=omar)
    held(washington, report=content.report, version=2, title="Corrected")
    row.refresh_from_db()
    assert row.state == State.SUPERSEDED
    assert Message.objects.get(report=row).body_key is not None
    erase_due(at=timezone.now() + timedelta(days=400))
    assert Message.objects.get(report=row).body_key is not None
    holds.lift_hold(row.uid, reason="over", by=omar)
    assert not Message.objects.filter(report__isnull=False, body_key__isnull=False).exists()


def test_a_hold_is_a_heads_decision_about_what_others_entrusted(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    with pytest.raises(RoleMissing):
        holds.hold_report(row.uid, reason="why", by=alice)
    with pytest.raises(recalls.ReasonMissing):
        holds.hold_report(row.uid, reason="", by=omar)
    with pytest.raises(holds.HoldOfOurOwn):
        holds.hold_report(drafted(alice, "washington").uid, reason="why", by=omar)
    holds.hold_report(row.uid, reason="why", by=omar)
    with pytest.raises(holds.HoldExists):
        holds.hold_report(row.uid, reason="why", by=omar)


def test_a_hold_cannot_bring_back_what_is_gone(alice: User, omar: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    recalled(washington, row)
    with pytest.raises(holds.HoldTooLate):
        holds.hold_report(row.uid, reason="too late", by=omar)


def test_the_originator_sees_that_a_hold_kept_it_and_when_it_ended(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    washington.fetch()
    recalls.recall_report(row.uid, reason="wrong man", by=omar)
    (message,) = washington.fetch()
    digest = Message.objects.get(pk=message.id).hash
    washington.send(
        washington.certificate(str(row.uid), digest, Effect.LEGAL_HOLD, reason="court", key_destroyed=False)
    )
    assert Certificate.objects.get().effect == "kept-legal-hold"
    assert Certificate.objects.get().details["reason"] == "court"
    washington.send(washington.certificate(str(row.uid), digest))
    assert Certificate.objects.get().effect == "withdrawn"


# Products of what was recalled.
def test_products_of_a_recalled_report_are_stopped_voided_and_flagged(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, _ = held(washington)
    draft = drafted(alice, "washington", built_on=[row])
    second = drafted(alice, "washington", built_on=[draft])
    sent = drafted(alice, "washington", built_on=[row])
    waiting = drafted(alice, "washington", built_on=[row])
    for one in (sent, waiting):
        releases.propose_release(one.uid, by=alice)
        releases.release_report(one.uid, by=omar)
        if one is sent:
            washington.fetch()
    washington.send(washington.message(Type.RECALL, RecallBody(str(row.uid), (1,), "wrong"), agreement=""))
    for one in (draft, second, sent, waiting):
        one.refresh_from_db()
    assert (draft.state, second.state) == (State.STOPPED, State.STOPPED)
    assert (sent.state, waiting.state) == (State.RELEASED, State.RECALLED)
    void, certificate = washington.fetch()
    assert isinstance(void.body, VoidBody)
    assert isinstance(certificate.body, CertificateBody)
    assert (certificate.body.drafts_stopped, certificate.body.products_flagged) == (2, 2)
    (flag,) = products.flags_of(sent)
    assert (flag.what, flag.why, flag.source) == ("recalled", "wrong", "washington")
    products.see_flag(flag.pk, report=sent.uid, by=alice)
    with pytest.raises(products.FlagUnknown):
        products.see_flag(flag.pk, report=sent.uid, by=alice)


def test_a_case_sheet_that_names_a_recalled_report_is_flagged_and_stays(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row, content = held(washington)
    sheet = CaseSheet("case-1", "rabat", (Member("washington", content.report),))
    case = drafted(alice, "washington", kind=Kind.CASE, details=sheet)
    other = drafted(
        alice, "washington", kind=Kind.CASE, details=CaseSheet("case-2", "rabat", (Member("rabat", str(row.uid)),))
    )
    recalled(washington, row)
    case.refresh_from_db()
    assert case.state == State.DRAFT
    assert [flag.report_id for flag in Flag.objects.all()] == [case.pk]
    assert other.state == State.DRAFT


def test_products_of_our_own_recalled_report_are_stopped_and_flagged_too(
    alice: User, omar: User, washington: Counterpart
) -> None:
    base = released(alice, omar, "washington")
    draft = drafted(alice, "washington", built_on=[base])
    product = drafted(alice, "washington", built_on=[base])
    releases.propose_release(product.uid, by=alice)
    releases.release_report(product.uid, by=omar)
    assert [type(message.body) for message in washington.fetch()] == [ReportBody, ReportBody]
    recalls.recall_report(base.uid, reason="wrong man", by=omar)
    draft.refresh_from_db()
    assert draft.state == State.STOPPED
    assert [flag.report_id for flag in Flag.objects.all()] == [product.pk]


def test_a_correction_flags_what_rests_on_the_old_version(alice: User, omar: User, washington: Counterpart) -> None:
    row, content = held(washington)
    draft = drafted(alice, "washington", built_on=[row])
    held(washington, report=content.report, version=2, title="Corrected")
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    (flag,) = products.flags_of(draft)
    assert flag.what == "corrected"
    assert LogEntry.objects.filter(event__contains='"products-flagged"').count() == 1
