"""Bob in Washington holds, Alice in Rabat asks, Charlie in a third node listens; names and dates are made up."""

from __future__ import annotations

from amana.domain.handling import Purpose
from amana.domain.vocabulary import Category
from amana.matching.blind.asker import Question, stream
from amana.matching.blind.holder import Prepared, new_key, prepare
from amana.matching.blind.scope import Scope
from amana.matching.blind.voprf import SecretKey
from amana.matching.keys import Subject

SCOPE = Scope("agreement-7", Purpose.INVESTIGATION, 3, "washington")
ALLOWED = frozenset({Category.SUSPECT, Category.CONVICTED})


def key(scope: Scope = SCOPE) -> SecretKey:
    return new_key(scope, random=stream(b"bob's key"))


def tokens(*names: str) -> list[bytes]:
    return [SCOPE.tag() + name.encode() for name in names]


def held(*names: str) -> Prepared:
    return prepare(key(), SCOPE, tokens(*names), random=stream(b"bob's padding"))


def question(*names: str) -> Question:
    return Question.about(SCOPE, tokens(*names), random=stream(b"alice's question"))


def person(name: str, born: str, category: Category = Category.SUSPECT) -> Subject:
    return Subject(category, (name,), (born,) if born else ())


def rows_of(data: bytes) -> set[bytes]:
    return {data[at : at + 32] for at in range(0, len(data), 32)}
