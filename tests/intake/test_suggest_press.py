"""The press article of Rabat, the first real input: everything it names is found, and little else."""

from __future__ import annotations

from pathlib import Path

import pytest

from amana.intake.extract import extract
from amana.intake.language import detect
from amana.intake.suggest import Kind, KnownName, Suggestion, suggest


@pytest.fixture(scope="module")
def article(real_data: Path) -> str:
    path = real_data / "press" / "rabat-de.txt"
    if not path.is_file():
        pytest.skip("the press article (../shared/data/press/rabat-de.txt) is not beside this checkout")
    return extract(path.read_bytes(), filename=path.name).text


@pytest.fixture(scope="module")
def suggestions(article: str) -> tuple[Suggestion, ...]:
    return suggest(article, language=detect(article).code)


def _values(suggestions: tuple[Suggestion, ...], kind: Kind) -> set[str]:
    return {one.value for one in suggestions if one.kind == kind}


def test_the_article_is_german(article: str) -> None:
    assert detect(article).code == "de"


def test_exactly_its_two_people_are_found_with_their_roles(suggestions: tuple[Suggestion, ...]) -> None:
    people = {(one.value, one.role) for one in suggestions if one.kind == Kind.PERSON}
    assert people == {
        ("David Fischer", "US-Botschafter"),
        ("Abdellatif Hammouchi", "Chef der marokkanischen Sicherheitsdienste"),
        ("Abdellatif Hammouchi", "Generaldirektor für nationale Sicherheit und territoriale Überwachung"),
    }


def test_its_organisations_are_found_by_their_short_names(suggestions: tuple[Suggestion, ...]) -> None:
    assert _values(suggestions, Kind.ORGANISATION) == {"DGSN", "DGST", "MAP", "US-Botschaft"}
    dgst = next(one for one in suggestions if one.value == "DGST")
    assert ("abbreviation", "DGST") in dgst.properties
    assert ("country", "ma") in dgst.properties


def test_its_places_are_found_with_country_and_coordinates(suggestions: tuple[Suggestion, ...]) -> None:
    assert _values(suggestions, Kind.PLACE) == {
        "Rabat",
        "Casablanca",
        "Tanger Med",
        "Sahel",
        "North Africa",
        "Morocco",
        "United States",
    }
    rabat = dict(next(one for one in suggestions if one.value == "Rabat").properties)
    assert (rabat["country"], rabat["latitude"], rabat["longitude"]) == ("ma", "34.0209", "-6.8416")


def test_its_date_leaves_the_year_open(suggestions: tuple[Suggestion, ...]) -> None:
    assert [(one.value, one.text) for one in suggestions if one.kind == Kind.DATE] == [("--09-24", "24. September")]


def test_its_meeting_is_found_with_those_who_took_part(suggestions: tuple[Suggestion, ...]) -> None:
    (meeting,) = (one for one in suggestions if one.kind == Kind.MEETING)
    assert meeting.value.startswith("--09-24 Rabat")
    said = {(name, value) for name, value in meeting.properties if name.endswith("Mentioned")}
    assert said == {
        ("peopleMentioned", "Abdellatif Hammouchi"),
        ("peopleMentioned", "David Fischer"),
        ("companiesMentioned", "DGST"),
        ("companiesMentioned", "US-Botschaft"),
    }


def test_its_crime_areas_are_found(suggestions: tuple[Suggestion, ...]) -> None:
    assert _values(suggestions, Kind.TOPIC) == {
        "terrorism",
        "violent-extremism",
        "organised-crime",
        "drug-trafficking",
        "terrorist-financing",
    }


def test_an_entity_that_the_node_knows_is_recognised(article: str) -> None:
    known = [
        KnownName(entity_id="e1", schema="Person", name="HAMMOUCHI Abdellatif"),
        KnownName(entity_id="e2", schema="PublicBody", name="DGST"),
        KnownName(entity_id="e3", schema="Person", name="Alice Benjelloun"),
    ]
    found = suggest(article, language="de", known=known)
    assert {one.value for one in found if one.known == "e1"} == {"Abdellatif Hammouchi"}
    assert {one.value for one in found if one.known == "e2"} == {"DGST"}
    assert not [one for one in found if one.known == "e3"]
