"""Alice asks about her subjects, Bob holds his: from names to grades over the bytes that cross the wire."""

from __future__ import annotations

import rfc8785

from amana.domain.vocabulary import Category
from amana.exchange.canonical import decode
from amana.matching.blind import holder
from amana.matching.blind.asker import Question
from amana.matching.blind.filter import Filter
from amana.matching.blind.rounds import Answer, Ask
from amana.matching.keys import Grade, Subject, TokenKind, grade, holding_keys, question_keys
from tests.matching.blind.cast import ALLOWED, SCOPE, person

BOB_HOLDS = [
    person("رشيد الغالي", "1971-03-19"),
    person("Karim Benslimane", "1980"),
    Subject(None, identifiers=((TokenKind.CONTAINER, "CSQU 305438-3"),)),
    person("Nadia Cherkaoui", "1990-10-10", Category.WITNESS),
]
ALICE_ASKS = {
    "the same day of birth, in another script": person("Rachid EL RHALI", "1971-03-19"),
    "the same year of birth, where Bob knows no day": person("كريم بن سليمان", "1981-04-05"),
    "the same container": Subject(None, identifiers=((TokenKind.CONTAINER, "CSQU3054383"),)),
    "a namesake with another birth date": person("Rachid El Ghali", "1969-08-01"),
    "somebody whom the agreement does not allow": person("Nadia Cherkaoui", "1990-10-10", Category.WITNESS),
    "a name alone": person("Rachid El Ghali", ""),
}


def test_every_subject_gets_its_grade_and_nothing_else_is_said() -> None:
    key = holder.new_key(SCOPE)
    tokens = [one.data for subject in BOB_HOLDS for one in holding_keys(subject, SCOPE, categories=ALLOWED).tokens]
    published = Filter.from_bytes(holder.prepare(key, SCOPE, tokens).publish().to_bytes())

    keys = {what: question_keys(subject, SCOPE, categories=ALLOWED) for what, subject in ALICE_ASKS.items()}
    question = Question.about(SCOPE, [token.data for one in keys.values() for token in one.tokens])
    hits: frozenset[bytes] = frozenset()
    for batch in question.batches():
        asked = Ask.from_json(decode(rfc8785.dumps(batch.ask.to_json())))
        answer = rfc8785.dumps(holder.answer(key, SCOPE, asked, published.version).to_json())
        hits |= batch.read(Answer.from_json(decode(answer)), published)

    grades = {what: grade(token for token in one.tokens if token.data in hits) for what, one in keys.items()}
    assert list(grades.values()) == [
        Grade.ASK,
        Grade.POSSIBLE,
        Grade.ASK,
        Grade.NO_HIT,
        Grade.NO_HIT,
        Grade.NO_HIT,
    ]
    assert all(one.tokens or one.because for one in keys.values())
