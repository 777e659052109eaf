"""Public lists of subjects: the UN's consolidated XML, OFAC's SDN XML, and FollowTheMoney JSON lines.

Invariant: an entry is found again under the same id in every later edition of its list; entries without a name are
none. Forms: UN Security Council consolidated list (CONSOLIDATED_LIST), OFAC SDN.XML (sdnList), FollowTheMoney 4.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from lxml import etree

from amana.domain.vocabulary import SchemaUnknown, is_name
from amana.intake.listed import Listed, ListUnreadable, Pair, children, day_of, entries_of, texts

__all__ = ["ListUnreadable", "Listed", "read_entries"]

MOST_BYTES = 512 * 1024 * 1024
_KINDS = {"Individual": "Person", "Vessel": "Vessel", "Aircraft": "Airplane"}
_UN_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")
_GOOD = frozenset({"good", "strong", ""})


def read_entries(data: bytes) -> Iterator[Listed]:
    """The entries of a list, whichever it is. Raises ListUnreadable."""
    if len(data) > MOST_BYTES:
        raise ListUnreadable
    entries = _reader_of(data)(data)
    return (one for one in entries if any(is_name(one.schema, name) for name, _ in one.pairs))


def _reader_of(data: bytes) -> Callable[[bytes], Iterator[Listed]]:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \r\n\t")
    if head.startswith(b"{"):
        return _read_ftm
    if b"CONSOLIDATED_LIST" in head:
        return _read_un
    if b"sdnList" in head:
        return _read_ofac
    raise ListUnreadable


def _read_ftm(data: bytes) -> Iterator[Listed]:
    for line in data.splitlines():
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            pairs = [(str(name), str(value)) for name, values in given["properties"].items() for value in values]
            yield Listed.of(str(given["id"]), str(given["schema"]), pairs)
        except SchemaUnknown:
            continue
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ListUnreadable from error


def _read_un(data: bytes) -> Iterator[Listed]:
    for entry in entries_of(data, frozenset({"INDIVIDUAL", "ENTITY"})):
        number = "".join(texts(entry, "DATAID")).strip()
        if number:
            person = etree.QName(entry).localname == "INDIVIDUAL"
            schema = "Person" if person else "Organization"
            yield Listed.of(f"un-{number}", schema, _un_pairs(entry, "INDIVIDUAL" if person else "ENTITY"))


def _un_pairs(entry: etree._Element, kind: str) -> Iterator[Pair]:
    yield "name", " ".join(part for step in _UN_NAMES for part in texts(entry, step))
    yield from (("alias", text) for text in texts(entry, "NAME_ORIGINAL_SCRIPT"))
    for alias in children(entry, f"{kind}_ALIAS"):
        strong = "".join(texts(alias, "QUALITY")).strip().casefold() in _GOOD | {"a.k.a."}
        yield from (("alias" if strong else "weakAlias", text) for text in texts(alias, "ALIAS_NAME"))
    yield from (
        ("country" if kind == "ENTITY" else "nationality", text) for text in texts(entry, "NATIONALITY", "VALUE")
    )
    yield from (("country", text) for text in texts(entry, f"{kind}_ADDRESS", "COUNTRY"))
    yield from (("notes", f"UN {text}") for text in texts(entry, "REFERENCE_NUMBER"))
    if kind == "ENTITY":
        return
    for birth in children(entry, "INDIVIDUAL_DATE_OF_BIRTH"):
        yield from (("birthDate", day_of(text)) for step in ("DATE", "YEAR") for text in texts(birth, step))
    yield from (("birthPlace", text) for text in texts(entry, "INDIVIDUAL_PLACE_OF_BIRTH", "CITY"))
    for paper in children(entry, "INDIVIDUAL_DOCUMENT"):
        passport = "passport" in "".join(texts(paper, "TYPE_OF_DOCUMENT")).casefold()
        yield from (("passportNumber" if passport else "idNumber", text) for text in texts(paper, "NUMBER"))


def _read_ofac(data: bytes) -> Iterator[Listed]:
    for entry in entries_of(data, frozenset({"sdnEntry"})):
        number = "".join(texts(entry, "uid")).strip()
        if number:
            schema = _KINDS.get("".join(texts(entry, "sdnType")).strip(), "Organization")
            yield Listed.of(f"ofac-{number}", schema, _ofac_pairs(entry, schema))


def _ofac_name(element: etree._Element) -> str:
    return " ".join([*texts(element, "firstName"), *texts(element, "lastName")])


def _ofac_pairs(entry: etree._Element, schema: str) -> Iterator[Pair]:
    yield "name", _ofac_name(entry)
    for aka in children(entry, "akaList", "aka"):
        strong = "".join(texts(aka, "category")).strip().casefold() in _GOOD
        yield "alias" if strong else "weakAlias", _ofac_name(aka)
    for text in texts(entry, "addressList", "address", "country"):
        yield "country", text
    for text in texts(entry, "programList", "program"):
        yield "notes", f"OFAC {text}"
    if schema == "Person":
        yield from (
            ("birthDate", day_of(text)) for text in texts(entry, "dateOfBirthList", "dateOfBirthItem", "dateOfBirth")
        )
        yield from (
            ("birthPlace", text) for text in texts(entry, "placeOfBirthList", "placeOfBirthItem", "placeOfBirth")
        )
        for text in texts(entry, "nationalityList", "nationality", "country"):
            yield "nationality", text
    if schema == "Vessel":
        yield from (("flag", text) for text in texts(entry, "vesselInfo", "vesselFlag"))
        yield from (("callSign", text) for text in texts(entry, "vesselInfo", "callSign"))
    for paper in children(entry, "idList", "id"):
        kind = "".join(texts(paper, "idType")).casefold()
        for text in texts(paper, "idNumber"):
            yield _number_property(kind, schema), text


def _number_property(kind: str, schema: str) -> str:
    if schema == "Person":
        return "passportNumber" if "passport" in kind else "taxNumber" if "tax" in kind else "idNumber"
    if schema == "Vessel":
        return "imoNumber" if "vessel registration" in kind else "mmsi" if "mmsi" in kind else "registrationNumber"
    return "taxNumber" if "tax" in kind else "registrationNumber"
