"""A PDF with Arabic words as browsers print them: signs from left to right, each letter drawn and named by itself."""

from __future__ import annotations

from tests.intake.building import flate, written_pdf

_WIDTH = 6.0
_BOX = b"500 0 0 0 500 700 d1 0 0 500 700 re f"


def arabic_pdf(lines: list[str]) -> bytes:
    """A page with these lines, drawn as they stand on paper, every Arabic letter with its actual text."""
    codes = {sign: number for number, sign in enumerate(sorted(set("".join(lines))), start=1)}
    drawn = [b"BT /F 12 Tf"]
    for row, line in enumerate(lines):
        seen = " ".join(word if word.isascii() else word[::-1] for word in reversed(line.split(" ")))
        drawn.append(f"1 0 0 1 {570 - _WIDTH * len(seen):.1f} {750 - 24 * row} Tm".encode())
        for sign in seen:
            glyph = f"<{codes[sign]:02x}> Tj"
            named = f"/Span <</ActualText <FEFF{ord(sign):04X}> >> BDC {glyph} EMC"
            drawn.append((glyph if sign.isascii() else named).encode())
    content = b"\n".join([*drawn, b"ET"])
    names = b" ".join(b"/g%d" % number for number in codes.values())
    glyphs = b" ".join(b"/g%d 6 0 R" % number for number in codes.values())
    widths = b" ".join(b"500" for _sign in codes)
    return written_pdf(
        [
            b"<</Type/Catalog/Pages 2 0 R>>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
            b"<</Length %d>>stream\n" % len(content) + content + b"\nendstream",
            b"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 700]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar "
            b"%d/Widths[%b]/Encoding<</Type/Encoding/Differences[1 %b]>>/CharProcs<<%b>>/ToUnicode 7 0 R>>"
            % (len(codes), widths, names, glyphs),
            b"<</Length %d>>stream\n" % len(_BOX) + _BOX + b"\nendstream",
            flate(_to_unicode(codes)),
        ]
    )


def _to_unicode(codes: dict[str, int]) -> bytes:
    pairs = "\n".join(f"<{number:02x}> <{ord(sign):04x}>" for sign, number in codes.items())
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /A def /CMapType 2 def\n"
        "1 begincodespacerange <00> <ff> endcodespacerange\n"
        f"{len(codes)} beginbfchar\n{pairs}\nendbfchar\nendcmap end end"
    ).encode()
