"""The other side of a link, played by hand: real keys and messages, no second node's database.

It signs and seals what a partner would send, opens what we send to it, and answers as a partner's door would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Content, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.times import cut
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import Category, CrimeArea
from amana.exchange.envelope import Outer, open_sealed, seal
from amana.exchange.identity import NodeSecrets, fingerprint, new_identity, sealing_key_at, signing_key_at
from amana.exchange.protocol import (
    AcceptanceBody,
    Accepted,
    Answer,
    Body,
    CertificateBody,
    Effect,
    Message,
    Refused,
    RelayBody,
    ReportBody,
    Token,
    Type,
    chain_hash,
    message_hash,
    prepare,
    read_answer,
    read_message,
    sign_answer,
    sign_terms,
    sign_token,
)
from amana.records.models import Outbox, Partner, User
from amana.services.agreements import propose_agreement
from amana.services.delivery import note_answers, take_batch
from amana.services.keys import own_card
from amana.services.people import add_officer
from amana.services.receiving import receive
from amana.services.roster import confirm_partner, introduce_partner
from amana.services.terms import usual_terms


def idris() -> User:
    """Brings partners' cards; the head compares their fingerprints."""
    there = User.objects.filter(username="idris").first()
    return there or add_officer(
        name="idris", password="a-long-passphrase-7", roles=[Role.OPERATOR], clearance=Tlp.GREEN, by="operator"
    )


