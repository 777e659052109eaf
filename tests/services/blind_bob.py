"""Bob's side of a blind comparison, played by hand: his key, his filter, his answers and his own questions."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils import timezone

from amana.domain.agreement import Terms
from amana.domain.handling import Purpose
from amana.domain.vocabulary import Category
from amana.exchange.protocol import (
    Answer,
    BlindAnswerBody,
    BlindAskBody,
    BlindFilterBody,
    Message,
    Type,
)
from amana.matching import blind, keys
from amana.matching.blind.scope import Scope, Side
from amana.records.models import Agreement
from amana.services.agreements import terms_of
from amana.services.blind_scopes import epoch_at
from amana.services.blind_working import work_blindly
from tests.counterpart import Counterpart

BODIES = (BlindAskBody, BlindAnswerBody, BlindFilterBody)


def person(name: str, born: str = "1980-05-17", category: Category = Category.SUSPECT) -> keys.Subject:
    return keys.Subject(category, (name,), (born,) if born else ())


@dataclass
class BlindBob:
    """What Washington's node would do, with the real functions."""

    node: Counterpart
    seen: list[Message] = field(default_factory=list)

    @property
    def terms(self) -> Terms:
        return terms_of(Agreement.objects.get(pk=self.node.agreement))

    def scope(self, side: Side = Side.HOLDINGS, *, holder: str = "washington") -> Scope:
        epoch = epoch_at(self.terms, timezone.now())
        return Scope(self.terms.id, Purpose.INVESTIGATION, epoch, holder, side)

    def fetch(self) -> list[Message]:
        """The messages of blind comparisons that Rabat sent since."""
        found = [one for one in self.node.fetch() if isinstance(one.body, BODIES)]
        self.seen += found
        return found

    def publish(self, scope: Scope, tokens: Sequence[bytes]) -> tuple[blind.voprf.SecretKey, BlindFilterBody]:
        key = blind.holder.new_key(scope)
        data = blind.holder.prepare(key, scope, tokens).publish().to_bytes()
        return key, BlindFilterBody(scope.to_json(), 1, 0, 1, b64encode(data).decode())

    def held(self, *subjects: keys.Subject) -> list[bytes]:
        found = (keys.holding_keys(one, self.scope(), categories=self.terms.categories) for one in subjects)
        return [token.data for one in found for token in one.tokens]

    def answer(self, ask: BlindAskBody, key: blind.voprf.SecretKey, scope: Scope, version: int = 1) -> BlindAnswerBody:
        given = blind.rounds.Ask(scope, ask.round, b64decode(ask.elements))
        found = blind.holder.answer(key, scope, given, version)
        rows, proof = (b64encode(part).decode() for part in (found.evaluated, found.proof))
        return BlindAnswerBody(scope.to_json(), found.round, version, rows, proof)

    def answer_all(self, *subjects: keys.Subject) -> list[Answer]:
        """Answer every question of Rabat's as the holder of these subjects."""
        asks = [one.body for one in self.fetch() if isinstance(one.body, BlindAskBody)]
        key, published = self.publish(self.scope(), self.held(*subjects))
        receipts = self.send(Type.BLIND_FILTER, published)
        for ask in asks:
            receipts += self.send(Type.BLIND_ANSWER, self.answer(ask, key, self.scope()))
        work_blindly(at=timezone.now())
        return receipts

    def send(self, kind: Type, body: BlindAnswerBody | BlindAskBody | BlindFilterBody) -> list[Answer]:
        return self.node.send(self.node.message(kind, body))

    def question(self, *subjects: keys.Subject) -> blind.asker.Question:
        scope = self.scope(holder="rabat")
        found = (keys.question_keys(one, scope, categories=self.terms.categories) for one in subjects)
        return blind.asker.Question.about(scope, [token.data for one in found for token in one.tokens])

    def ask(self, question: blind.asker.Question, case: str = "case-7") -> list[Answer]:
        """Send a question's rounds, and let Rabat's worker answer."""
        receipts = self.put(question, case)
        work_blindly(at=timezone.now())
        return receipts

    def put(self, question: blind.asker.Question, case: str = "case-7") -> list[Answer]:
        """Send a question's rounds, which then wait at Rabat."""
        receipts: list[Answer] = []
        for batch in question.batches():
            rows = b64encode(batch.ask.elements).decode()
            body = BlindAskBody(batch.ask.scope.to_json(), batch.ask.round, rows, case, "an order of the court")
            receipts += self.send(Type.BLIND_ASK, body)
        return receipts

    def read(self, question: blind.asker.Question) -> tuple[set[bytes], list[str]]:
        """The tokens that hit, by Rabat's answers and filter, and the codes of its refusals."""
        bodies = [one.body for one in self.fetch()]
        pieces = [one for one in bodies if isinstance(one, BlindFilterBody)]
        answers = {one.round: one for one in bodies if isinstance(one, BlindAnswerBody)}
        codes = [one.refused for one in answers.values() if one.refused]
        if not pieces:
            return set(), codes
        published = blind.filter.Filter.from_bytes(b"".join(b64decode(one.data) for one in pieces))
        hits: set[bytes] = set()
        for batch in question.batches():
            form = answers[batch.ask.round].to_json()
            answer = blind.rounds.Answer.from_json({name: form[name] for name in form if name != "refused"})
            hits |= batch.read(answer, published)
        return hits, codes


def tampered(body: BlindAnswerBody) -> BlindAnswerBody:
    """An answer whose first two rows are exchanged, so that its proof holds no more."""
    rows = b64decode(body.evaluated)
    return replace(body, evaluated=b64encode(rows[32:64] + rows[:32] + rows[64:]).decode())
