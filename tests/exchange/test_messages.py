"""Messages: every body is read back; the numbers are those of `read_message`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amana.domain.agreement import Clocks, Terms
from amana.domain.errors import AmanaError
from amana.domain.form import FormMalformed, Json
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Kind, StatementOrphaned
from amana.domain.request import RefusalGround
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.canonical import CanonicalNotCanonical, decode, encode
from amana.exchange.envelope import EnvelopeSignature, UnknownKey, open_sealed, seal, sign
from amana.exchange.identity import sealing_key_at
from amana.exchange.message import MESSAGE_TYPE
from amana.exchange.protocol import (
    ZEROS,
    AcceptanceBody,
    AgreementMissing,
    BlindAnswerBody,
    BlindAskBody,
    BlindFilterBody,
    Body,
    BodyChanged,
    CardBody,
    CertificateBody,
    ConsentBody,
    ConsentRequestBody,
    Effect,
    EnvelopeVersion,
    Message,
    MessageExpired,
    MessageForged,
    MessageFromFuture,
    MessageNotForUs,
    Outer,
    ProposalBody,
    RecallBody,
    ReceiptBody,
    RelayBody,
    ReportBody,
    RestrictionBody,
    Step,
    TermsDiffer,
    Type,
    TypeUnknown,
    VoidBody,
    prepare,
    read_message,
    sign_terms,
    terms_hash,
    verify_terms,
)

from .cast import NOW, alice, bob, changed, charlie, content, key_of, number, outer_for, report_message, sealed_for

ids = st.uuids().map(str)
hashes = st.binary(min_size=32, max_size=32).map(bytes.hex)
instants = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=at.microsecond // 1000 * 1000)
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
notes = st.text("abcé \u0627\n", max_size=20)
counts = st.integers(0, 10_000)
SCOPE: dict[str, Json] = {
    "agreement": "x",
    "purpose": "investigation",
    "epoch": 0,
    "holder": "rabat",
    "side": "holdings",
}
versions = st.sets(st.integers(1, 50), min_size=1, max_size=4).map(lambda found: tuple(sorted(found)))
terms = st.builds(
    Terms,
    id=ids,
    parties=st.just(("rabat", "washington")),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    crime_areas=st.frozensets(st.sampled_from(CrimeArea)),
    categories=st.frozensets(st.sampled_from(Category)),
    kinds=st.frozensets(st.sampled_from(Kind)),
    strictest=st.sampled_from(Tlp),
    refusal_grounds=st.frozensets(st.sampled_from(RefusalGround)),
    clocks=st.builds(Clocks, *[st.integers(1, 8_760)] * 3),
    retention_days=st.integers(1, 3_653),
    match_budget=counts,
    overseers=st.lists(notes, max_size=3).map(tuple),
    valid_from=days,
    valid_until=days,
)
scopes = st.fixed_dictionaries(
    {
        "agreement": ids,
        "purpose": st.just("investigation"),
        "epoch": counts,
        "holder": st.just("rabat"),
        "side": st.sampled_from(["holdings", "questions"]),
    }
)
rows = st.binary(max_size=64).map(lambda data: b64encode(data).decode())
handlings = st.builds(
    Handling,
    tlp=st.sampled_from(Tlp),
    codes=st.frozensets(st.sampled_from(Code)),
    purposes=st.frozensets(st.sampled_from(Purpose)),
    review_by=st.none() | days,
    erase_by=st.none() | days,
)
bodies: dict[Type, st.SearchStrategy[Body]] = {
    Type.REPORT: st.builds(
        lambda title, text: ReportBody(replace(content(), title=title, text=content().text + text)), notes, notes
    ),
    Type.RECALL: st.builds(RecallBody, ids, versions, notes),
    Type.VOID: st.builds(VoidBody, hashes),
    Type.RECEIPT: st.builds(ReceiptBody, hashes, st.sampled_from(Step), instants, notes),
    Type.CERTIFICATE: st.builds(
        CertificateBody,
        report=ids,
        versions=versions,
        recall=hashes,
        effect=st.sampled_from(Effect),
        at=instants,
        withdrawn_statements=counts,
        key_destroyed=st.booleans(),
        drafts_stopped=counts,
        passed_on=st.lists(notes, max_size=3).map(tuple),
        log_index=counts,
        log_size=counts,
        log_root=st.just("") | hashes,
        reason=st.just("The court ordered it."),
        products_flagged=counts,
    ),
    Type.PROPOSAL: st.builds(ProposalBody, terms, notes),
    Type.ACCEPTANCE: st.builds(AcceptanceBody, ids, notes),
    Type.BLIND_FILTER: st.builds(BlindFilterBody, scopes, st.integers(1, 9), st.just(2), st.integers(3, 9), rows),
    Type.BLIND_ASK: st.builds(BlindAskBody, scopes, st.just("a" * 32), rows, st.just("case-7"), st.just("an order")),
    Type.BLIND_ANSWER: st.builds(BlindAnswerBody, scopes, st.just("a" * 32), counts, rows, rows),
    Type.CONSENT_REQUEST: st.builds(
        ConsentRequestBody, ids, ids, st.integers(1, 50), notes, st.sampled_from(Purpose), st.just("A joint team.")
    ),
    Type.CONSENT: st.builds(ConsentBody, ids, st.just(False), notes)
    | st.builds(ConsentBody, ids, st.just(True), notes, st.just("a.b.c")),
    Type.RESTRICTION: st.builds(RestrictionBody, ids, versions, notes, handling=handlings)
    | st.builds(RestrictionBody, ids, versions, notes, consent=ids),
    Type.RELAY: st.builds(RelayBody, notes, notes, st.lists(notes, max_size=3).map(tuple)),
    Type.CARD: st.builds(CardBody, notes),
}
messages = st.sampled_from(Type).flatmap(
    lambda kind: st.builds(
        Message,
        ver=st.just(1),
        type=st.just(kind),
        id=ids,
        origin=st.just("rabat"),
        recipients=st.lists(st.sampled_from(["washington", "thirdnode"]), min_size=1, unique=True).map(tuple),
        seq=st.integers(1, 2**53 - 1),
        prev=hashes,
        created=st.just(NOW),
        expires=instants.filter(lambda at: at > NOW),
        agreement=st.just("") if kind in {Type.PROPOSAL, Type.ACCEPTANCE} else ids,
        body=bodies[kind],
    )
)


def test_every_type_has_a_body() -> None:
    assert set(bodies) == set(Type)


@given(messages)
@settings(max_examples=200, deadline=None)
def test_every_message_is_read_back_from_its_bytes(message: Message) -> None:
    assert Message.from_json(decode(encode(message.to_json()))) == message


def test_a_message_goes_from_alice_to_bob() -> None:
    outer, jws = open_sealed(sealed_for(bob(), report_message()), bob().sealing_key)
    read = read_message(jws, key_of=key_of(alice()), me="washington", outer=outer, now=NOW)
    assert read == report_message()


def test_the_wrong_body_is_not_signed() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        prepare(changed(type=Type.RECALL), alice().signing)


def signed_form(**fields: Json) -> bytes:
    return sign(report_message().to_json() | fields, alice().signing, MESSAGE_TYPE)


def body_with(**fields: Json) -> bytes:
    return signed_form(body={"content": content().to_json() | fields})


def in_another_form() -> bytes:
    """A body that the reader would mend in silence: the property's own form of a name has single blanks."""
    form = content().to_json()
    statement = content().statements[0].to_json() | {"value": "Nadir  Belqasmi"}
    return signed_form(body={"content": form | {"statements": [statement]}})


