"""Hostile PDFs: bombs, actions in the open and hidden, encryption, loops, noise.

Two codes part by a space where the library may die of memory in either of two ways.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.intake.building import flate, pdf, written_pdf

MIB = 1024 * 1024
_SCRIPT = b"<</S/JavaScript/JS(app.alert\\(1\\))>>"


def _object_stream(content: bytes) -> bytes:
    head = b"6 0 "
    return flate(head + content, b"/Type/ObjStm/N 1/First %d" % len(head))


def _pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + count))
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    return written_pdf(
        [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[" + kids + b"]/Count %d>>" % count, *[page] * count]
    )


def _long_text() -> bytes:
    drawn = b"BT /F 1 Tf 9 9 Td (" + b"Tanger Med " * 4000 + b") Tj ET"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 3 0 R/Resources<</Font<</F 4 0 R>>>>>>"
    kids = b" ".join(b"%d 0 R" % number for number in range(5, 75))
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[" + kids + b"]/Count 70>>",
            b"<</Length %d>>stream\n" % len(drawn) + drawn + b"\nendstream",
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
            *[page] * 70,
        ]
    )


def _self_drawing() -> bytes:
    form = b"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 11>>"
    form += b"stream\n/X Do /X Do\nendstream"
    return pdf(form, content=b"/X Do", page=b"/Resources<</XObject<</X 6 0 R>>>>")


PDFS: list[tuple[str, str, Callable[[], bytes], str]] = [
    ("only the first line of a PDF", "first.pdf", lambda: b"%PDF-1.7\n", "intake-broken"),
    ("noise behind the first line", "noise.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 64, "intake-broken"),
    ("a PDF cut before its pages", "cut.pdf", lambda: pdf()[:60], "intake-broken"),
    (
        "a PDF under a password",
        "locked.pdf",
        lambda: pdf(
            trailer=b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<"
            + b"41" * 32
            + b">/U<"
            + b"42" * 32
            + b">>>/ID[<01><01>]"
        ),
        "intake-encrypted",
    ),
    (
        "a script that runs on opening",
        "script.pdf",
        lambda: pdf(catalog=b"/OpenAction" + _SCRIPT),
        "intake-active-content",
    ),
    (
        "a script whose name is written in hex",
        "hex.pdf",
        lambda: pdf(catalog=b"/OpenAction<</S/J#61vaScript/J#53(a)>>"),
        "intake-active-content",
    ),
    (
        "a script in an object stream",
        "stream.pdf",
        lambda: pdf(_object_stream(_SCRIPT), catalog=b"/OpenAction 6 0 R"),
        "intake-active-content",
    ),
    (
        "a script in the tree of names",
        "names.pdf",
        lambda: pdf(catalog=b"/Names<</JavaScript<</Names[(a)" + _SCRIPT + b"]>>>>"),
        "intake-active-content",
    ),
    (
        "a link that starts a program",
        "launch.pdf",
        lambda: pdf(page=b"/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F(cmd.exe)>>>>]"),
        "intake-active-content",
    ),
    (
        "a form that sends itself",
        "submit.pdf",
        lambda: pdf(catalog=b"/OpenAction<</S/SubmitForm/F(a)>>"),
        "intake-active-content",
    ),
    (
        "a jump into another file",
        "remote.pdf",
        lambda: pdf(catalog=b"/OpenAction<</S/GoToR/F(a.pdf)/D[0]>>"),
        "intake-active-content",
    ),
    (
        "a film that plays",
        "media.pdf",
        lambda: pdf(page=b"/Annots[<</Subtype/RichMedia/Rect[0 0 9 9]>>]"),
        "intake-active-content",
    ),
    ("an XFA form", "xfa.pdf", lambda: pdf(catalog=b"/AcroForm<</XFA[]/Fields[]>>"), "intake-active-content"),
    ("a page that grows to 200 MiB", "bomb.pdf", lambda: pdf(content=flate(bytes(200 * MIB))), "intake-archive-bomb"),
    (
        "a page compressed twice",
        "twice.pdf",
        lambda: pdf(content=flate(b"% " * (300 * MIB // 2), filters=b"[/FlateDecode/FlateDecode]", times=2)),
        "intake-archive-bomb",
    ),
    (
        "an object stream that grows to 40 MiB",
        "objects.pdf",
        lambda: pdf(_object_stream(bytes(40 * MIB))),
        "intake-archive-bomb",
    ),
    ("three thousand pages", "pages.pdf", lambda: _pages(3000), "intake-too-much-text"),
    ("more text than anybody reads", "long.pdf", _long_text, "intake-too-much-text"),
    (
        "pages that contain themselves",
        "loop.pdf",
        lambda: written_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>"]),
        "intake-broken",
    ),
    (
        "a million pages that are not there",
        "claims.pdf",
        lambda: written_pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 1000000>>"]),
        "intake-too-much-text",
    ),
    ("a form that draws itself", "form.pdf", _self_drawing, "intake-crashed intake-memory"),
    ("a scan without text", "scan.pdf", lambda: pdf(content=b"0 0 9 9 re f"), "intake-no-text"),
    ("a text named a PDF", "text.pdf", lambda: b"A container waits in Tanger Med.", "intake-mislabelled"),
    ("a PDF named a text", "pdf.txt", pdf, "intake-mislabelled"),
]
