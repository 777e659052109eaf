"""A PDF with Arabic words as browsers print them: word by word from the right, letters as they stand on the page."""

from __future__ import annotations

from tests.intake.building import flate, written_pdf

_WIDTH = 6.0


def arabic_pdf(lines: list[str]) -> bytes:
    """A page with these lines; every sign is drawn from left to right within its word, words from right to left."""
    signs = sorted(set("".join(lines)) - {" "})
    codes = {sign: number for number, sign in enumerate(signs, start=1)}
    drawn = [b"BT /F 12 Tf"]
    for row, line in enumerate(lines):
        right = 570.0
        for word in line.split(" "):
            left = right - _WIDTH * len(word)
            seen = word if word.isascii() else word[::-1]
            shown = "".join(f"{codes[sign]:04x}" for sign in seen)
            drawn.append(f"1 0 0 1 {left:.1f} {750 - 24 * row} Tm <{shown}> Tj".encode())
            right = left - _WIDTH
    drawn.append(b"ET")
    content = b"\n".join(drawn)
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream",
            b"<</Type/Font/Subtype/Type0/BaseFont/A/Encoding/Identity-H/DescendantFonts[6 0 R]/ToUnicode 7 0 R>>",
            b"<</Type/Font/Subtype/CIDFontType2/BaseFont/A/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)"
            b"/Supplement 0>>/DW 500>>",
            flate(_to_unicode(codes)),
        ]
    )


def _to_unicode(codes: dict[str, int]) -> bytes:
    pairs = "\n".join(f"<{number:04x}> <{ord(sign):04x}>" for sign, number in codes.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    ).encode()
