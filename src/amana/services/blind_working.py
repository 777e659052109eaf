"""What the worker does of blind comparisons: it answers partners' rounds, asks for silent subjects, reads answers.

Invariant: each round is answered once and read once, whatever breaks off in between: a row says where it stands, and
what was computed before it was claimed is thrown away. A key answers with the filter's version that was sent before.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amana.domain.agreement import Terms
from amana.domain.errors import AmanaError
from amana.domain.form import Json
from amana.exchange.protocol import BlindAnswerBody, Type
from amana.matching import blind, keys
from amana.matching.blind.scope import Scope, Side
from amana.records.models import BlindQuestion, BlindRound, BlindScope, Entity, Partner
from amana.services.agreements import terms_of
from amana.services.blind_asking import batches_of, make_question, post_rounds
from amana.services.blind_scopes import bring_up, key_of, own_scope, partners_filter, post_filter, scope_of
from amana.services.blind_subjects import (
    Asked,
    comparable_reports,
    held_subjects,
    holding_tokens,
    question_keys,
    stamp_of,
)
from amana.services.journal import Act, record
from amana.services.keys import own_node
from amana.services.posting import Entry, Post, lock_partner, write_letter
from amana.services.standing_orders import read_orders

AT_ONCE = 20


def work_blindly(*, at: datetime) -> int:
    """Answer and read what waits; returns how many rounds. Safe to break off.

    The rounds of a partner whose link is closed wait until it opens again.
    """
    waiting = Q(
        ours=False,
        state=BlindRound.State.ASKED,
        partner__state=Partner.State.CONFIRMED,
        partner__restored_at__isnull=True,
    )
    answered = Q(ours=True, state=BlindRound.State.ANSWERED)
    refused = Q(ours=True, state=BlindRound.State.REFUSED, question__state=BlindQuestion.State.ASKED)
    if not BlindRound.objects.filter(waiting | answered | refused).exists():  # as in most rounds of the worker
        return 0
    done = 0
    for row in _some(waiting):
        done += _answer(row, at=at)
    for row in _some(answered):
        done += _read(row, at=at)
    for row in _some(refused):
        done += _finish(row, at=at)
    return done


def _some(which: Q) -> list[BlindRound]:
    rows = BlindRound.objects.filter(which).select_related("agreement", "partner", "question")
    return list(rows.order_by("pk")[:AT_ONCE])


def _answer(round_: BlindRound, *, at: datetime) -> bool:
    """Answer one round of a partner's, with the filter before it where that is new."""
    terms, scope = terms_of(round_.agreement), scope_of(round_, holder=own_node())
    row, body = None, _refusal(scope, round_.round, round_.code)
    if round_.form is not None:
        try:
            row = _prepared(scope, round_.partner, terms)
            body = _evaluated(row, scope, round_.form)
        except AmanaError as error:
            row, body = None, _refusal(scope, round_.round, error.code)
    with transaction.atomic():
        partner = lock_partner(round_.partner_id)
        try:
            read_orders().require_open(partner.node)
        except AmanaError as error:
            row, body = None, _refusal(scope, round_.round, error.code)
        changed = BlindRound.objects.filter(pk=round_.pk, state=BlindRound.State.ASKED).update(
            state=BlindRound.State.REFUSED if body.refused else BlindRound.State.DONE, code=body.refused, form=None
        )
        if not changed:
            return False
        post, by = Post(), f"node:{own_node()}"
        if row is not None:
            post_filter(post, row, partner, by=by, at=at)
        details = [("round", round_.round), ("elements", str(round_.size)), ("refused", body.refused)]
        entry = Entry(Act.DISCLOSURE, "blind-answered", f"blind:{scope.epoch}", by, str(scope.purpose), details)
        post.take(write_letter(partner, Type.BLIND_ANSWER, body, agreement=scope.agreement, at=at), entry)
        if row is not None and scope.side is Side.HOLDINGS:
            _ask_for_silent(post, round_, partner, scope, terms, at=at)
        post.send()
    return True


def _refusal(scope: Scope, name: str, code: str) -> BlindAnswerBody:
    return BlindAnswerBody(scope.to_json(), name, 0, "", "", code)


def _prepared(scope: Scope, partner: Partner, terms: Terms) -> BlindScope:
    """The scope's row, its filter brought up to our holdings of now; a filter of questions is as it was published."""
    with transaction.atomic():
        row = own_scope(scope, partner)
    if scope.side is Side.QUESTIONS:
        return row
    reports = comparable_reports(terms, scope)
    stamp = stamp_of(reports)
    if row.stamp != stamp:
        before = row.version
        subjects = (subject for _, subject in held_subjects(reports, silent=False))
        bring_up(row, holding_tokens(subjects, scope, terms), stamp=stamp)
        fields = ("version", "bucket", "stamp", "real", "padding", "held")
        BlindScope.objects.filter(pk=row.pk, version=before).update(**{name: getattr(row, name) for name in fields})
    return row


