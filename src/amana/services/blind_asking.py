"""Asking a partner blindly: one officer, a purpose, a case and a legal ground; no content leaves.

Invariant: what leaves is blinded elements of a fixed size and a filter of our questions; the secret that made them
stays here until the answer is read, and goes then. A subject without a birth date or number is not asked about, and the
officer is told why.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from secrets import token_bytes
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.agreement import Terms
from amana.domain.errors import BadInput, gettext_noop
from amana.domain.handling import Purpose
from amana.exchange.protocol import BlindAskBody, Type
from amana.matching import blind
from amana.matching.blind.scope import Scope, Side
from amana.records.models import BlindQuestion, BlindRound, BlindScope, Partner, User
from amana.services.agreements import agreement_in_force, terms_of
from amana.services.blind_scopes import bring_up, columns_of, own_scope, post_filter, scope_for
from amana.services.blind_subjects import Asked, holding_tokens, question_keys, reasons_json
from amana.services.journal import Act
from amana.services.keys import own_node
from amana.services.posting import Entry, Post, lock_partner, write_letter
from amana.services.rights import Deed, require
from amana.services.standing_orders import read_orders

MOST_SUBJECTS = 1_000


class BlindGroundMissing(BadInput):
    """A blind question has no case or no legal ground."""

    code = "blind-ground-missing"
    sentence = gettext_noop("Name the case and the legal ground for asking: the partner and the overseer read both.")


class BlindNothingToAsk(BadInput):
    """No subject of the question can be compared blindly."""

    code = "blind-nothing-to-ask"
    sentence = gettext_noop(
        "Nothing of this can be asked blindly: each subject needs a name with a birth date, or a number such as a "
        "passport, phone, IBAN, IMO number or container."
    )


@transaction.atomic
def ask_blindly(
    asked: Sequence[Asked], *, partner: str, purpose: Purpose, case: str, ground: str, by: User
) -> BlindQuestion:
    """Ask a partner whether it holds these subjects; the answer is read by the worker when it comes.

    Raises BlindGroundMissing, BlindNothingToAsk, BlindNotPermitted, NoAgreement, PartnerStopped, NodeStopped and what
    `lock_partner` raises.
    """
    require(by, Deed.WRITE)
    if not case.strip() or not ground.strip():
        raise BlindGroundMissing
    now = timezone.now()
    row = lock_partner(partner)
    read_orders().require_open(partner)
    terms = terms_of(agreement_in_force(row, at=now))
    scope = scope_for(terms, holder=partner, purpose=purpose, side=Side.HOLDINGS, at=now)
    question = make_question(asked[:MOST_SUBJECTS], row, scope, terms, case=case, ground=ground, by=by.username, at=now)
    if question is None:
        raise BlindNothingToAsk
    post = Post()
    publish_questions(post, row, scope, terms, by=by.username, at=now)
    post_rounds(post, question, row, scope, terms, at=now)
    post.send()
    return question


def make_question(
    asked: Sequence[Asked],
    partner: Partner,
    scope: Scope,
    terms: Terms,
    *,
    case: str,
    ground: str,
    by: str,
    at: datetime,
    automatic: bool = False,
) -> BlindQuestion | None:
    """Write a question down; None where none of its subjects gives a token and it is not `automatic`."""
    keys = question_keys(asked, scope, terms)
    if not automatic and not any(one.tokens for one in keys):
        return None
    return BlindQuestion.objects.create(
        id=uuid4(),
        partner=partner,
        case=case,
        ground=ground,
        subjects=[one.to_json() for one in asked],
        results=[{"grade": "", "kinds": [], "because": reasons_json(one.because)} for one in keys],
        secret=token_bytes(32),
        automatic=automatic,
        by=by,
        at=at,
        **columns_of(scope),
    )


def tokens_of(question: BlindQuestion, scope: Scope, terms: Terms) -> list[bytes]:
    """The tokens of a question; one that nobody can hold where it has none, so that asking says nothing."""
    keys = question_keys([Asked.from_json(one) for one in question.subjects], scope, terms)
    tokens = list(dict.fromkeys(token.data for one in keys for token in one.tokens))
    return tokens or [scope.tag() + bytes(question.secret or b"")]


def batches_of(question: BlindQuestion, scope: Scope, terms: Terms) -> tuple[blind.asker.Batch, ...]:
    """The rounds of a question, the same bytes each time they are made."""
    if question.secret is None:
        return ()
    return blind.asker.Question(scope, tuple(tokens_of(question, scope, terms)), bytes(question.secret)).batches()


def post_rounds(
    post: Post, question: BlindQuestion, partner: Partner, scope: Scope, terms: Terms, *, at: datetime
) -> None:
    """Give a question's rounds to the post; the partner's row is locked."""
    for batch in batches_of(question, scope, terms):
        elements = b64encode(batch.ask.elements).decode()
        body = BlindAskBody(scope.to_json(), batch.ask.round, elements, question.case, question.ground)
        details = [("round", batch.ask.round), ("elements", str(batch.ask.size)), ("case", question.case)]
        entry = Entry(
            Act.COMBINATION, "blind-question-sent", f"blind:{question.id}", question.by, str(scope.purpose), details
        )
        post.take(write_letter(partner, Type.BLIND_ASK, body, agreement=scope.agreement, at=at), entry)
        BlindRound.objects.create(
            partner=partner,
            ours=True,
            question=question,
            round=batch.ask.round,
            case=question.case,
            ground=question.ground,
            size=batch.ask.size,
            at=at,
            **columns_of(scope),
        )


def publish_questions(post: Post, partner: Partner, asked: Scope, terms: Terms, *, by: str, at: datetime) -> None:
    """Let the partner compare what it holds silently with what we ask in this epoch; the row is locked."""
    scope = Scope(asked.agreement, asked.purpose, asked.epoch, own_node(), Side.QUESTIONS)
    row: BlindScope = own_scope(scope, partner)
    questions = BlindQuestion.objects.filter(automatic=False, **columns_of(asked)).order_by("at", "pk")
    bring_up(row, _asked_tokens(questions, scope, terms), stamp=str(questions.count()))
    post_filter(post, row, partner, by=by, at=at)


def _asked_tokens(questions: Iterable[BlindQuestion], scope: Scope, terms: Terms) -> Iterator[bytes]:
    for question in questions:
        subjects = (Asked.from_json(one).subject for one in question.subjects)
        yield from holding_tokens(subjects, scope, terms)