def read(jws: bytes, **fields: str) -> Message:
    outer = replace(outer_for(bob(), report_message()), **fields)  # type: ignore[arg-type]  # cases name text fields
    return read_message(jws, key_of=key_of(alice()), me="washington", outer=outer, now=NOW)


CASES: list[tuple[int, Callable[[], Message], type[AmanaError]]] = [
    (1, lambda: read(prepare(report_message(), alice().checkpoint)), UnknownKey),
    (1, lambda: read(prepare(report_message(), bob().signing)), UnknownKey),
    (1, lambda: read(prepare(report_message(), alice().signing)[:-86] + b"A" * 86), EnvelopeSignature),
    (2, lambda: read(signed_form(ver=2)), EnvelopeVersion),
    (3, lambda: read(signed_form(type="telegram")), TypeUnknown),
    (4, lambda: read(signed_form(agreement="")), AgreementMissing),
    (5, lambda: read(signed_form(more=1)), FormMalformed),
    (5, lambda: read(signed_form(seq=0)), FormMalformed),
    (5, lambda: read(signed_form(seq=True)), FormMalformed),
    (5, lambda: read(signed_form(prev="0")), FormMalformed),
    (5, lambda: read(signed_form(prev="A" * 64)), FormMalformed),
    (5, lambda: read(signed_form(id=number(7).upper() + "\n")), FormMalformed),
    (5, lambda: read(signed_form(recipients=[])), FormMalformed),
    (5, lambda: read(signed_form(recipients=["washington", "washington"])), FormMalformed),
    (5, lambda: read(signed_form(agreement="handshake")), FormMalformed),
    (5, lambda: read(signed_form(expires="2026-09-24T14:02:00.000Z")), FormMalformed),
    (5, lambda: read(signed_form(body={})), FormMalformed),
    (5, lambda: read(signed_form(body={"content": content().to_json(), "also": 1})), FormMalformed),
    (5, lambda: read(body_with(entities=[])), StatementOrphaned),
    (5, lambda: read(in_another_form()), FormMalformed),
    (6, lambda: read(prepare(report_message(), alice().signing), id=number(8)), MessageForged),
    (6, lambda: read(prepare(report_message(), alice().signing), origin="thirdnode"), MessageForged),
    (7, lambda: read(prepare(report_message(), alice().signing), recipient="thirdnode"), MessageNotForUs),
    (7, lambda: read(prepare(changed(recipients=("thirdnode",)), alice().signing)), MessageNotForUs),
    (8, lambda: read(prepare(changed(created=NOW - timedelta(days=2), expires=NOW), alice().signing)), MessageExpired),
    (9, lambda: read(prepare(changed(created=NOW + timedelta(minutes=6)), alice().signing)), MessageFromFuture),
]


