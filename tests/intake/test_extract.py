"""Every kind of file becomes its text, in one form, with what stands beside it."""

from __future__ import annotations

import base64
import hashlib
import unicodedata

import pytest

from amana.intake.extract import Extracted, Limits, Refused, extract
from amana.intake.refusals import BY_CODE
from amana.intake.tidying import tidy
from tests.intake import files

_GERMAN = "Der Bericht über die Häfen: Straße, Größe, „Anführung“ – 24. September."
_ARABIC = "قال المدير العام للأمن الوطني في الرباط إن الاجتماع مع السفير كان ناجحا وإن التعاون سيتواصل"
_FRENCH = "Réunion à Tanger Med : l'été dernier, où l'équipe a été reçue ; coût « élevé »."


def test_text_keeps_its_characters_and_says_what_it_is() -> None:
    data = _GERMAN.encode()
    found = extract(data, filename="bericht.txt")
    assert found.text == _GERMAN
    assert (found.sha256, found.size) == (hashlib.sha256(data).hexdigest(), len(data))
    assert found.media_type == "text/plain"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_GERMAN, "utf-8"),
        (_GERMAN, "utf-8-sig"),
        (_ARABIC, "utf-16"),
        (_GERMAN, "utf-16"),
    ],
)
def test_unicode_encodings_are_read_without_a_warning(text: str, encoding: str) -> None:
    found = extract(text.encode(encoding), filename="x.txt")
    assert found.text == text
    assert found.warnings == ()


@pytest.mark.parametrize(("text", "encoding"), [(_GERMAN, "cp1252"), (_FRENCH, "cp1252"), (_ARABIC, "cp1256")])
def test_windows_encodings_are_read_and_the_inference_is_said(text: str, encoding: str) -> None:
    found = extract(text.encode(encoding), filename="x.txt")
    assert found.text == text
    assert found.warnings == ("encoding-guessed",)


def test_newlines_and_composition_have_one_form() -> None:
    data = unicodedata.normalize("NFD", "Häfen\r\nStraße\rEnde\n").encode()
    found = extract(data, filename="x.txt")
    assert found.text == "Häfen\nStraße\nEnde"


def test_markdown_stays_as_it_is_written_and_its_heading_is_the_title() -> None:
    found = extract(b"# Lage\n\n- *Rabat*: ruhig\n", filename="lage.md")
    assert found.text == "# Lage\n\n- *Rabat*: ruhig"
    assert (found.title, found.media_type) == ("Lage", "text/markdown")


def test_html_gives_the_words_that_a_reader_sees() -> None:
    page = """<!DOCTYPE html><html lang="fr-MA"><head><title>Communiqué</title><meta name="author" content="MAP">
    <style>p {color: red}</style></head><body><h1>Sécurité</h1><p>À <b>Rabat</b>,&nbsp;le&#32;24&eacute;<br>fin</p>
    <ul><li>un</li><li>deux</li></ul><table><tr><td>A</td><td>B</td></tr></table><!-- secret --></body></html>"""
    found = extract(page.encode(), filename="page.html")
    assert found.text.split("\n") == ["Sécurité", "", "À Rabat,\u00a0le 24é", "fin", "", "un", "", "deux", "", "A\tB"]
    assert (found.title, found.language_hint, found.metadata) == ("Communiqué", "fr", (("author", "MAP"),))


def test_html_takes_the_encoding_that_it_declares() -> None:
    page = '<html><head><meta charset="windows-1256"></head><body><p>الرباط</p></body></html>'.encode("cp1256")
    assert extract(page, filename="page.html").text == "الرباط"


def test_a_mail_gives_its_head_its_body_and_a_list_of_what_hung_on_it() -> None:
    letter = (
        b"--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nH=C3=A4fen\n"
        b'--b\nContent-Type: application/pdf; name="../../plan.pdf"\nContent-Transfer-Encoding: base64\n\n'
        + base64.b64encode(b"%PDF-")
        + b"\n--b--\n"
    )
    found = extract(files.mail_of(letter, kind=b"multipart/mixed; boundary=b"), filename="brief.eml")
    assert found.text.startswith("From: a@example.org\nTo: b@example.org\nDate: Tue, 24 Mar 2026")
    assert found.text.endswith("Subject: Exercise\n\nHäfen")
    assert found.title == "Exercise"
    assert [(one.filename, one.media_type, one.size) for one in found.attachments] == [
        ("plan.pdf", "application/pdf", 5)
    ]
    assert found.attachments[0].sha256 == hashlib.sha256(b"%PDF-").hexdigest()
    assert found.warnings == ("attachments-not-read",)


def test_a_mail_with_two_forms_of_its_body_is_read_once() -> None:
    letter = (
        b"--b\nContent-Type: text/plain; charset=utf-8\n\nplain words\n"
        b"--b\nContent-Type: text/html; charset=utf-8\n\n<p>marked words</p>\n--b--\n"
    )
    found = extract(files.mail_of(letter, kind=b"multipart/alternative; boundary=b"), filename="brief.eml")
    assert "plain words" in found.text
    assert "marked words" not in found.text


def test_a_mail_of_html_alone_is_read_as_its_reader_sees_it() -> None:
    found = extract(files.mail_of(b"<p>one</p><p>two</p>", kind=b"text/html; charset=utf-8"), filename="brief.eml")
    assert found.text.endswith("one\n\ntwo")


def test_a_pdf_gives_its_text_with_its_pages_counted() -> None:
    found = extract(files.pdf_of("Treffen in Rabat\nHäfen von Casablanca"), filename="x.pdf")
    assert found.text == "Treffen in Rabat\nHäfen von Casablanca"
    assert ("pages", "1") in found.metadata


def test_a_word_document_gives_its_paragraphs_and_tables() -> None:
    found = extract(files.docx_of("Erste Zeile\nZweite Zeile mit Größe"), filename="x.docx")
    assert found.text == "Erste Zeile\nZweite Zeile mit Größe"
    assert found.title == "Erste Zeile"


def test_the_same_bytes_always_give_the_same_answer() -> None:
    data = files.docx_of("Treffen in Rabat")
    first: Extracted = extract(data, filename="x.docx")
    assert all(extract(data, filename="x.docx") == first for _ in range(3))


def test_limits_are_the_callers_to_narrow() -> None:
    with pytest.raises(Refused) as too_large:
        extract(b"hello", filename="x.txt", limits=Limits(max_bytes=4))
    with pytest.raises(Refused) as too_much:
        extract(b"hello", filename="x.txt", limits=Limits(max_text=4))
    assert (too_large.value.code, too_much.value.code) == ("intake-too-large", "intake-too-much-text")


def test_every_refusal_has_its_own_code_and_its_sentence() -> None:
    assert len(BY_CODE) == len(Refused.__subclasses__())
    assert all(code.startswith("intake-") and kind.sentence.endswith(".") for code, kind in BY_CODE.items())


@pytest.mark.parametrize(
    "text", [_GERMAN, _ARABIC, "a\u202eb\r\n\n\n\nc \u0301\u0301\u0301\u0301\u0301", "\ufeffx\x00y"]
)
def test_tidying_twice_is_tidying_once(text: str) -> None:
    once, _ = tidy(text)
    assert tidy(once) == (once, tuple(one for one in tidy(once)[1] if one == "mixed-scripts"))