@dataclass
class Counterpart:
    """A partner's node: its keys, where its side of the link stands, and what it received."""

    secrets: NodeSecrets
    agreement: str = ""
    seq: int = 0
    prev: str = "0" * 64
    got: list[Message] = field(default_factory=list)
    received: dict[str, datetime] = field(default_factory=dict)

    @property
    def node(self) -> str:
        return self.secrets.card.node

    @classmethod
    def introduced(cls, name: str, country: str, *, head: User) -> Counterpart:
        """A partner whose fingerprint was compared."""
        made = new_identity(name, f"Agency of {name}", country, ("https://127.0.0.1:1",), timezone.now())
        introduce_partner(made.card_jws, by=idris())
        confirm_partner(name, fingerprint(made.card.root), by=head)
        return cls(made)

    @classmethod
    def joined(cls, name: str, country: str, *, head: User) -> Counterpart:
        """A partner with an agreement in force, signed on both sides over the real messages."""
        made = cls.introduced(name, country, head=head)
        terms = usual_terms(
            name,
            purposes=frozenset(Purpose),
            crime_areas=frozenset(CrimeArea),
            strictest=Tlp.AMBER_STRICT,
            retention_days=1095,
            valid_days=365,
            overseers=(),
        )
        made.agreement = str(propose_agreement(terms, partner=name, by=head).pk)
        made.fetch()
        signature = sign_terms(terms, made.secrets.signing)
        (answer,) = made.send(made.message(Type.ACCEPTANCE, AcceptanceBody(terms.id, signature), agreement=""))
        assert isinstance(answer, Accepted), answer
        return made

    # What it sends.
    def content(self, **changes: object) -> Content:
        """A report of Bob's about a fictional suspect."""
        today = timezone.now().date()
        evaluation = Evaluation(Source.B, Information.CORROBORATED, today)
        made = Content(
            report=str(uuid4()),
            version=1,
            kind=Kind.INFORMATION,
            title="Container at Tanger Med",
            language="en",
            text="Karim Belkadi was seen at the yard.",
            crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
            handling=Handling(
                tlp=Tlp.AMBER,
                codes=frozenset({Code.H0, Code.H2}),
                releasable_to=frozenset({"rabat"}),
                purposes=frozenset({Purpose.INVESTIGATION}),
                erase_by=today + timedelta(days=300),
            ),
            evaluation=evaluation,
            entities=(Entity("e1", "Person", Category.SUSPECT),),
            statements=(
                Statement("s1", "e1", "Person", "name", "Karim Belkadi", Nature.FACT, evaluation, "en", (0, 13)),
            ),
            originals=(),
            written=cut(timezone.now()),
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def message(self, kind: Type, body: Body, *, agreement: str | None = None, **changes: object) -> Message:
        """The next message on its link; sending it moves the link."""
        now = cut(timezone.now())
        made = Message(
            ver=1,
            type=kind,
            id=str(uuid4()),
            origin=self.node,
            recipients=("rabat",),
            seq=self.seq + 1,
            prev=self.prev,
            created=now,
            expires=now + timedelta(days=90),
            agreement=self.agreement if agreement is None else agreement,
            body=body,
        )
        return replace(made, **changes)  # type: ignore[arg-type]

    def report(self, content: Content | None = None) -> Message:
        """A report as the next message."""
        return self.message(Type.REPORT, ReportBody(content or self.content()))

    def signed(self, message: Message) -> str:
        """A message as this node signs it: a compact JWS."""
        return prepare(message, self.secrets.signing).decode()

    def entrusted(self, content: Content, to: str) -> str:
        """A report of its own as it signed it for another node than ours, on a link that we do not see."""
        only = replace(content, handling=replace(content.handling, releasable_to=frozenset({to})))
        return self.signed(self.message(Type.REPORT, ReportBody(only), agreement=str(uuid4()), recipients=(to,)))

    def ordered(self, kind: Type, body: Body, to: str) -> str:
        """A recall or restriction as it signed it for another node than ours."""
        return self.signed(self.message(kind, body, agreement="", recipients=(to,)))

    def consent(self, content: Content, holder: str, recipient: str, **changes: object) -> str:
        """Its signed consent that a holder passes its report on."""
        now = cut(timezone.now())
        made = Token(
            id=str(uuid4()),
            originator=self.node,
            holder=holder,
            recipient=recipient,
            report=content.report,
            version=content.version,
            purpose=Purpose.INVESTIGATION,
            granted=now,
            expires=now + timedelta(days=200),
        )
        return sign_token(replace(made, **changes), self.secrets.signing)  # type: ignore[arg-type]

    def relay(self, message: str, token: str = "", *, restrictions: Sequence[str] = (), agreement: str = "") -> Message:
        """What another signed, as the next message on its link; a report names its agreement with us."""
        return self.message(Type.RELAY, RelayBody(message, token, tuple(restrictions)), agreement=agreement)

    def certificate(self, report: str, recall: str, effect: Effect = Effect.WITHDRAWN, **changes: object) -> Message:
        """What it did about an order, by the hash of the originator's signed text."""
        made = CertificateBody(
            report=report,
            versions=(1,),
            recall=recall,
            effect=effect,
            at=cut(timezone.now()),
            withdrawn_statements=1,
            key_destroyed=True,
            drafts_stopped=0,
            passed_on=(),
            log_index=7,
        )
        return self.message(Type.CERTIFICATE, replace(made, **changes), agreement="")  # type: ignore[arg-type]

    def sealed(self, message: Message) -> tuple[bytes, str]:
        """A message as the bytes on the wire, and its hash."""
        jws = prepare(message, self.secrets.signing)
        key = sealing_key_at(own_card(), timezone.now())
        return seal(jws, Outer(1, message.id, message.origin, "rabat", key.kid), key), message_hash(jws)

    def send(self, *messages: Message) -> list[Answer]:
        """Deliver messages to our node and read its signed answers."""
        rows = []
        for message in messages:
            data, digest = self.sealed(message)
            rows.append(data)
            if message.seq == self.seq + 1:
                self.seq, self.prev = message.seq, chain_hash(message, digest)
        return self.send_bytes(rows)

    def send_bytes(self, rows: Sequence[bytes]) -> list[Answer]:
        """Deliver raw bytes as this partner."""
        return [self._read(answer) for answer in receive(rows, by_tls=self.node)]

    def _read(self, answer: bytes) -> Answer:
        return read_answer(answer, lambda kid: signing_key_at(own_card(), kid, timezone.now()))

    # What it receives.
    def fetch(self, *, refuse: str = "") -> list[Message]:
        """Take what waits for it, open and verify it, and answer; with `refuse`, refuse all with that code."""
        taken = take_batch(self.node, batch=100, at=timezone.now())
        opened = [self.open(sealed) for _, sealed in taken]
        rows = zip(taken, opened, strict=True)
        answers = [self.answer(message, row.hash, refuse=refuse) for (row, _), message in rows]
        note_answers(Partner.objects.get(pk=self.node), [row for row, _ in taken], answers, at=timezone.now())
        self.got += opened
        return opened

    def open(self, sealed: bytes) -> Message:
        """Open and verify one sealed message of ours."""
        outer, jws = open_sealed(sealed, self.secrets.sealing_key)
        return read_message(
            jws,
            key_of=lambda kid: signing_key_at(own_card(), kid, timezone.now()),
            me=self.node,
            outer=outer,
            now=timezone.now(),
        )

    def answer(self, message: Message, digest: str, *, refuse: str = "") -> bytes:
        """Its signed answer to a message of ours."""
        now = cut(timezone.now())
        if refuse:
            refused = Refused(message.id, digest, refuse, "No.", now, expected=message.seq + 1)
            return sign_answer(refused, self.secrets.signing)
        self.received[message.id] = now
        accepted = Accepted(message.id, digest, False, 0, 1, "0" * 64, (), now)
        return sign_answer(accepted, self.secrets.signing)

    def waiting(self) -> int:
        """How many messages wait for it."""
        return Outbox.objects.filter(partner_id=self.node, state__in=["queued", "sending"]).count()


def next_year() -> date:
    """A day of erasure within the usual agreement."""
    return timezone.now().date() + timedelta(days=300)