@pytest.mark.parametrize(("check", "make", "error"), CASES)
def test_each_check_of_a_message_refuses_alone(
    check: int, make: Callable[[], Message], error: type[AmanaError]
) -> None:
    with pytest.raises(error) as caught:
        make()
    assert type(caught.value) is error
    assert f"{check}. " in (read_message.__doc__ or "")


def test_a_clock_that_is_five_minutes_ahead_is_borne() -> None:
    message = changed(created=NOW + timedelta(minutes=5))
    assert read(prepare(message, alice().signing)) == message


def test_a_body_that_would_be_kept_otherwise_is_refused() -> None:
    form = ReportBody(content()).to_json()
    assert ReportBody.from_json(form) == ReportBody(content())
    entity = content().entities[0].to_json() | {"category": None}
    with pytest.raises(BodyChanged):
        ReportBody.from_json({"content": content().to_json() | {"entities": [entity]}})


def test_bob_cannot_pass_alices_message_on_to_charlie_as_if_she_had_sent_it() -> None:
    _, jws = open_sealed(sealed_for(bob(), report_message()), bob().sealing_key)
    outer = Outer(1, report_message().id, "rabat", "thirdnode", charlie().sealing.kid)
    repacked = seal(jws, outer, sealing_key_at(charlie().card, NOW))
    opened, inner = open_sealed(repacked, charlie().sealing_key)
    with pytest.raises(MessageNotForUs):
        read_message(inner, key_of=key_of(alice()), me="thirdnode", outer=opened, now=NOW)


def test_charlie_cannot_open_what_was_sealed_to_bob() -> None:
    with pytest.raises(AmanaError):
        open_sealed(sealed_for(bob(), report_message()), charlie().sealing_key)


def test_a_recall_binds_without_an_agreement() -> None:
    body = RecallBody(number(1), (1,), "The source withdrew it.")
    message = changed(type=Type.RECALL, body=body, agreement="")
    assert read(prepare(message, alice().signing)) == message


