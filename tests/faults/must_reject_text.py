"""Forged texts: what Bob signs is not canonical JSON, or is no signed text at all. He has his keys and no scruples."""

from __future__ import annotations

from collections.abc import Iterator

from amana.exchange.canonical import LARGEST, encode
from amana.exchange.envelope import LARGEST_SEALED, LARGEST_SIGNED
from tests.faults.forging import Forged, Forger, b64, flipped, forges, signed_by_hand, spread, turned


def replaced(data: bytes, old: bytes, new: bytes) -> bytes:
    """The bytes with the first occurrence of a part otherwise; the part must be there."""
    assert old in data, old
    return data.replace(old, new, 1)


@forges("blanks between the signs", 24)
def _blanks(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text = encode(form)
    for blank in (b" ", b"\t", b"\n", b"\r\n"):
        for at in (b"{", b"}", b":", b",", b"[", b"]"):
            bent = replaced(text, at, at + blank)
            yield Forged(f"{blank!r} after {at!r}", bob.wrapped(bent, form), "canonical-not-canonical")


@forges("fields out of order", 20)
def _order(bob: Forger) -> Iterator[Forged]:
    form = bob.form()
    names = sorted(form)
    parts = {name: encode({name: form[name]})[1:-1] for name in names}
    for place in range(len(names) - 1):
        order = [*names]
        order[place], order[place + 1] = order[place + 1], order[place]
        yield Forged(names[place], bob.wrapped(b"{" + b",".join(map(parts.__getitem__, order)) + b"}", form), _NOT)
    for turn in range(1, 11):
        order = names[turn:] + names[:turn] if turn < len(names) else names[::-1]
        yield Forged(
            f"turned by {turn}", bob.wrapped(b"{" + b",".join(map(parts.__getitem__, order)) + b"}", form), _NOT
        )


_NOT = "canonical-not-canonical"


@forges("a field named twice", 33)
def _twice(bob: Forger) -> Iterator[Forged]:
    form = bob.form()
    text = encode(form)
    for name, value in form.items():
        field = encode({name: value})[1:-1]
        yield Forged(f"{name} again", bob.wrapped(b"{" + field + b"," + text[1:], form), "canonical-duplicate-key")
        other = b'"' + name.encode() + b'":null,'
        yield Forged(f"{name} laxer before", bob.wrapped(b"{" + other + text[1:], form), "canonical-duplicate-key")
    for name in form["body"]["content"]["handling"]:
        twice = replaced(text, b'"handling":{', b'"handling":{"' + name.encode() + b'":null,')
        yield Forged(f"the marking's {name}", bob.wrapped(twice, form), "canonical-duplicate-key")
    for name in ("tlp", "erase_by", "releasable_to"):
        escaped = replaced(text, b'"handling":{', f'"handling":{{"\\u{ord(name[0]):04x}{name[1:]}":null,'.encode())
        yield Forged(f"the marking's {name} escaped", bob.wrapped(escaped, form), "canonical-duplicate-key")


@forges("numbers that are not whole", 24)
def _fractions(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text, seq = encode(form), b'"seq":%d' % form["seq"]
    for number in (
        "1.0",
        "0.1",
        "-0.5",
        "1e0",
        "1E3",
        "1e-3",
        "10.00",
        "NaN",
        "Infinity",
        "-Infinity",
        "1e400",
        "2.5e1",
    ):
        yield Forged(f"seq {number}", bob.wrapped(replaced(text, seq, b'"seq":' + number.encode()), form), _NUMBER)
        bent = replaced(text, b'"versions":[1]', b'"versions":[' + number.encode() + b"]")
        yield Forged(f"version {number}", bob.wrapped(bent, form), _NUMBER)


_NUMBER = "canonical-number"


@forges("numbers that readers take differently", 24)
def _great(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text, seq = encode(form), b'"seq":%d' % form["seq"]
    for number in (
        2**53,
        2**53 + 1,
        2**63 - 1,
        2**63,
        2**64,
        10**30,
        10**400,
        -(2**53),
        -(2**63),
        -(10**19),
        10**16,
        10**17,
    ):
        yield Forged(
            f"seq {number:.3e}"[:40] if number < 10**300 else "seq of 400 digits",
            bob.wrapped(replaced(text, seq, b'"seq":%d' % number), form),
            _NUMBER,
        )
        bent = replaced(text, b'"versions":[1]', b'"versions":[%d]' % number)
        yield Forged("as a version", bob.wrapped(bent, form), _NUMBER)


@forges("escapes without need", 24)
def _escapes(bob: Forger) -> Iterator[Forged]:
    form = bob.form()
    text = encode(form)
    for word in ("rabat", "washington", "TLP:AMBER", "Karim", "report", "investigation", "fact", "Person"):
        quoted = f'"{word}' if word != "Karim" else f'"value":"{word}'
        place = text.index(quoted.encode()) + len(quoted) - len(word)
        for number in (0, 1, len(word) - 1):
            sign = text[place + number]
            bent = text[: place + number] + b"\\u%04x" % sign + text[place + number + 1 :]
            yield Forged(f"{word} {number}", bob.wrapped(bent, form), _NOT)


@forges("escapes of another kind", 10)
def _other_escapes(bob: Forger) -> Iterator[Forged]:
    form = bob.small(body={"report": bob.small()["body"]["report"], "versions": [1], "reason": "a/b\n\t\x01é"})
    text = encode(form)
    for old, new in (
        (b"/", b"\\/"),
        (b"\\n", b"\\u000a"),
        (b"\\n", b"\\u000A"),
        (b"\\t", b"\\u0009"),
        (b"\\u0001", b"\\u0001\\u0061"),
        ("é".encode(), b"\\u00e9"),
        ("é".encode(), b"\\u00E9"),
        (b"a/b", b"\\u0061/b"),
        (b"a/b", b"a\\/\\u0062"),
        (b"b\\n", b"\\u0062\\n"),
    ):
        yield Forged(f"{new!r}", bob.wrapped(replaced(text, old, new), form), _NOT)


@forges("text that is not composed", 20)
def _not_normal(bob: Forger) -> Iterator[Forged]:
    marks = ["̀", "́", "̂", "̃", "̈", "̊", "̧", "ٓ", "ٔ", "ٕ"]
    bases = ["e", "e", "e", "n", "u", "a", "c", "ا", "ا", "ا"]
    for base, mark in zip(bases, marks, strict=True):
        form = bob.small()
        for field, where in (("reason", b"withdrawn"), ("another field", b"]")):
            bent = (
                replaced(encode(form), where, (base + mark).encode())
                if field == "reason"
                else replaced(encode(form), b'"origin":"washington"', f'"origin":"washington{base}{mark}"'.encode())
            )
            yield Forged(f"{field}: U+{ord(mark):04X}", bob.wrapped(bent, form), "canonical-not-normal")


@forges("half a character", 12)
def _surrogates(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    for half in ("d800", "dbff", "dc00", "dfff", "D83D", "de00"):
        bent = replaced(encode(form), b"withdrawn", f"\\u{half}".encode())
        yield Forged(f"{half} alone", bob.wrapped(bent, form), "canonical-not-text")
        bent = replaced(encode(form), b"withdrawn", f"with\\u{half}\\u{half}drawn".encode())
        yield Forged(f"{half} twice", bob.wrapped(bent, form), "canonical-not-text")


@forges("bytes that are not UTF-8", 16)
def _not_utf8(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text = encode(form)
    for odd in (
        b"\xff",
        b"\xfe",
        b"\x80",
        b"\xc0\xaf",
        b"\xc1\xbf",
        b"\xe0\x80\xaf",
        b"\xed\xa0\x80",
        b"\xf5\x80\x80\x80",
    ):
        yield Forged(f"{odd!r}", bob.wrapped(replaced(text, b"withdrawn", odd), form), "canonical-not-text")
    for odd in (
        b"\xf0\x82\x82\xac",
        b"\xe2\x82",
        b"\xc3",
        b"\xf8\x88\x80\x80\x80",
        b"\xfc\x84\x80\x80\x80\x80",
        b"\xf4\x90\x80\x80",
    ):
        yield Forged(f"{odd!r}", bob.wrapped(replaced(text, b"withdrawn", odd), form), "canonical-not-text")
    yield Forged("UTF-16 with its mark", bob.wrapped(text.decode().encode("utf-16"), form), "canonical-not-text")
    yield Forged("UTF-32 with its mark", bob.wrapped(text.decode().encode("utf-32"), form), "canonical-not-text")


@forges("something around the text", 20)
def _around(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text = encode(form)
    for what, data in (
        ("a byte order mark", b"\xef\xbb\xbf" + text),
        ("two messages", text + text),
        ("a comma after", text + b","),
        ("a bracket after", text + b"}"),
        ("a bracket before", b"{" + text),
        ("a comment", b"/**/" + text),
        ("a line comment", text + b"//"),
        ("a zero after", text + b"\x00"),
        ("a zero before", b"\x00" + text),
        ("nothing", b""),
        ("XML", b"<message/>"),
        ("YAML", b"ver: 1"),
        ("UTF-16 without mark", text.decode().encode("utf-16-le")),
        ("single quotes", text.replace(b'"', b"'")),
        ("a trailing comma", text[:-1] + b",}"),
        ("an unquoted name", text.replace(b'"ver"', b"ver")),
        ("a leading zero", text.replace(b'"ver":1', b'"ver":01')),
        ("a plus", text.replace(b'"ver":1', b'"ver":+1')),
        ("a hexadecimal number", text.replace(b'"ver":1', b'"ver":0x1')),
        ("a raw line break in a string", text.replace(b"withdrawn", b"with\ndrawn")),
    ):
        yield Forged(what, bob.wrapped(data, form), "canonical-not-json")


@forges("a text that breaks off", 24)
def _torn(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    text = encode(form)
    for place in spread(len(text), 24):
        yield Forged(f"after {place} bytes", bob.wrapped(text[:place], form), "canonical-not-json")


@forges("nested too deeply", 18)
def _deep(bob: Forger) -> Iterator[Forged]:
    for depth in (33, 34, 40, 64, 100, 1_000, 10_000, 100_000, 400_000):
        form = bob.small()
        text = encode(form)
        lists = replaced(text, b"[1]", b"[" * depth + b"]" * depth)
        yield Forged(f"{depth} lists", bob.wrapped(lists, form), "canonical-too-deep")
        objects = replaced(text, b"[1]", b'{"":' * min(depth, 150_000) + b"1" + b"}" * min(depth, 150_000))
        yield Forged(f"{depth} objects", bob.wrapped(objects, form), "canonical-too-deep")


@forges("a payload that is no object", 12)
def _no_object(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    values = (b"[]", b"null", b"true", b"false", b"0", b"1", b'""', b'"message"', b"[{}]", b"[1,2]", b"-1")
    for value in values:
        yield Forged(f"{value!r}", bob.wrapped(value, form), "envelope-form")
    yield Forged("the message in a list", bob.wrapped(b"[" + encode(form) + b"]", form), "envelope-form")


@forges("larger than a message may be", 8)
def _large(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    for extra in (1, 1_000):
        filled = encode(form).replace(b"withdrawn", b"w" * (LARGEST - len(encode(form)) + 9 + extra))
        assert len(filled) == LARGEST + extra
        yield Forged(f"{extra} over in the text", bob.wrapped(filled, form), "canonical-too-large")
    for extra in (1, 3_000):
        jws = b"a" * (LARGEST_SIGNED + extra)
        yield Forged(f"{extra} over as signed", bob.sealed(jws, bob.outer(form)), "canonical-too-large")
    good = bob.wrapped(form)
    for extra in (1, 1_000, 1_000_000, 5_000_000):
        data = good + bytes(LARGEST_SEALED - len(good) + extra)
        yield Forged(f"{extra} over as sealed", data, "canonical-too-large")


@forges("the compact form otherwise", 30)
def _compact(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    good = bob.jws(encode(form))
    head, body, signature = good.split(b".")
    last = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    stray = last[last.index(signature[-1:]) ^ 1 : (last.index(signature[-1:]) ^ 1) + 1]
    for what, jws in (
        ("nothing", b""),
        ("no dots", good.replace(b".", b"")),
        ("one dot", good.replace(b".", b"", 1)),
        ("a dot too many", good + b"."),
        ("a dot before", b"." + good),
        ("encrypted form", good + b".a.b"),
        ("padded signature", good + b"=="),
        ("padded header", head + b"=." + body + b"." + signature),
        ("a line break after", good + b"\n"),
        ("a blank before", b" " + good),
        ("a zero after", good + b"\x00"),
        ("a stray bit", good[:-1] + stray),
        ("no signature", head + b"." + body + b"."),
        ("half a signature", good[:-43]),
        ("a signature twice", good + signature),
        ("two dots after", good + b".."),
        ("a tab inside", head + b".\t" + body + b"." + signature),
        ("another alphabet", good[:-1] + b"+"),
        ("a slash", good[:-2] + b"//"),
        ("a percent", head + b"%2E" + body + b"." + signature),
        ("an umlaut", good[:-1] + "ä".encode()),
        ("a byte that is no text", b"\xff" + good),
        ("the text as JSON", b'{"payload":"' + body + b'","signatures":[]}'),
        ("the flattened form", b'{"payload":"' + body + b'","signature":"' + signature + b'"}'),
        ("a long header", b"A" * 600 + b"." + body + b"." + signature),
        (
            "a length that base64 has not",
            head + b"." + body + b"A." + signature
            if len(body) % 4 == 0
            else head + b"." + body[: len(body) // 4 * 4 + 1] + b"." + signature,
        ),
        ("only the payload", body),
        ("only dots", b".."),
        ("the plain message", encode(form)),
        ("zeros", bytes(200)),
    ):
        yield Forged(what, bob.sealed(jws, bob.outer(form)), "envelope-form")


@forges("a text altered after it was signed", 32)
def _altered(bob: Forger) -> Iterator[Forged]:
    form = bob.form()
    text = encode(form)
    head = encode(bob.header())
    signature = bob.jws(text).split(b".")[2]
    changes = (
        (b"TLP:AMBER", b"TLP:GREEN"),
        (b"TLP:AMBER", b"TLP:CLEAR"),
        (b'"codes":["H0","H2"]', b'"codes":["H0"]'),
        (b'"codes":["H0","H2"]', b'"codes":[]'),
        (b"investigation", b"prosecution"),
        (b"suspect", b"contact"),
        (b'"nature":"fact"', b'"nature":"assessment"'),
        (b'"source":"B"', b'"source":"A"'),
        (b'"information":"3"', b'"information":"1"'),
        (b"Karim", b"Kasim"),
        (b'"recipients":["rabat"]', b'"recipients":["rabat","third"]'),
        (b'"version":1', b'"version":2'),
    )
    for old, new in changes:
        bent = b64(head) + b"." + b64(replaced(text, old, new)) + b"." + signature
        yield Forged(f"{new!r}", bob.sealed(bent, bob.outer(form)), "envelope-signature")
    for place in spread(len(text), 20):
        bent = b64(head) + b"." + b64(flipped(text, place * 8)) + b"." + signature
        yield Forged(f"bit of byte {place}", bob.sealed(bent, bob.outer(form)), "envelope-signature")


@forges("a signature with a bit turned", 64)
def _bits_of_signature(bob: Forger) -> Iterator[Forged]:
    form = bob.small()
    head, text = encode(bob.header()), encode(form)
    for bit in spread(512, 64):
        jws = signed_by_hand(head, text, turned(bob.bob.secrets.signing.sign, bit))
        yield Forged(f"bit {bit}", bob.sealed(jws, bob.outer(form)), "envelope-signature")