def _evaluated(row: BlindScope, scope: Scope, form: dict[str, Json]) -> BlindAnswerBody:
    ask = blind.rounds.Ask.from_json({name: form[name] for name in ("scope", "round", "elements")})
    found = blind.holder.answer(key_of(row), scope, ask, row.version)
    evaluated, proof = (b64encode(part).decode() for part in (found.evaluated, found.proof))
    return BlindAnswerBody(scope.to_json(), found.round, found.version, evaluated, proof)


def _ask_for_silent(
    post: Post, round_: BlindRound, partner: Partner, asked: Scope, terms: Terms, *, at: datetime
) -> None:
    """Ask back, always, whether the partner's questions hold a subject of ours that is silent."""
    scope = Scope(asked.agreement, asked.purpose, asked.epoch, partner.node, Side.QUESTIONS)
    held = dict(held_subjects(comparable_reports(terms, asked), silent=True))
    labels = dict(Entity.objects.filter(pk__in=held).values_list("pk", "caption"))
    subjects = [Asked(labels[key], subject, "", key) for key, subject in sorted(held.items())]
    question = make_question(
        subjects,
        partner,
        scope,
        terms,
        case=round_.case,
        ground="silent",
        by=f"node:{own_node()}",
        at=at,
        automatic=True,
    )
    if question is not None:
        post_rounds(post, question, partner, scope, terms, at=at)


def _read(round_: BlindRound, *, at: datetime) -> bool:
    """Read one answer: which of our tokens hit, once proof and canaries hold."""
    question, terms = round_.question, terms_of(round_.agreement)
    if question is None:
        return False
    scope, code, hits = scope_of(round_, holder=round_.partner_id), "", frozenset[bytes]()
    try:
        hits = _hits(round_, question, scope, terms)
    except AmanaError as error:
        code = error.code
    with transaction.atomic():
        row = BlindQuestion.objects.select_for_update(no_key=True).get(pk=question.pk)
        state = BlindRound.State.REFUSED if code else BlindRound.State.DONE
        mine = BlindRound.objects.filter(pk=round_.pk, state=BlindRound.State.ANSWERED)
        if not mine.update(state=state, code=code, form=None):
            return False
        found = question_keys([Asked.from_json(one) for one in row.subjects], scope, terms)
        for result, one in zip(row.results, found, strict=True):
            kinds = {str(token.kind) for token in one.tokens if token.data in hits}
            result["kinds"] = sorted({*result["kinds"], *kinds})
        row.save(update_fields=["results"])
        _close(row, code)
        record(
            Act.COMBINATION,
            "blind-answer-read",
            f"blind:{row.id}",
            by=f"node:{own_node()}",
            reason=str(scope.purpose),
            details=[("partner", round_.partner_id), ("round", round_.round), ("refused", code)],
            at=at,
        )
    return True


def _hits(round_: BlindRound, question: BlindQuestion, scope: Scope, terms: Terms) -> frozenset[bytes]:
    batch = next((one for one in batches_of(question, scope, terms) if one.ask.round == round_.round), None)
    form = {name: value for name, value in (round_.form or {}).items() if name != "refused"}
    answer = blind.rounds.Answer.from_json(form)
    published = partners_filter(scope, answer.version)
    if batch is None or published is None:
        raise blind.asker.RoundDiffers
    return batch.read(answer, published)


@transaction.atomic
def _finish(round_: BlindRound, *, at: datetime) -> bool:
    """Close a question one of whose rounds the partner refused."""
    row = BlindQuestion.objects.select_for_update(no_key=True).get(rounds=round_)
    _close(row, round_.code)
    return row.state != BlindQuestion.State.ASKED


def _close(row: BlindQuestion, code: str) -> None:
    """End a question whose rounds have all come to an end: grades are given, the secret goes."""
    open_states = [BlindRound.State.ASKED, BlindRound.State.ANSWERED]
    row.code = row.code or code
    if not row.rounds.filter(state__in=open_states).exists():
        refused = row.rounds.filter(state=BlindRound.State.REFUSED).exists()
        for result in row.results:
            result["grade"] = str(_grade(result["kinds"])) if result["kinds"] or not refused else ""
        row.state = BlindQuestion.State.REFUSED if refused else BlindQuestion.State.ANSWERED
        row.secret = None
    row.save(update_fields=["results", "code", "state", "secret"])


def _grade(kinds: Iterable[str]) -> keys.Grade:
    return keys.grade(keys.Token(keys.TokenKind(kind), b"") for kind in kinds)
