"""What is broken off: each operation as one entry, written so that doing it again is what a person or partner would do.

An operation looks first whether it was done; that is what people do when the screen went dark. `done` says that its
effect is there, once. A new way of the protocol gets its operation here, with the fewest points it must have.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Purpose
from amana.domain.report import State
from amana.domain.times import cut
from amana.exchange.envelope import Outer, seal, unlock
from amana.exchange.identity import rotate, save, sealing_key_at
from amana.exchange.parcel import Holds, write_parcel
from amana.exchange.protocol import (
    AcceptanceBody,
    CertificateBody,
    ConsentBody,
    Effect,
    ProposalBody,
    RecallBody,
    ReceiptBody,
    ReportBody,
    Step,
    Type,
    sign_terms,
)
from amana.oversight.checkpoint import LOG_KEY, Checkpoint, VerifierKey, sign
from amana.oversight.merkle import MemoryNodes, consistency_proof, grow, leaf_hash, root
from amana.oversight.witness import write_request
from amana.records.models import (
    Agreement,
    Certificate,
    Consent,
    LogEntry,
    Message,
    Outbox,
    Partner,
    Receipt,
    Report,
    WitnessedOrigin,
)
from amana.records.models import Checkpoint as CheckpointRow
from amana.services import (
    agreements,
    carrying,
    ledger,
    recalls,
    receipts,
    releases,
    reports,
    restoring,
    roster,
    rotation,
)
from amana.services.consent_answers import answer_consent
from amana.services.consents import ask_consent
from amana.services.delivery import deliver_to
from amana.services.housekeeping import erase_due
from amana.services.keys import keys_folder, log_origin, secrets
from amana.services.mending import take_again
from amana.services.node import NodeExists, init_node
from amana.services.witnesses import ask_witnesses, cosign_for_partner
from tests.faults.crash_world import House, question
from tests.services.test_exchange import drafted


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a node does: `fewest` points at which it can die, and how far the clock is moved afterwards.

    One that hands on, takes in, takes back, erases or renews keys is `named`: it dies in every way in `make test` too.
    """

    name: str
    act: Callable[[House], None]
    done: Callable[[House], bool]
    fewest: int
    named: bool = False
    later: timedelta = timedelta(0)
    refusing: bool = False
    fresh: bool = False
    sees: Callable[[str], bool] = lambda _name: True


OPERATIONS: dict[str, Operation] = {}


def operation(
    name: str, done: Callable[[House], bool], fewest: int, **more: object
) -> Callable[[Callable[[House], None]], None]:
    """Enter an operation into the table."""

    def enter(act: Callable[[House], None]) -> None:
        OPERATIONS[name] = Operation(name, act, done, fewest, **more)  # type: ignore[arg-type]  # fields of Operation

    return enter


def _in_state(name: str, state: State) -> Callable[[House], bool]:
    return lambda house: house.report(name).state == state


def _drafts(house: House) -> int:
    return Report.objects.filter(title="Written once").count()


@operation("draft", lambda house: _drafts(house) == 1, 7)
def _draft(house: House) -> None:
    if not _drafts(house):
        drafted(house.alice, "washington", title="Written once")


@operation("change", lambda house: house.report("draft").title == "Changed", 9)
def _change(house: House) -> None:
    if house.report("draft").title != "Changed":
        reports.change_draft(UUID(house.ids["draft"]), title="Changed", by=house.alice)


@operation("propose", _in_state("draft", State.AWAITING_RELEASE), 6)
def _propose(house: House) -> None:
    if house.report("draft").state == State.DRAFT:
        releases.propose_release(UUID(house.ids["draft"]), by=house.alice)


@operation("release", _in_state("proposed", State.RELEASED), 8)
def _release(house: House) -> None:
    if house.report("proposed").state == State.AWAITING_RELEASE:
        releases.release_report(UUID(house.ids["proposed"]), by=house.omar)


def _nothing_waits() -> bool:
    return not Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING]).exists()


def _outbox(house: House, name: str) -> Outbox:
    return Outbox.objects.get(message__report=house.report(name))


def _carried(house: House) -> bool:
    states = {_outbox(house, name).state for name in ("to-carry", "void")}
    return _nothing_waits() and states == {Outbox.State.DELIVERED}


@operation("deliver", _carried, 9, named=True)
def _deliver(house: House) -> None:
    """A report, and the void of one that was recalled before it went."""
    deliver_to("washington", batch=10, at=timezone.now())


def _refused(house: House) -> bool:
    return _nothing_waits() and _outbox(house, "to-carry").state == Outbox.State.REFUSED


