"""The letter of transmission: two languages, the marking on every page, and nothing in it but text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pypdfium2
import pytest

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.vocabulary import Category
from amana.records.models import LogEntry, Message, Report, User
from amana.services import letters, recalls, releases, reports
from amana.services.letter_pages import Fact, Letter, direction_of, written_out
from amana.services.orders import What
from amana.services.standing_orders import PartnerStopped
from tests.counterpart import Counterpart, next_year
from tests.services.test_composing import view
from tests.services.test_exchange import drafted, held, released
from tests.services.test_orders import order

pytestmark = pytest.mark.once

ARABIC = re.compile("[\u0621-\u064a\ufe70-\ufefc]")


def pages_of(data: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(data)
    return [page.get_textpage().get_text_range() for page in document]


def made(row: Report, officer: User, own: str = "en", theirs: str = "ar", partner: str = "washington") -> list[str]:
    shown = reports.show_report(row.uid, viewpoint=view(officer))
    data = letters.write_transmission(shown, partner, own=own, theirs=theirs, viewpoint=view(officer))
    return pages_of(data)


@pytest.mark.parametrize(("own", "theirs"), [("en", "ar"), ("ar", "fr"), ("de", "en"), ("fr", "de"), ("ar", "ar")])
def test_a_letter_in_any_two_languages_has_the_marking_and_number_on_every_page(
    alice: User, omar: User, washington: Counterpart, own: str, theirs: str
) -> None:
    row = released(alice, omar, "washington")
    pages = made(row, alice, own, theirs)
    assert len(pages) >= 3
    for number, text in enumerate(pages, start=1):
        assert text.count("TLP:AMBER ·") == 2
        assert f"{number} / {len(pages)}" in text
        assert f"rabat/{str(row.uid)[:8]}/1" in text


def test_it_names_both_agencies_the_officers_and_the_hashes(alice: User, omar: User, washington: Counterpart) -> None:
    User.objects.filter(pk=omar.pk).update(first_name="Omar", last_name="Kettani")
    row = released(alice, omar, "washington")
    text = re.sub(r"\s+", " ", " ".join(made(row, alice, "en", "de")))
    message = Message.objects.get(report=row)
    assert "Agency of Rabat" in text
    assert "Agency of washington" in text
    assert "alice" in text
    assert "Omar Kettani" in text
    joined = text.replace(" ", "")
    assert message.hash in joined
    assert row.releases.get().preview_sha256 in joined
    assert "Yassine Berrada met an unknown man." in text
    assert "B3" in text


def test_arabic_is_set_with_arabic_letters(alice: User, omar: User, washington: Counterpart) -> None:
    grade = Evaluation(Source.B, Information.CORROBORATED, next_year())
    row = drafted(
        alice,
        "washington",
        title="تقرير أطلس",
        text="عقد اجتماع في الرباط. " * 200,
        language="ar",
        entities=[Entity("e1", "Person", Category.SUSPECT)],
        statements=[Statement("s1", "e1", "Person", "name", "ياسين برادة", Nature.FACT, grade, "ar")],
    )
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    pages = made(row, alice)
    assert sum(len(ARABIC.findall(text)) for text in pages) > 1000
    assert "ياسين برادة" in " ".join(pages)
    assert "عقد اجتماع في الرباط" in re.sub(r"\s+", " ", " ".join(pages))


def test_an_arabic_letter_gives_its_hashes_as_they_are_to_whoever_copies_them(
    alice: User, omar: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    joined = "".join(re.findall("[0-9a-f]{20,}", " ".join(made(row, alice, "ar", "ar"))))
    assert Message.objects.get(report=row).hash in joined
    assert row.releases.get().preview_sha256 in joined


def test_it_names_no_other_recipient(alice: User, omar: User, washington: Counterpart) -> None:
    Counterpart.joined("paris", "FR", head=omar)
    row = released(alice, omar, "paris", "washington")
    assert "paris" not in " ".join(made(row, alice))
    assert "washington" not in " ".join(made(row, alice, partner="paris"))


HOSTILE = (
    "<b>bold</b>",
    "**bold** __line__",
    "{nb}",
    "evil\u202egnp.exe",
    "bell\x07bell",
    "\u2066isolated\u2069",
    "a\u00adb",
    "<script>alert(1)</script>",
    "(text) Tj ET %%EOF",
    "\\",
)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_comes_out_as_text(alice: User, omar: User, washington: Counterpart, name: str) -> None:
    row = drafted(alice, "washington", title=f"X {name} Y", text=f"{name}\n" * 3, statements=[])
    releases.propose_release(row.uid, by=alice)
    releases.release_report(row.uid, by=omar)
    text = " ".join(made(row, alice, "en", "fr"))
    known = frozenset(range(0x20, 0x7F))
    expected = written_out(name, known)
    assert re.sub(r"\s", "", expected) in re.sub(r"\s", "", text)
    assert "\u202e" not in text


def test_signs_that_steer_or_have_no_picture_are_written_out() -> None:
    known = frozenset(map(ord, "ab é"))
    assert written_out("a\u202eb\x00é\u2028\tあ\n", known) == "a[U+202E]b[U+0000]é[U+2028] [U+3042]\n"


@pytest.mark.parametrize(
    ("text", "lang", "way"), [("abc", "", "ltr"), ("12 أ", "", "rtl"), ("abc", "ar", "rtl"), ("12", "und", "ltr")]
)
def test_a_text_has_one_direction(text: str, lang: str, way: str) -> None:
    assert direction_of(text, lang) == way


def test_each_letter_stands_in_the_log(alice: User, omar: User, washington: Counterpart) -> None:
    row = released(alice, omar, "washington")
    made(row, alice, "de", "en")
    event = LogEntry.objects.get(event__contains="letter-made").event or ""
    assert "washington" in event
    assert "de en" in event


def test_only_what_was_released_to_that_partner_has_a_letter(
    alice: User, omar: User, washington: Counterpart, third: Counterpart
) -> None:
    row = drafted(alice, "washington")
    with pytest.raises(letters.LetterUnreleased):
        made(row, alice)
    releases.propose_release(row.uid, by=alice)
    with pytest.raises(letters.LetterUnreleased):
        made(row, alice)
    releases.release_report(row.uid, by=omar)
    with pytest.raises(letters.LetterUnreleased):
        made(row, alice, partner="third")
    with pytest.raises(letters.LetterLanguage):
        made(row, alice, theirs="xx")
    recalls.recall_report(row.uid, reason="wrong", by=omar)
    with pytest.raises(letters.LetterUnreleased):
        made(row, alice)
    assert not LogEntry.objects.filter(event__contains="letter-made").exists()


def test_of_what_others_entrusted_no_letter_is_written(alice: User, washington: Counterpart) -> None:
    row, _ = held(washington)
    with pytest.raises(reports.ReportNotOurs):
        made(row, alice)


def test_without_its_fonts_it_says_who_can_help(
    alice: User, omar: User, washington: Counterpart, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = released(alice, omar, "washington")
    monkeypatch.setattr("amana.services.letters.finders.find", lambda _name: None)
    with pytest.raises(letters.LetterFonts):
        made(row, alice)


def letter_of(*blocks: Fact, own: str = "en", theirs: str = "de") -> bytes:
    from amana.services.letter_pdf import letter_pdf

    at = datetime(2026, 9, 24, tzinfo=UTC)
    return letter_pdf(Letter(own, theirs, "TLP:RED", "TLP:RED", "rabat", "x", "y", at, blocks), letters._fonts())


@pytest.mark.parametrize("sign", ["W", "/", "سبي", "ة"])
def test_a_word_without_end_stays_within_its_column(sign: str) -> None:
    document = pypdfium2.PdfDocument(letter_of(Fact("Label", sign * 400, "Wert")))
    said = document[0].get_textpage()
    boxes = [said.get_charbox(at) for at in range(said.count_chars()) if said.get_text_range(at, 1) in sign]
    assert len(boxes) >= 400
    assert min(left for left, *_ in boxes) > document[0].get_width() * 0.25
    assert max(right for *_, right, _ in boxes) < document[0].get_width() * 0.75


def test_a_letter_can_be_read_aloud_and_kept() -> None:
    data = letter_of(Fact("Label", "قيمة", "Wert"), own="ar")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in data  # ISO 14289-1
    assert b"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance>" in data  # ISO 19005-2


def long_facts() -> Iterator[Fact]:
    for number in range(80):
        yield Fact(f"Label {number}", "A value that is a little longer than one line of its column is. " * 2, "Wert")


def test_a_row_is_not_torn_by_the_end_of_a_page() -> None:
    pages = pages_of(letter_of(*long_facts(), Fact("Long", "word " * 3000, "Lang")))
    assert len(pages) > 4
    for text in pages:
        assert text.count("A value that is") % 2 == 0
        assert text.count("TLP:RED") == 2


def test_an_overseers_stop_keeps_the_letter_back_too(
    alice: User, omar: User, salma: User, washington: Counterpart
) -> None:
    row = released(alice, omar, "washington")
    order(What.STOP, salma, partner="washington")
    shown = reports.show_report(row.uid, viewpoint=view(alice))
    with pytest.raises(PartnerStopped):
        letters.write_transmission(shown, "washington", own="en", theirs="fr", viewpoint=view(alice))
