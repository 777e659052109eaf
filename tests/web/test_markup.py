"""Whatever anybody writes stays text: 200 payloads in every text field, looked for in every page that links lead to."""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.html
import pytest

from amana.records.models import User
from tests.counterpart import Counterpart
from tests.signing import signed_in
from tests.web.crawler import walk
from tests.web.laced import lace
from tests.web.payloads import MARK, PAYLOADS
from tests.web.rooms import Cast

pytestmark = pytest.mark.once

INERT = {"value", "title", "aria-label", "placeholder", "alt"}
ADDRESS = {"href", "action", "hx-get", "hx-post", "src"}
NUMBERED = re.compile(MARK + r"(\d{3})\b")


def misplaced(page: bytes) -> list[str]:
    """Where a payload has become something else than its own text: an element, an attribute, a script, an address."""
    document = lxml.html.document_fromstring(page)
    found = list(mangled(document.text_content()))
    for one in document.iter():
        if not isinstance(one.tag, str):
            found += [f"comment {str(one.text)[:60]}"] if MARK in str(one.text) else []
            continue
        if MARK in one.tag or (one.tag in {"script", "style", "template"} and MARK in one.text_content()):
            found.append(f"inside <{one.tag}>")
        for name, value in one.attrib.items():
            found += [f"<{one.tag} {name}: {left}>" for left in mangled(value)]
            here = name in ADDRESS and value.startswith(("/", "?", "#")) and not value.startswith("//")
            if MARK in name or (MARK in value and name not in INERT and not here):
                found.append(f"<{one.tag} {name}={value[:60]}>")
    return found


def mangled(text: str) -> Iterator[str]:
    """Payloads of which the text does not hold all, or all up to an ellipsis."""
    text = " ".join(text.replace('\\"', '"').split())  # some pages show the canonical JSON
    for one in NUMBERED.finditer(text):
        payload = " ".join(PAYLOADS[int(one[1])].split())
        there = text[one.start() : one.start() + len(payload)]
        cut = "…" in there and payload.startswith(there.partition("…")[0])
        alone = text[one.end() : one.end() + 1] == "”"  # a reason names one word of a name
        if there != payload and not cut and not alone:
            yield there


def test_200_payloads_in_every_field_stay_text_in_every_page(
    alice: User, omar: User, salma: User, rachid: User, washington: Counterpart
) -> None:
    assert len(set(PAYLOADS)) == 200
    lace(Cast(alice, omar, salma, rachid), washington)
    reached, shown = set[str](), 0
    for officer in (alice, omar, salma, rachid):
        for name, address, answer in walk(signed_in(officer), most=25):
            assert answer.status_code < 500, address
            reached.add(name)
            if answer.headers.get("Content-Type", "").startswith("text/html"):
                shown += answer.content.count(MARK.encode())
                assert misplaced(answer.content) == [], f"{officer.username} at {address}"
    assert shown > 200 * 50


@pytest.mark.parametrize(
    ("frame", "way_out"),
    [("<p>{}</p>", "<"), ('<p title="{}">x</p>', '"'), ("<p title='{}'>x</p>", "'"), ("<!--{}-->", "")],
)
def test_a_payload_that_was_not_made_harmless_is_found(frame: str, way_out: str) -> None:
    for one in PAYLOADS:
        page = f"<html><body>{frame.replace('{}', one)}</body></html>"
        assert way_out not in one or misplaced(page.encode()), one