@operation("deliver what is refused", _refused, 12, refusing=True)
def _deliver_refused(house: House) -> None:
    deliver_to("washington", batch=10, at=timezone.now())


def _held(house: House, version: int = 1, **more: object) -> int:
    return Report.objects.filter(uid=house.ids["new"], version=version, state=State.HELD, **more).count()


@operation("receive", lambda house: _held(house) == 1, 12, named=True)
def _receive(house: House) -> None:
    house.bob.say("report", Type.REPORT, ReportBody(house.content("new")), agreement=house.ids["agreement"])
    house.bob.push()


def _corrected(house: House) -> bool:
    states = Report.objects.filter(uid=house.ids["held"]).order_by("version").values_list("state", flat=True)
    return list(states) == [State.SUPERSEDED, State.HELD]


@operation("receive a correction", _corrected, 16)
def _receive_correction(house: House) -> None:
    body = ReportBody(house.content("held", version=2, title="Corrected"))
    house.bob.say("correction", Type.REPORT, body, agreement=house.ids["agreement"])
    house.bob.push()


def _batch_received(house: House) -> bool:
    refused = Message.objects.filter(direction="in", report=None, type="report").count()
    return (_held(house), _held(house, 2), refused) == (0, 1, 1)


@operation("receive a batch with a refusal in it", _batch_received, 23)
def _receive_batch(house: House) -> None:
    agreement, content = house.ids["agreement"], house.content("new")
    bodies = {
        "first": content,
        "to nobody": house.content("never", handling=content.for_recipient("nobody").handling),
        "second": house.content("new", version=2),
    }
    for name, one in bodies.items():
        house.bob.say(name, Type.REPORT, ReportBody(one), agreement=agreement)
    house.bob.push()


def _told(name: str, step: Step) -> bool:
    return Receipt.objects.filter(message__report__uid=name, step=step).count() == 1


@operation("receive a receipt", lambda house: _told(house.ids["released"], Step.READ), 10, named=True)
def _receive_receipt(house: House) -> None:
    body = ReceiptBody(house.ids["sent"], Step.READ, cut(timezone.now()))
    house.bob.say("receipt", Type.RECEIPT, body)
    house.bob.push()


@operation("tell a receipt", lambda house: _told(house.ids["held"], Step.TAKEN_UP), 8)
def _tell(house: House) -> None:
    receipts.tell_step(house.report("held"), Step.TAKEN_UP, by=house.alice)


def _certified(house: House, name: str) -> bool:
    rows = Certificate.objects.filter(recall__report_uid=house.ids[name])
    return [row.effect for row in rows] == [Effect.WITHDRAWN] and house.report(name).state == State.RECALLED


@operation("recall", lambda house: _certified(house, "released"), 11, named=True)
def _recall(house: House) -> None:
    if house.report("released").state == State.RELEASED:
        recalls.recall_report(UUID(house.ids["released"]), reason="source withdrawn", by=house.omar)


def _withdrawn(house: House) -> bool:
    told = Message.objects.filter(direction="out", type="certificate", outbox__state=Outbox.State.DELIVERED).count()
    states = house.report("held").state, house.report("built-on").state
    return states == (State.WITHDRAWN, State.STOPPED) and told == 1


@operation("withdraw what Bob recalls", _withdrawn, 19, named=True)
def _withdraw(house: House) -> None:
    house.bob.say("recall", Type.RECALL, RecallBody(house.ids["held"], (1,), "source withdrawn"))
    house.bob.push()


@operation("receive a certificate", lambda house: _certified(house, "recalled"), 9)
def _certificate(house: House) -> None:
    recall = Message.objects.get(certificate__recall__report_uid=house.ids["recalled"]).hash
    body = CertificateBody(
        house.ids["recalled"], (1,), recall, Effect.WITHDRAWN, cut(timezone.now()), 1, True, 0, (), 7
    )
    house.bob.say("certificate", Type.CERTIFICATE, body)
    house.bob.push()


def _in_force(name: str) -> Callable[[House], bool]:
    return lambda house: Agreement.objects.get(pk=house.ids[name]).state == "in-force"


def _consent(house: House, name: str) -> Consent | None:
    return Consent.objects.filter(pk=house.ids[name]).first()


def _consented(name: str) -> Callable[[House], bool]:
    def done(house: House) -> bool:
        found = _consent(house, name)
        return found is not None and found.state == Consent.State.GRANTED and bool(found.token)

    return done


@operation("ask for consent", lambda _house: _questions("rabat") == 2, 8)
def _ask(house: House) -> None:
    """For another reason than what was asked before."""
    if _questions("rabat") == 1:
        ask_consent(UUID(house.ids["held"]), "third", Purpose.INVESTIGATION, reason="same suspect", by=house.alice)


