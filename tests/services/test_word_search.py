"""The search for words: what it finds is what a reader who looks through every report would find."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps

from amana.domain.folding import fold
from amana.domain.viewpoint import Viewpoint
from amana.records.models import Report, User
from amana.records.queries.reports import search_reports, visible_reports
from amana.services.people import viewpoint_of
from tests.counterpart import Counterpart
from tests.services.test_exchange import drafted, held

TEXTS = (
    "A lorry left the yard. The lorry came back to the Yard at dawn.",
    "Lastwagen verließ den Hof; der Fahrer heißt Jürgen O'Brien-Straße.",
    "غادرت شاحنة الميناء عند الفجر. شوهدت الشاحنة في الساحة.",
    "100 % of the goods, marked A_1 \\ B: 25.000 kg, yardstick",
    "…",
)
ASKED = (
    "lorry", "LORRY yard", "yard", "ard", "yard lorry dawn", "the the", "strasse", "Jurgen", "o'brien", "شاحنه",
    "الشاحنة", "شاحن", "100", "%", "_", "a_1", "\\", "25.000", "submarine", "lorry submarine", "y",
    "' OR 1=1 --", "dawn a lorry",
)  # fmt: skip


def naive(words: str, viewpoint: Viewpoint) -> set[int]:
    """What stands in title, text and values, read one by one."""
    found = set()
    for row in visible_reports(viewpoint=viewpoint):
        whole = fold(" ".join((row.title, row.text, *row.statements.values_list("value", flat=True))))
        if all(word in whole for word in fold(words).split()):
            found.add(row.pk)
    return found


@pytest.fixture
def texts(alice: User, washington: Counterpart) -> User:
    for text in TEXTS:
        drafted(alice, "washington", text=text, statements=(), entities=())
        held(washington, text=text, statements=(), entities=())
    return alice


def found(look: Viewpoint) -> dict[str, set[int]]:
    return {words: {row.pk for row in search_reports(words, viewpoint=look)} for words in ASKED}


def test_a_search_finds_what_a_reader_of_every_report_would(texts: User) -> None:
    look = viewpoint_of(texts)
    assert found(look) == {words: naive(words, look) for words in ASKED}


def test_each_word_of_a_report_is_kept_once(texts: User) -> None:
    for folded in Report.objects.values_list("folded", flat=True):
        assert folded.split() == sorted(set(folded.split()))


def test_reports_of_before_are_found_by_the_same_words(texts: User) -> None:
    look, rows = viewpoint_of(texts), list(Report.objects.order_by("pk"))
    after = [row.folded for row in rows]
    for row in rows:
        said = row.statements.values_list("value", flat=True)
        Report.objects.filter(pk=row.pk).update(folded=fold(" ".join((row.title, row.text, *said))))
    before = found(look)
    import_module("amana.records.migrations.0011_less_to_read").keep_each_once(apps, None)
    assert [row.folded for row in Report.objects.order_by("pk")] == after
    assert found(look) == before
