"""Messages that are well made and break a rule: the agreement, and answers to what this node never said."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from amana.domain.agreement import Terms
from amana.domain.report import Kind
from amana.domain.times import cut
from amana.exchange.canonical import encode
from amana.exchange.envelope import sign
from amana.exchange.keys import SigningKey
from amana.exchange.protocol import (
    AcceptanceBody,
    CertificateBody,
    Effect,
    ProposalBody,
    ReceiptBody,
    Step,
    Type,
    sign_terms,
)
from amana.exchange.terms import TERMS_TYPE
from amana.records.models import Agreement, Certificate, Message
from amana.services.agreements import terms_of
from amana.services.keys import secrets
from tests.faults.forging import Forged, Forger, b64, flipped, forges

_PERMITTED = "receive-not-permitted"


def _category(bob: Forger, category: str | None, grounds: str = "") -> bytes:
    form = bob.form()
    form["body"]["content"]["entities"][0] |= {"category": category, "grounds": grounds}
    return bob.wrapped(form)


@forges("a kind of report that the agreement does not cover", 7)
def _kinds(bob: Forger) -> Iterator[Forged]:
    for kind in sorted(set(Kind) - {Kind.INFORMATION}):
        yield Forged(kind, bob.wrapped(bob.content(kind=str(kind))), _PERMITTED)


@forges("a marking that the agreement does not cover", 4)
def _markings(bob: Forger) -> Iterator[Forged]:
    for codes in (["H0"], ["H0", "H1"], [], ["H2"]):
        yield Forged(f"red with {codes}", bob.wrapped(bob.handling(tlp="TLP:RED", codes=codes)), _PERMITTED)


@forges("a report that is not releasable to us", 10)
def _releasable(bob: Forger) -> Iterator[Forged]:
    for names in (
        [],
        ["third"],
        ["washington"],
        ["Rabat"],
        ["rabat "],
        ["paris", "third"],
        ["*"],
        ["rabat2"],
        ["ALL"],
        [""],
    ):
        yield Forged(f"{names}", bob.wrapped(bob.handling(releasable_to=names)), _PERMITTED)


@forges("a purpose that the agreement does not cover", 10)
def _purposes(bob: Forger) -> Iterator[Forged]:
    lists: tuple[list[str], ...] = (
        [],
        ["prosecution"],
        ["public-security"],
        ["prevention"],
        ["detection"],
        ["investigation", "prosecution"],
    )
    more = (["investigation", "public-security"], ["detection", "investigation"], ["investigation", "prevention"])
    for names in (*lists, *more, ["detection", "investigation", "prevention", "prosecution", "public-security"]):
        yield Forged(f"{names}", bob.wrapped(bob.handling(purposes=names)), _PERMITTED)


@forges("a crime area that the agreement does not cover", 13)
def _areas(bob: Forger) -> Iterator[Forged]:
    others = [
        "arms-trafficking",
        "corruption",
        "cybercrime",
        "document-fraud",
        "human-trafficking",
        "migrant-smuggling",
        "money-laundering",
    ]
    others += ["organised-crime", "terrorist-financing", "violent-extremism"]
    for names in ([], *([one] for one in others), ["corruption", "drug-trafficking"], ["cybercrime", "terrorism"]):
        yield Forged(f"{names}", bob.wrapped(bob.content(crime_areas=names)), _PERMITTED)


@forges("people of a category that the agreement does not cover", 8)
def _categories(bob: Forger) -> Iterator[Forged]:
    for category in ("contact", "official", "informant", "other", "convicted"):
        yield Forged(category, _category(bob, category), _PERMITTED)
    for grounds in ("threats", "a letter", "a witness"):
        yield Forged(f"about to offend: {grounds}", _category(bob, "about-to-offend", grounds), _PERMITTED)


@forges("people whose content never leaves", 4)
def _hit_only(bob: Forger) -> Iterator[Forged]:
    for category in ("witness", "victim"):
        for grounds in ("", "with grounds"):
            yield Forged(category, _category(bob, category, grounds), _PERMITTED)


@forges("people without a category", 4)
def _no_category(bob: Forger) -> Iterator[Forged]:
    """Nobody has said what they are: such a report cannot even be agreed on."""
    for grounds in ("", "x"):
        yield Forged("unknown", _category(bob, "unknown", grounds), _PERMITTED)
    for grounds in ("", "x"):
        yield Forged("none, which would be kept as unknown", _category(bob, None, grounds), "protocol-body-not-exact")


@forges("kept for longer than agreed", 10)
def _retention(bob: Forger) -> Iterator[Forged]:
    today = timezone.now().date()
    for days in (367, 370, 400, 1_000, 1_095, 3_650, 36_500, 365_000):
        yield Forged(
            f"{days} days", bob.wrapped(bob.handling(erase_by=(today + timedelta(days=days)).isoformat())), _PERMITTED
        )
    yield Forged("for ever", bob.wrapped(bob.handling(erase_by=None)), _PERMITTED)
    yield Forged("to the last day there is", bob.wrapped(bob.handling(erase_by="9999-12-31")), _PERMITTED)


@forges("under an agreement that is not the one in force", 12)
def _other_agreement(bob: Forger) -> Iterator[Forged]:
    earlier = Agreement.objects.filter(partner_id="washington").order_by("in_force_at")[0]
    charlies = Agreement.objects.filter(partner_id="third")[0]
    for number in (str(earlier.pk), str(charlies.pk), str(uuid4()), "00000000-0000-0000-0000-000000000000"):
        for _ in range(3):
            yield Forged(number, bob.wrapped(bob.form(agreement=number)), _PERMITTED)


@forges("when no agreement is in force", 6)
def _none_in_force(bob: Forger) -> Iterator[Forged]:
    rows = Agreement.objects.filter(partner_id="washington", state="in-force")
    kept = list(rows.values_list("pk", flat=True))
    for state in ("ended", "declined", "proposed"):
        Agreement.objects.filter(pk__in=kept).update(state=state)
        for _ in range(2):
            yield Forged(state, bob.wrapped(bob.form()), "agreement-none")
    Agreement.objects.filter(pk__in=kept).update(state="in-force")


@forges("a report that lacks what every report needs", 8)
def _incomplete(bob: Forger) -> Iterator[Forged]:
    for title in ("", " ", "\n\t"):
        yield Forged(f"title {title!r}", bob.wrapped(bob.content(title=title)), "report-incomplete")
    for codes in (["H3"], ["H0", "H3"], ["H0", "H1", "H2", "H3"]):
        yield Forged(f"{codes} without a caveat", bob.wrapped(bob.handling(codes=codes)), "report-incomplete")
    for text in ("", "  "):
        yield Forged(
            "neither text nor statements", bob.wrapped(bob.content(text=text, statements=[])), "report-incomplete"
        )


def _receipt(bob: Forger, **fields: object) -> bytes:
    made: dict[str, Any] = {"message": "0" * 64, "step": Step.READ, "at": cut(timezone.now()), "note": ""}
    return bob.message(Type.RECEIPT, ReceiptBody(**(made | fields)))


@forges("a receipt for what did not go to Bob", 24)
def _receipts(bob: Forger) -> Iterator[Forged]:
    to_charlie = Message.objects.filter(partner_id="third", direction="out").order_by("seq")[0].hash
    from_bob = Message.objects.filter(partner_id="washington", direction="in").order_by("seq")[0].hash
    to_bob = Message.objects.filter(partner_id="washington", direction="out").order_by("seq")[0].hash
    steps = [step for step in Step if step not in (Step.RECEIVED, Step.PASSED_ON)]
    for digest in (to_charlie, from_bob, "0" * 64, "f" * 64):
        for step in steps:
            yield Forged(f"{step} of {digest[:8]}", _receipt(bob, message=digest, step=step), "receipt-unexpected")
    for number in range(4):
        data = _receipt(bob, message=to_bob, step=Step.RECEIVED, note=str(number))
        yield Forged("received, which only the answer at once says", data, "receipt-unexpected")


def _certificate(bob: Forger, **fields: object) -> bytes:
    made: dict[str, Any] = {
        "report": str(uuid4()), "versions": (1,), "recall": "0" * 64, "effect": Effect.WITHDRAWN,
        "at": cut(timezone.now()),
        "withdrawn_statements": 1, "key_destroyed": True, "drafts_stopped": 0, "passed_on": (), "log_index": 1,
    }  # fmt: skip
    return bob.message(Type.CERTIFICATE, CertificateBody(**(made | fields)))


@forges("a certificate for a recall that never was", 36)
def _certificates(bob: Forger) -> Iterator[Forged]:
    to_bob = Message.objects.filter(partner_id="washington", direction="out").order_by("seq")[0].hash
    to_charlie = Message.objects.filter(partner_id="third", direction="out", type="recall").order_by("seq")[0].hash
    from_bob = Message.objects.filter(partner_id="washington", direction="in").order_by("seq")[0].hash
    for digest in (to_bob, to_charlie, from_bob, "0" * 64, "f" * 64, bob.bob.prev):
        for effect in Effect:
            data = _certificate(bob, recall=digest, effect=effect, reason="court order")
            yield Forged(f"{effect} of {digest[:8]}", data, "certificate-unexpected")
        yield Forged(
            "for another report", _certificate(bob, recall=digest, passed_on=("third",)), "certificate-unexpected"
        )


@forges("a certificate for another report than was recalled", 15)
def _other_certificates(bob: Forger) -> Iterator[Forged]:
    """The recall is real and waits for its certificate, which must not speak of something else."""
    recall = Certificate.objects.get(partner_id="washington", effect="")
    assert recall.message is not None
    ours, digest = str(recall.recall.report_uid), recall.message.hash
    for effect in Effect:
        more: dict[str, Any] = {"recall": digest, "effect": effect, "reason": "court order"}
        yield Forged(f"{effect}, another report", _certificate(bob, **more), "certificate-unexpected")
        for versions in ((2,), (1, 2)):
            data = _certificate(bob, report=ours, versions=versions, **more)
            yield Forged(f"{effect}, versions {versions}", data, "certificate-unexpected")


@forges("a certificate out of form", 12)
def _certificate_forms(bob: Forger) -> Iterator[Forged]:
    good = CertificateBody(
        str(uuid4()), (1,), "0" * 64, Effect.WITHDRAWN, cut(timezone.now()), 1, True, 0, (), 1
    ).to_json()
    changes: list[dict[str, object]] = [
        {"effect": "gone"},
        {"effect": "kept-legal-hold"},
        {"versions": []},
        {"versions": [2, 1]},
    ]
    changes += [
        {"versions": [0]},
        {"versions": [1, 1]},
        {"recall": "0" * 63},
        {"key_destroyed": 1},
        {"withdrawn_statements": -1},
    ]
    changes += [{"log_root": "xyz"}, {"report": "1"}, {"passed_on": "third"}]
    for change in changes:
        yield Forged(f"{change}", bob.wrapped(bob.small(type="certificate", body=good | change)), "form-malformed")


@forges("a recall out of form", 14)
def _recall_forms(bob: Forger) -> Iterator[Forged]:
    good = bob.small()["body"]
    changes: list[dict[str, object]] = [
        {"versions": value} for value in ([], [0], [2, 1], [1, 1], ["1"], [True], 1, None, [-1])
    ]
    changes += [{"report": ""}, {"report": "1"}, {"report": None}, {"reason": None}, {"reason": "x" * 10_001}]
    for change in changes:
        yield Forged(f"{str(change)[:40]}", bob.wrapped(bob.small(body=good | change)), "form-malformed")


def _terms(bob: Forger, **fields: object) -> Terms:
    """The terms in force with Bob under another number."""
    row = Agreement.objects.filter(partner_id="washington", state="in-force").order_by("-in_force_at")[0]
    return replace(terms_of(row), **({"id": str(uuid4())} | fields))  # type: ignore[arg-type]  # names fields of Terms


def _proposal(bob: Forger, terms: Terms, signature: str) -> bytes:
    return bob.message(Type.PROPOSAL, ProposalBody(terms, signature))


@forges("terms between other parties", 8)
def _parties(bob: Forger) -> Iterator[Forged]:
    key = bob.bob.secrets.signing
    for pair in (("paris", "washington"), ("paris", "rabat"), ("rabat", "third"), ("third", "washington")):
        for _ in range(2):
            terms = _terms(bob, parties=pair)
            yield Forged(f"{pair}", _proposal(bob, terms, sign_terms(terms, key)), "agreement-foreign")


@forges("terms whose signature does not hold", 22)
def _terms_signed(bob: Forger) -> Iterator[Forged]:
    held = bob.bob.secrets
    assert held.root is not None
    keys: tuple[SigningKey, ...] = (bob.charlie.secrets.signing, held.root, held.checkpoint, secrets().signing)
    for key in keys:
        terms = _terms(bob)
        yield Forged("another signer", _proposal(bob, terms, sign_terms(terms, key)), "envelope-unknown-key")
    for change in ({"retention_days": 3_000}, {"match_budget": 9}, {"overseers": ("x",)}, {"strictest": "TLP:RED"}):
        terms = _terms(bob)
        other = replace(terms, **change)
        yield Forged(
            f"signed over {change}", _proposal(bob, terms, sign_terms(other, held.signing)), "protocol-terms-differ"
        )
    for number in range(8):
        terms = _terms(bob)
        head, body, signature = sign_terms(terms, held.signing).encode().split(b".")
        bent = b64(flipped(_raw(signature), number * 60 + 1))
        yield Forged(
            "a bit turned", _proposal(bob, terms, b".".join((head, body, bent)).decode()), "envelope-signature"
        )
    for text in ("", "x", "a.b.c", "."):
        yield Forged(f"“{text}”", _proposal(bob, _terms(bob), text), "envelope-form")
    for typ in ("amana-card+json", "amana-message+json"):
        terms = _terms(bob)
        yield Forged(typ, _proposal(bob, terms, sign(terms.to_json(), held.signing, typ).decode()), "envelope-typ")


def _raw(text: bytes) -> bytes:
    return urlsafe_b64decode(text + b"==")


@forges("terms out of form", 26)
def _terms_forms(bob: Forger) -> Iterator[Forged]:
    good = json.loads(encode(_terms(bob).to_json()))
    changes: list[dict[str, object]] = [
        {"id": value} for value in ("", "1", "x" * 36, "no-uuid", None, good["id"].upper())
    ]
    changes += [{"parties": value} for value in (["rabat"], ["washington", "rabat"], ["rabat", "rabat"], [], None)]
    changes += [{"retention_days": value} for value in (0, -1, 3_654, "1", None)]
    changes += [{"clocks": value} for value in ({}, None, {"urgent_direct": 0, "urgent": 1, "other": 1})]
    changes += [
        {"purposes": ["war"]},
        {"kinds": ["telegram"]},
        {"strictest": "RED"},
        {"categories": ["minor"]},
        {"crime_areas": ["x"]},
    ]
    changes += [{"overseers": [1]}, {"match_budget": -1}]
    for change in changes:
        terms = good | change
        signature = sign(terms, bob.bob.secrets.signing, TERMS_TYPE).decode()
        body = {"terms": terms, "signature": signature}
        form = bob.small(type="agreement-proposal", body=body)
        yield Forged(f"{str(change)[:50]}", bob.wrapped(form), "form-malformed")


@forges("terms proposed again", 6)
def _terms_taken(bob: Forger) -> Iterator[Forged]:
    for row in Agreement.objects.order_by("proposed_at")[:3]:
        for days in (10, 3_000):
            terms = _terms(bob, id=str(row.pk), retention_days=days)
            yield Forged(
                f"{row.state} {days}",
                _proposal(bob, terms, sign_terms(terms, bob.bob.secrets.signing)),
                "agreement-taken",
            )


def _acceptance(bob: Forger, agreement: str, signature: str) -> bytes:
    return bob.message(Type.ACCEPTANCE, AcceptanceBody(agreement, signature))


@forges("an acceptance of what was not proposed", 10)
def _acceptances(bob: Forger) -> Iterator[Forged]:
    signing = bob.bob.secrets.signing
    charlies = Agreement.objects.filter(partner_id="third")[0]
    for number in (str(uuid4()), str(charlies.pk), "00000000-0000-0000-0000-000000000000"):
        for _ in range(2):
            data = _acceptance(bob, number, sign_terms(_terms(bob, id=number), signing))
            yield Forged(number, data, "agreement-unknown")
    in_force = Agreement.objects.filter(partner_id="washington", state="in-force")
    for row in in_force.order_by("proposed_at")[:2]:
        for _ in range(2):
            data = _acceptance(bob, str(row.pk), sign_terms(terms_of(row), signing))
            yield Forged("in force already", data, "agreement-not-open")


@forges("an acceptance of other terms", 12)
def _acceptance_signed(bob: Forger) -> Iterator[Forged]:
    """Our proposal is open; Bob answers with better terms, with another's signature, or with ours."""
    row = Agreement.objects.get(partner_id="washington", state="proposed", proposed_here=True)
    terms, held = terms_of(row), bob.bob.secrets
    for change in ({"retention_days": 3_000}, {"match_budget": 99}, {"overseers": ("x",)}, {"id": str(uuid4())}):
        other = replace(terms, **change)
        yield Forged(
            f"{change}", _acceptance(bob, str(row.pk), sign_terms(other, held.signing)), "protocol-terms-differ"
        )
    for key in (bob.charlie.secrets.signing, secrets().signing, held.checkpoint):
        yield Forged("another signer", _acceptance(bob, str(row.pk), sign_terms(terms, key)), "envelope-unknown-key")
    yield Forged("our own signature", _acceptance(bob, str(row.pk), row.our_signature), "envelope-unknown-key")
    good = sign_terms(terms, held.signing)
    for bent, code in (
        (good[:-4], "envelope-form"),
        ("", "envelope-form"),
        (good + "A", "envelope-form"),
        ("." + good, "envelope-form"),
    ):
        yield Forged("cut", _acceptance(bob, str(row.pk), bent), code)


@forges("a proposal accepted by the one who made it", 4)
def _self_accepted(bob: Forger) -> Iterator[Forged]:
    """Bob proposes and then accepts by himself: only a head of ours may do that."""
    signing = bob.bob.secrets.signing
    for _ in range(4):
        terms = _terms(bob)
        bob.bob.send_bytes([_proposal(bob, terms, sign_terms(terms, signing))])
        bob.catch_up()
        yield Forged("his own", _acceptance(bob, terms.id, sign_terms(terms, signing)), "agreement-not-open")