@pytest.mark.parametrize(
    ("body", "field", "value"),
    [
        (RecallBody(number(1), (1, 2), ""), "versions", []),
        (RecallBody(number(1), (1, 2), ""), "versions", [2, 1]),
        (RecallBody(number(1), (1, 2), ""), "versions", [1, 1]),
        (RecallBody(number(1), (1, 2), ""), "versions", [True]),
        (RecallBody(number(1), (1, 2), ""), "report", "one"),
        (VoidBody(ZEROS), "voids", "0" * 63),
        (ReceiptBody(ZEROS, Step.READ, NOW), "step", "sent"),
        (ReceiptBody(ZEROS, Step.READ, NOW), "at", "2026-09-24"),
        (AcceptanceBody(number(1), "x"), "agreement", ""),
        (BlindFilterBody(SCOPE, 1, 0, 1, "AAAA"), "part", 1),
        (BlindFilterBody(SCOPE, 1, 0, 1, "AAAA"), "scope", {}),
        (BlindAskBody(SCOPE, "a" * 32, "AAAA", "case-7", "an order"), "case", " "),
        (BlindAskBody(SCOPE, "a" * 32, "AAAA", "case-7", "an order"), "ground", ""),
        (BlindAnswerBody(SCOPE, "a" * 32, 1, "AAAA", "AAAA"), "refused", "blind-budget-month"),
        (BlindAnswerBody(SCOPE, "a" * 32, 0, "", "", "blind-budget-month"), "version", 1),
    ],
)
def test_a_body_out_of_form_is_refused(body: Body, field: str, value: Json) -> None:
    form = body.to_json()
    assert type(body).from_json(form) == body
    with pytest.raises(AmanaError):
        type(body).from_json(form | {field: value})
    with pytest.raises(AmanaError):
        type(body).from_json(form | {"more": 1})
    for name in form:
        with pytest.raises(AmanaError):
            type(body).from_json({key: form[key] for key in form if key != name})


def test_who_keeps_something_under_legal_hold_says_why() -> None:
    kept = CertificateBody(number(1), (1,), ZEROS, Effect.LEGAL_HOLD, NOW, 0, False, 0, (), 3)
    with pytest.raises(FormMalformed):
        CertificateBody.from_json(kept.to_json())
    said = replace(kept, reason="Order of the court.")
    assert CertificateBody.from_json(said.to_json()) == said
    for field, value in (("key_destroyed", 1), ("log_root", "abc"), ("effect", "unknown")):
        with pytest.raises(FormMalformed):
            CertificateBody.from_json(said.to_json() | {field: value})


AGREED = Terms(
    id=number(9),
    parties=("rabat", "washington"),
    purposes=frozenset({Purpose.DETECTION}),
    crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
    categories=frozenset({Category.SUSPECT}),
    kinds=frozenset({Kind.INFORMATION}),
    strictest=Tlp.AMBER_STRICT,
    refusal_grounds=frozenset(RefusalGround),
    clocks=Clocks(),
    retention_days=365,
    match_budget=100,
    overseers=("inspectorate",),
    valid_from=date(2026, 1, 1),
    valid_until=date(2027, 1, 1),
)


def test_a_third_person_can_verify_a_countersigned_agreement() -> None:
    proposed, accepted = sign_terms(AGREED, alice().signing), sign_terms(AGREED, bob().signing)
    assert verify_terms(proposed, key_of(alice())) == AGREED
    assert verify_terms(accepted, key_of(bob()), expected=AGREED) == AGREED
    assert terms_hash(AGREED) == terms_hash(verify_terms(accepted.encode(), key_of(bob())))


def test_an_acceptance_of_other_terms_is_refused() -> None:
    other = sign_terms(replace(AGREED, retention_days=3_653), bob().signing)
    with pytest.raises(TermsDiffer):
        verify_terms(other, key_of(bob()), expected=AGREED)
    with pytest.raises(UnknownKey):
        verify_terms(other, key_of(alice()))


def test_terms_that_would_be_kept_otherwise_are_refused() -> None:
    doubled = AGREED.to_json() | {"purposes": ["detection", "detection"]}
    with pytest.raises(FormMalformed):
        verify_terms(sign(doubled, bob().signing, "amana-terms+json"), key_of(bob()))
    with pytest.raises(CanonicalNotCanonical):
        decode(encode(AGREED.to_json()) + b"\n")