def _questions(holder: str) -> int:
    return Consent.objects.filter(holder=holder).count()


@operation("receive a question of consent", lambda house: _consent(house, "question") is not None, 9)
def _receive_question(house: House) -> None:
    house.bob.say("question", Type.CONSENT_REQUEST, question(house.ids["question"], house.ids["released"]))
    house.bob.push()


@operation("grant a consent", _consented("their-question"), 8, named=True)
def _grant(house: House) -> None:
    asked = _consent(house, "their-question")
    if asked is not None and asked.state == Consent.State.ASKED:
        answer_consent(asked.pk, grant=True, reason="same network", by=house.omar)


@operation("receive a consent", _consented("our-question"), 9)
def _receive_consent(house: House) -> None:
    number, content = house.ids["our-question"], house.content("held")
    token = house.bob.hand.consent(content, "rabat", "third", id=number)
    house.bob.say("consent", Type.CONSENT, ConsentBody(number, granted=True, reason="same network", token=token))
    house.bob.push()


@operation("propose an agreement", lambda house: Agreement.objects.filter(pk=house.ids["third"]).exists(), 7)
def _propose_agreement(house: House) -> None:
    if not Agreement.objects.filter(pk=house.ids["third"]).exists():
        agreements.propose_agreement(house.terms("third"), partner="washington", by=house.omar)


@operation("accept an agreement", _in_force("theirs"), 8)
def _accept(house: House) -> None:
    if Agreement.objects.get(pk=house.ids["theirs"]).state == "proposed":
        agreements.accept_agreement(UUID(house.ids["theirs"]), by=house.omar)


@operation("receive a proposal", lambda house: Agreement.objects.filter(pk=house.ids["fourth"]).exists(), 9)
def _receive_proposal(house: House) -> None:
    terms = house.terms("fourth")
    house.bob.say("proposal", Type.PROPOSAL, ProposalBody(terms, sign_terms(terms, house.bob.hand.secrets.signing)))
    house.bob.push()


@operation("receive an acceptance", _in_force("ours"), 10)
def _receive_acceptance(house: House) -> None:
    terms = agreements.terms_of(Agreement.objects.get(pk=house.ids["ours"]))
    body = AcceptanceBody(terms.id, sign_terms(terms, house.bob.hand.secrets.signing))
    house.bob.say("acceptance", Type.ACCEPTANCE, body)
    house.bob.push()


IN_TWO_DAYS = timedelta(days=2)


def _erased(house: House) -> bool:
    states = house.report("held-to-erase").state, house.report("released-to-erase").state
    return states == (State.WITHDRAWN, State.STOPPED)


@operation("erase", _erased, 14, named=True, later=IN_TWO_DAYS)
def _erase(house: House) -> None:
    erase_due(at=timezone.now() + IN_TWO_DAYS)


@operation(
    "sign and have a head witnessed",
    lambda house: CheckpointRow.objects.filter(cosignatures__isnull=False).exists(),
    16,
)
def _witness(house: House) -> None:
    drafted(house.alice, title="Something to sign over")
    ask_witnesses(house.bob, at=timezone.now())  # type: ignore[arg-type]  # Bob answers as the client does


def _bobs_log(size: int) -> MemoryNodes:
    nodes = MemoryNodes()
    nodes.add(grow(0, [leaf_hash(bytes([number])) for number in range(size)], nodes))
    return nodes


def _their_head() -> tuple[int, int]:
    row = WitnessedOrigin.objects.filter(origin=log_origin("washington")).first()
    return (row.size if row else 0), WitnessedOrigin.objects.count()


@operation("witness a head of Bob's", lambda house: _their_head() == (9, 1), 8)
def _cosign(house: House) -> None:
    """Bob asks from where he was last witnessed, and again from where we say that we stand."""
    key = house.bob.hand.secrets.checkpoint
    origin = VerifierKey(log_origin("washington"), LOG_KEY, key.public.raw)
    for size in (5, 9):
        nodes = _bobs_log(size)
        note = sign(Checkpoint(origin.name, size, root(size, nodes)), origin, key.sign)
        old = _their_head()[0]
        if old < size:
            proof = consistency_proof(old, size, nodes) if old else []
            cosign_for_partner(write_request(old, proof, note), at=timezone.now())


def _waits(node: str) -> bool:
    """Whether a change of that node waits for its second person."""
    return any(change.node == node for change in roster.list_changes())


