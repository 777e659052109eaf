"""Arabic pages come out in reading order, however the library hands their letters out; other pages as they are."""

from __future__ import annotations

from amana.intake.extract import extract
from tests.intake.arabic_pdf import arabic_pdf
from tests.intake.building import pdf

_LINES = ["تقرير أطلس: حاويات من غواياكيل", "وصلت الحاوية يوم الثلاثاء"]


def test_arabic_words_are_in_reading_order() -> None:
    found = extract(arabic_pdf(_LINES), filename="taqrir.pdf")
    assert found.text.split("\n") == _LINES


def test_numbers_and_names_beside_arabic_words_run_from_left_to_right() -> None:
    found = extract(arabic_pdf(["استوردت الحاوية NTLU3109264 يوم 25 مارس 2026"]), filename="taqrir.pdf")
    assert "NTLU3109264" in found.text
    assert "25 مارس 2026" in found.text


def test_a_page_without_arabic_words_stays_as_it_is() -> None:
    assert extract(pdf(), filename="a.pdf").text == "A container waits in Tanger Med"
