"""Lists as the UN and OFAC write them: names in their parts, dates as exact as known, nothing bent to fit."""

from __future__ import annotations

import pytest

from amana.intake.listed import Listed, ListUnreadable, day_of
from amana.intake.lists import read_entries

UN = """<?xml version="1.0" encoding="UTF-8"?>
<CONSOLIDATED_LIST dateGenerated="2026-01-01"><INDIVIDUALS><INDIVIDUAL>
<DATAID>6900001</DATAID><FIRST_NAME>KARIM</FIRST_NAME><SECOND_NAME>BEN</SECOND_NAME><THIRD_NAME>BELKADI</THIRD_NAME>
<UN_LIST_TYPE>Example</UN_LIST_TYPE><REFERENCE_NUMBER>EXi.001</REFERENCE_NUMBER>
<NAME_ORIGINAL_SCRIPT>كريم بن بلقاضي</NAME_ORIGINAL_SCRIPT><NATIONALITY><VALUE>Morocco</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Good</QUALITY><ALIAS_NAME>Abu Example</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>The Tailor</ALIAS_NAME></INDIVIDUAL_ALIAS>
<INDIVIDUAL_ADDRESS><COUNTRY>Atlantis</COUNTRY></INDIVIDUAL_ADDRESS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>EXACT</TYPE_OF_DATE><DATE>1980-05-17</DATE></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>APPROXIMATELY</TYPE_OF_DATE><YEAR>1981</YEAR></INDIVIDUAL_DATE_OF_BIRTH>
<INDIVIDUAL_DOCUMENT><TYPE_OF_DOCUMENT>Passport</TYPE_OF_DOCUMENT><NUMBER>EX123456</NUMBER></INDIVIDUAL_DOCUMENT>
</INDIVIDUAL></INDIVIDUALS><ENTITIES><ENTITY><DATAID>110001</DATAID><FIRST_NAME>EXAMPLE HAWALA</FIRST_NAME>
<ENTITY_ALIAS><QUALITY>a.k.a.</QUALITY><ALIAS_NAME>Example Exchange</ALIAS_NAME></ENTITY_ALIAS>
<ENTITY_ADDRESS><COUNTRY>Mali</COUNTRY></ENTITY_ADDRESS></ENTITY></ENTITIES></CONSOLIDATED_LIST>"""
OFAC = """<?xml version="1.0" standalone="yes"?>
<sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML">
<publshInformation><Record_Count>3</Record_Count></publshInformation>
<sdnEntry><uid>36</uid><lastName>EXAMPLE AIRLINES</lastName><sdnType>Entity</sdnType>
<programList><program>EXAMPLE</program></programList></sdnEntry>
<sdnEntry><uid>37</uid><firstName>Karim</firstName><lastName>BELKADI</lastName><sdnType>Individual</sdnType>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>EX123456</idNumber><idCountry>Morocco</idCountry></id></idList>
<akaList><aka><uid>12</uid><type>a.k.a.</type><category>weak</category><lastName>TAILOR</lastName></aka></akaList>
<nationalityList><nationality><uid>3</uid><country>Morocco</country></nationality></nationalityList>
<dateOfBirthList><dateOfBirthItem><uid>4</uid><dateOfBirth>17 May 1980</dateOfBirth></dateOfBirthItem></dateOfBirthList>
</sdnEntry><sdnEntry><uid>38</uid><lastName>AMAL STAR</lastName><sdnType>Vessel</sdnType>
<vesselInfo><callSign>EX12</callSign><vesselFlag>Panama</vesselFlag></vesselInfo>
<idList><id><uid>5</uid><idType>Vessel Registration Identification</idType>
<idNumber>IMO 9074729</idNumber></id></idList>
</sdnEntry></sdnList>"""


def read(text: str) -> dict[str, Listed]:
    return {one.id: one for one in read_entries(text.encode())}


def test_the_un_writes_names_in_parts_and_aliases_with_their_quality() -> None:
    found = read(UN)
    assert found.keys() == {"un-6900001", "un-110001"}
    person = found["un-6900001"]
    assert person.schema == "Person"
    assert set(person.pairs) >= {
        ("name", "KARIM BEN BELKADI"),
        ("alias", "كريم بن بلقاضي"),
        ("alias", "Abu Example"),
        ("weakAlias", "The Tailor"),
        ("nationality", "ma"),
        ("birthDate", "1980-05-17"),
        ("birthDate", "1981"),
        ("passportNumber", "EX123456"),
    }
    assert person.left_out == 1  # no country is called Atlantis
    assert set(found["un-110001"].pairs) == {
        ("name", "EXAMPLE HAWALA"),
        ("alias", "Example Exchange"),
        ("country", "ml"),
    }


def test_ofac_writes_people_bodies_and_vessels_in_one_namespace() -> None:
    found = read(OFAC)
    assert {key: one.schema for key, one in found.items()} == {
        "ofac-36": "Organization",
        "ofac-37": "Person",
        "ofac-38": "Vessel",
    }
    assert set(found["ofac-37"].pairs) == {
        ("name", "Karim BELKADI"),
        ("weakAlias", "TAILOR"),
        ("passportNumber", "EX123456"),
        ("nationality", "ma"),
        ("birthDate", "1980-05-17"),
    }
    assert set(found["ofac-38"].pairs) >= {("callSign", "EX12"), ("flag", "pa"), ("imoNumber", "IMO 9074729")}


def test_followthemoney_lines_keep_their_ids_and_lose_special_categories() -> None:
    line = '{"id": "x1", "schema": "Person", "properties": {"name": ["Karim Belkadi"], "religion": ["x"]}}'
    nameless = '{"id": "x2", "schema": "Person", "properties": {"country": ["ma"]}}'
    (one,) = read(f"{line}\n\n{nameless}\n").values()
    assert one == Listed("x1", "Person", (("name", "Karim Belkadi"),), 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "<html></html>",
        "{}",
        '{"id": 1',
        UN[:900],
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><sdnList>&x',
    ],
)
def test_what_is_no_list_is_refused(text: str) -> None:
    with pytest.raises(ListUnreadable):
        read(text)


def test_no_entity_of_a_document_type_is_resolved() -> None:
    hostile = OFAC.replace("<sdnList", '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><sdnList', 1)
    found = read(hostile.replace("EXAMPLE AIRLINES", "EXAMPLE &e; AIRLINES"))
    assert "EXAMPLE" in dict(found["ofac-36"].pairs)["name"]
    assert len(dict(found["ofac-36"].pairs)["name"]) <= len("EXAMPLE  AIRLINES")


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("1980-05-17", "1980-05-17"),
        ("17 May 1980", "1980-05-17"),
        ("May 1980", "1980-05"),
        ("1980", "1980"),
        ("circa 1980", "1980"),
        ("1978 to 1980", ""),
        ("unknown", ""),
    ],
)
def test_a_date_is_as_exact_as_it_is_written(written: str, read_as: str) -> None:
    assert day_of(written) == read_as