@operation("renew Bob's card by two officers", lambda house: house.partner().serial == 2, 9)
def _renew_card(house: House) -> None:
    if house.partner().serial == 1:
        if not _waits("washington"):
            roster.introduce_partner(house.ids["card"], by=house.idris)
        roster.confirm_partner("washington", house.partner().fingerprint, by=house.omar)


def _cards_sent() -> int:
    return Message.objects.filter(partner="washington", direction="out", type=Type.CARD).count()


def _new_keys(_house: House) -> bool:
    return secrets().card.serial == 2 and _cards_sent() == 1 and not (keys_folder() / rotation.BESIDE).exists()


@operation("rotate keys by two officers", _new_keys, 40)
def _rotate_by_two(house: House) -> None:
    """What the node does when it starts comes first. Only Bob is told: the third node answers to nobody here."""
    Partner.objects.filter(pk="third").update(state=Partner.State.INTRODUCED)
    rotation.put_next_keys()
    if secrets().card.serial == 1:
        if not _waits("rabat"):
            rotation.propose_rotation(reason="ninety days", by=house.idris)
        rotation.confirm_rotation(by=house.omar)


def _back_and_erased(house: House) -> bool:
    return house.report("held").state == State.WITHDRAWN and house.report("held").text == ""


@operation("erase again after a restore", _back_and_erased, 8)
def _erase_again(house: House) -> None:
    line = ledger.Line("washington", house.ids["held"], 1, State.WITHDRAWN, "2026-01-01T00:00:00.000Z")
    restoring.apply_ledger([line], at=timezone.now())


@operation("take messages in from a file", lambda house: _held(house) == 1, 14)
def _import(house: House) -> None:
    """The stick may be put in as often as one likes, and the line brings the same message once more."""
    house.bob.say("report", Type.REPORT, ReportBody(house.content("new")), agreement=house.ids["agreement"])
    parts = [b64decode(line["data"]) for line in house.bob.all("sent")]
    stick = house.folder.parent / "stick"
    at = timezone.now()
    stick.write_bytes(write_parcel(parts, holds=Holds.MESSAGES, origin="washington", recipient="rabat", at=at))
    carrying.import_parcel(stick, answers=house.folder.parent / "answers", by=house.idris)
    house.bob.push()


def _mended(house: House) -> bool:
    again = [one for one in LogEntry.objects.all() if "report-received-again" in (one.event or "")]
    return len(again) == 1 and Report.objects.filter(uid=house.ids["held"], state=State.HELD).count() == 1


@operation("mend what a disk lost", _mended, 14)
def _mend(house: House) -> None:
    """A report and its message are gone; Bob's node sends the message again until it is back at its place."""
    again = house.folder.parent / "again"
    row = Message.objects.filter(report__uid=house.ids["held"], direction="in").first()
    if not again.exists():
        assert row is not None
        key = sealing_key_at(secrets().card, timezone.now())
        outer = Outer(1, str(row.pk), "washington", "rabat", key.kid)
        jws = unlock(bytes(row.body_key or b""), bytes(row.body or b""))
        again.with_suffix(".part").write_bytes(seal(jws, outer, key))
        again.with_suffix(".part").rename(again)
    if row is not None and not _mended(house):
        with transaction.atomic():
            Report.objects.filter(uid=house.ids["held"]).delete()
            row.delete()
        row = None
    if row is None:
        assert take_again([again.read_bytes()], node="washington", at=timezone.now()) == [""]


@operation("rotate keys", lambda house: secrets().card.serial == 2, 28, named=True)
def _rotate(house: House) -> None:
    if secrets().card.serial == 1:
        save(rotate(secrets(), timezone.now()), keys_folder())


def _made_and_logged(house: House) -> bool:
    entry = LogEntry.objects.order_by("-index").first()
    return secrets().card.node == "rabat" and entry is not None and "node-made" in (entry.event or "")


_MAKING = ("mkdir", "open keys/web-secret", "open node.env", "INSERT records_log", "UPDATE records_log", "end")
_MAKING_KEYS = (
    "open keys/next.part/card",
    "fsync keys/next.part/card",
    "rename keys/next.part",
    "rename keys/next/card",
    "rmdir",
)


def _made(name: str) -> bool:
    """Of making a node, its own steps: the tables are Django's, and `rotate keys` sees how keys change together."""
    return name.startswith(_MAKING + _MAKING_KEYS)


@operation("make a node", _made_and_logged, 12, fresh=True, sees=_made)
def _make(house: House) -> None:
    """Whoever sees nothing of a node asks for one again, and is told where there is one."""
    if not (keys_folder() / "card.jws").exists():
        with suppress(NodeExists):
            init_node(agency="Agency of Rabat", country="MA", name="rabat")
