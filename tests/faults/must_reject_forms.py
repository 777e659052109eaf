"""Forged messages in good canonical form, signed by Bob: wrong fields, times, words, addressees."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from amana.domain.times import instant
from amana.exchange.canonical import encode
from tests.faults.forging import Forged, Forger, forges

_FORM = "form-malformed"


@forges("addressed to others", 18)
def _not_for_us(bob: Forger) -> Iterator[Forged]:
    for names in (
        ["third"], ["paris"], ["washington"], ["Rabat"], ["rabat "], [" rabat"], ["rabat2"], ["rabа t"], ["third",
        "paris"], [""],
        ["r\u0430bat"], ["ra\u200bbat"], ["rabat\n"], ["*"], ["rabat,third"],
    ):  # fmt: skip
        yield Forged(f"to {names}", bob.wrapped(bob.small(recipients=names)), "protocol-not-recipient")
    for name in ("third", "Rabat", ""):
        form = bob.small()
        outer = bob.outer(form, recipient=name)
        yield Forged(f"to “{name}” outside", bob.sealed(bob.jws(encode(form)), outer), "protocol-not-recipient")


@forges("after its time", 18)
def _expired(bob: Forger) -> Iterator[Forged]:
    now = timezone.now()
    for age in (1, 2, 60, 3_600, 86_400, 86_400 * 30, 86_400 * 365, 86_400 * 3_650, 86_400 * 20_000):
        expires = now - timedelta(seconds=age)
        times = {"created": instant(expires - timedelta(days=1)), "expires": instant(expires)}
        yield Forged(f"{age} s ago, a recall", bob.wrapped(bob.small(**times)), "protocol-expired")
        yield Forged(f"{age} s ago, a report", bob.wrapped(bob.form(**times)), "protocol-expired")


@forges("from the future", 18)
def _future(bob: Forger) -> Iterator[Forged]:
    for ahead in (330, 360, 600, 3_600, 86_400, 86_400 * 30, 86_400 * 365, 86_400 * 3_650, 86_400 * 365_000):
        created = timezone.now() + timedelta(seconds=ahead)
        times = {"created": instant(created), "expires": instant(created + timedelta(days=1))}
        yield Forged(f"{ahead} s ahead, a recall", bob.wrapped(bob.small(**times)), "protocol-future")
        yield Forged(f"{ahead} s ahead, a report", bob.wrapped(bob.form(**times)), "protocol-future")


@forges("times in another form", 40)
def _times(bob: Forger) -> Iterator[Forged]:
    for text in (
        "", "now", "2026-09-24", "2026-09-24T14:02:00Z", "2026-09-24T14:02:00.000", "2026-09-24T14:02:00.000+00:00",
        "2026-09-24 14:02:00.000Z",
        "2026-13-24T14:02:00.000Z", "2026-02-30T14:02:00.000Z", "2026-09-24T25:02:00.000Z", "0000-01-01T00:00:00.000Z",
        "2026-09-24T14:02:60.000Z", "٢٠٢٦-09-24T14:02:00.000Z", "2026-09-24t14:02:00.000z",
        "2026-09-24T14:02:00.000000Z", "0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z",
    ):  # fmt: skip
        yield Forged(f"created {text}", bob.wrapped(bob.small(created=text)), "time-malformed")
        yield Forged(f"expires {text}", bob.wrapped(bob.small(expires=text)), "time-malformed")
    for text in (
        "0001-01-01T00:00:00.000Z",
        "9999-12-31T23:59:59.999Z",
        "",
        "2026-09-24",
        "0001-06-01T00:00:00.000Z",
        "9999-01-01T00:00:00.000Z",
    ):
        yield Forged(f"written {text}", bob.wrapped(bob.content(written=text)), "time-malformed")


@forges("an end before the beginning", 6)
def _ends_before(bob: Forger) -> Iterator[Forged]:
    for seconds in (0, 1, 60, 86_400, 86_400 * 365, 86_400 * 3_650):
        now = timezone.now()
        times = {"created": instant(now), "expires": instant(now - timedelta(seconds=seconds))}
        yield Forged(f"{seconds} s", bob.wrapped(bob.small(**times)), _FORM)


@forges("an unknown type of message", 16)
def _types(bob: Forger) -> Iterator[Forged]:
    for name in (
        "", "telegram", "Report", "REPORT", "report ", " report", "reports", "report\n", "consent?",
        "delete-everything", "agreement", "hit", "v2/report",
        "rep\u043ert", "order", "restrict-all",
    ):  # fmt: skip
        yield Forged(f"“{name}”", bob.wrapped(bob.small(type=name)), "protocol-type")


@forges("an unknown version of the message", 10)
def _versions(bob: Forger) -> Iterator[Forged]:
    for ver in (0, 2, 3, 9, 10, 255, 1_000, 2**31, 2**52, 2**53 - 1):
        yield Forged(str(ver), bob.wrapped(bob.small(ver=ver)), "protocol-version")


@forges("a field missing", 31)
def _missing(bob: Forger) -> Iterator[Forged]:
    for field in bob.small():
        form = bob.small()
        del form[field]
        outside = bob.small()
        yield Forged(field, bob.wrapped(encode(form), outside), _FORM)
    for field in bob.form()["body"]["content"]:
        form = bob.form()
        del form["body"]["content"][field]
        yield Forged(f"content's {field}", bob.wrapped(form), _FORM)
    for field in ("tlp", "codes", "releasable_to", "purposes", "caveats", "foreign"):
        form = bob.form()
        del form["body"]["content"]["handling"][field]
        yield Forged(f"marking's {field}", bob.wrapped(form), _FORM)


@forges("a field nobody knows", 16)
def _unknown_fields(bob: Forger) -> Iterator[Forged]:
    for name in ("more", "", "Type", "id ", "__class__", "score", "crit", "x" * 100):
        form = bob.form()
        yield Forged(f"“{name[:10]}”", bob.wrapped(form | {name: 1}), _FORM)
        form["body"]["content"]["handling"][name] = 1
        yield Forged(f"“{name[:10]}” in the marking", bob.wrapped(form), _FORM)


@forges("a field of another kind", 63)
def _kinds(bob: Forger) -> Iterator[Forged]:
    odd: tuple[object, ...] = (None, 1, True, [], {})
    for field in bob.small():
        for value in odd:
            if not _fits(bob.small()[field], value):
                form = bob.small()
                outside = dict(form)
                form[field] = value
                yield Forged(f"{field} {value}", bob.wrapped(encode(form), outside), _FORM)
    values: list[tuple[str, object]] = [
        ("seq", 0),
        ("seq", -1),
        ("seq", "1"),
        ("prev", "A" * 64),
        ("prev", "0" * 63),
        ("prev", "g" * 64),
    ]
    values += [("recipients", []), ("recipients", ["rabat", "rabat"]), ("recipients", [1]), ("agreement", "none")]
    for field, value in values:
        yield Forged(f"{field} {value}", bob.wrapped(bob.small(**{field: value})), _FORM)


def _fits(now: object, value: object) -> bool:
    """Whether a reader would take the value for one of that field, or name another reason."""
    return isinstance(now, int) and type(value) is int


@forges("an id that is none", 14)
def _ids(bob: Forger) -> Iterator[Forged]:
    good = bob.small()["id"]
    for number in (
        "", "1", good.upper(), good.replace("-", ""), "{" + good + "}", "urn:uuid:" + good, good[:-1], good + "0",
        good[:-1] + "g",
        " " + good[1:], good[:-1] + "\n", "../../../../../../etc/passwd", "é" * 18, "0" * 36,
    ):  # fmt: skip
        form = bob.small(id=number)
        outer = bob.outer(bob.small(), id=number[:36])
        yield Forged(f"“{number}”", bob.sealed(bob.jws(encode(form)), outer), _FORM)


@forges("a zero sign in a text", 15)
def _zero_signs(bob: Forger) -> Iterator[Forged]:
    """PostgreSQL keeps no text with U+0000; a node on SQLite must not take what its partner on PostgreSQL cannot."""
    zero = "a\x00b"
    for field in ("title", "text", "language", "report"):
        yield Forged(field, bob.wrapped(bob.content(**{field: zero})), _FORM)
    for field in ("caveats", "foreign", "releasable_to"):
        yield Forged(field, bob.wrapped(bob.handling(**{field: [zero]})), _FORM)
    for field in ("id", "grounds", "schema"):
        form = bob.form()
        form["body"]["content"]["entities"][0][field] = zero
        yield Forged(f"entity's {field}", bob.wrapped(form), _FORM)
    for field in ("id", "property", "value", "lang"):
        form = bob.form()
        form["body"]["content"]["statements"][0][field] = zero
        yield Forged(f"statement's {field}", bob.wrapped(form), _FORM)
    body = bob.small()["body"] | {"reason": zero}
    yield Forged("a recall's reason", bob.wrapped(bob.small(body=body)), _FORM)


@forges("a report out of form", 44)
def _reports(bob: Forger) -> Iterator[Forged]:
    good = bob.form()["body"]["content"]
    odd: dict[str, list[object]] = {
        "report": ["", "1", "no-uuid", good["report"].upper(), "x" * 36, "x" * 37],
        "version": [0, -1, 2**31, 2**40, 2**53 - 1, "1", True, None],
        "kind": ["", "Information", "telegram", 1, None],
        "title": ["t" * 1_001, None, 1, []],
        "language": ["l" * 36, None, 1],
        "text": [None, 1, []],
        "crime_areas": [["murder"], ["terrorism", "corruption"], ["terrorism", "terrorism"], "terrorism", None],
        "entities": [None, {}, "e1", [1], [None]],
        "statements": [None, {}, [1]],
        "originals": [None, [{"sha256": "0" * 63, "size": 1, "media_type": ""}]],
    }
    for field, value in ((field, value) for field, values in odd.items() for value in values):
        yield Forged(f"{field} {str(value)[:40]}", bob.wrapped(bob.content(**{field: value})), _FORM)


@forges("a marking out of form", 26)
def _markings(bob: Forger) -> Iterator[Forged]:
    changes: list[tuple[str, object]] = [
        ("tlp", value) for value in ("", "AMBER", "tlp:amber", "TLP:WHITE", "TLP:AMBER ", None, 1)
    ]
    odd: dict[str, list[object]] = {
        "codes": [["H4"], ["H2", "H0"], ["H0", "H0"], "H0", None],
        "purposes": [["war"], ["prosecution", "detection"], "detection", None, [1]],
        "releasable_to": [["rabat", "paris"], ["rabat", "rabat"], "rabat", None, [1]],
    }
    changes += [(field, value) for field, values in odd.items() for value in values]
    changes += [("caveats", value) for value in (["b", "a"], "x")] + [("foreign", ["b", "a"]), ("foreign", None)]
    for field, value in changes:
        yield Forged(f"{field} {value}", bob.wrapped(bob.handling(**{field: value})), _FORM)


@forges("a day that is none", 14)
def _days(bob: Forger) -> Iterator[Forged]:
    for text in ("", "soon", "2026-9-24", "24.09.2026", "2026-02-30", "20260924", "2026-W39-4"):
        yield Forged(f"erase by {text}", bob.wrapped(bob.handling(erase_by=text)), "time-malformed")
        yield Forged(f"review by {text}", bob.wrapped(bob.handling(review_by=text)), "time-malformed")


def _entity(bob: Forger, **fields: object) -> bytes:
    form = bob.form()
    form["body"]["content"]["entities"][0] |= fields
    return bob.wrapped(form)


def _statement(bob: Forger, **fields: object) -> bytes:
    form = bob.form()
    form["body"]["content"]["statements"][0] |= fields
    return bob.wrapped(form)


@forges("words that the vocabulary has not", 20)
def _words(bob: Forger) -> Iterator[Forged]:
    for schema in (
        "",
        "person",
        "Human",
        "Thing",
        "Interval",
        "Person ",
        "Suspect",
        "__proto__",
        "Analyzable",
        "P\u0435rson",
    ):
        yield Forged(f"schema “{schema}”", _entity(bob, schema=schema), "vocabulary-schema")
    for name in (
        "",
        "Name",
        "names",
        "risk",
        "score",
        "name ",
        "ownershipOwner",
        "probability",
        "__class__",
        "n\u0430me",
    ):
        yield Forged(f"property “{name}”", _statement(bob, property=name), "vocabulary-property")


@forges("a special category of personal data", 6)
def _special(bob: Forger) -> Iterator[Forged]:
    for name in ("ethnicity", "religion", "political"):
        for value in ("Amazigh", "x"):
            yield Forged(f"{name} {value}", _statement(bob, property=name, value=value), "vocabulary-special-category")


@forges("a statement out of order", 22)
def _statements(bob: Forger) -> Iterator[Forged]:
    places: tuple[object, ...] = ([5, 5], [5, 4], [-1, 4], [0], [0, 1, 2], ["0", "4"], [True, 4], {}, "0-4", 4)
    for place in places:
        yield Forged(f"place {place}", _statement(bob, place=place), "statement-place")
    for outside in ([0, 36], [0, 1_000], [35, 36], [0, 2**53 - 1]):
        yield Forged(f"place {outside}", _statement(bob, place=outside), "report-place-outside")
    for entity in ("e2", "", "E1", "e1 "):
        yield Forged(f"of “{entity}”", _statement(bob, entity=entity), "report-statement-orphaned")
    for schema in ("Organization", "Vessel", "Company", "LegalEntity"):
        yield Forged(f"of another schema {schema}", _statement(bob, schema=schema), "report-statement-orphaned")


@forges("one entity twice in a report", 6)
def _entities_twice(bob: Forger) -> Iterator[Forged]:
    for change in (
        {},
        {"category": "contact"},
        {"grounds": "x"},
        {"category": "official"},
        {"category": "other"},
        {"category": "convicted"},
    ):
        form = bob.form()
        entities = form["body"]["content"]["entities"]
        entities.append(json.loads(json.dumps(entities[0])) | change)
        yield Forged(f"{change}", bob.wrapped(form), "report-entity-twice")


@forges("somebody about to offend without grounds", 4)
def _no_grounds(bob: Forger) -> Iterator[Forged]:
    for grounds in ("", " ", "\n", "\u00a0"):
        yield Forged(
            f"{grounds!r}", _entity(bob, category="about-to-offend", grounds=grounds), "entity-grounds-missing"
        )


@forges("a grade that is none", 14)
def _grades(bob: Forger) -> Iterator[Forged]:
    changes: list[tuple[dict[str, object], str]] = [({"source": value}, _FORM) for value in ("D", "b", "", None, 1)]
    changes += [({"information": value}, _FORM) for value in ("5", "0", "", None, 1)]
    changes += [({"admiralty": value}, "evaluation-admiralty") for value in ("G1", "A7", "B", "")]
    for change, code in changes:
        form = bob.form()
        form["body"]["content"]["evaluation"] |= change
        yield Forged(f"{change}", bob.wrapped(form), code)


@forges("a report without an agreement", 4)
def _no_agreement(bob: Forger) -> Iterator[Forged]:
    for number in range(4):
        yield Forged(f"try {number}", bob.wrapped(bob.form(agreement="")), "protocol-agreement-missing")


@forges("a version of a blind filter or answer beyond what is kept", 10)
def _blind_versions(bob: Forger) -> Iterator[Forged]:
    scope = {
        "agreement": bob.bob.agreement,
        "purpose": "investigation",
        "epoch": 0,
        "holder": "washington",
        "side": "held",
    }
    for number in (-1, 1_000_001, 2**31, 2**32, 2**53 - 1):
        piece = {"scope": scope, "version": number, "part": 0, "parts": 1, "data": ""}
        yield Forged(f"filter {number}", bob.wrapped(bob.form(type="blind-filter", body=piece)), _FORM)
        told = {"scope": scope, "round": "1", "version": number, "evaluated": "", "proof": "", "refused": ""}
        yield Forged(f"answer {number}", bob.wrapped(bob.form(type="blind-answer", body=told)), _FORM)
