"""Single rules: dates, identifiers, names, languages, known entities; what is found and what is left alone."""

from __future__ import annotations

from datetime import date

import pytest

from amana.domain.vocabulary import CrimeArea
from amana.intake.extract import extract
from amana.intake.language import detect
from amana.intake.suggest import Kind, KnownName, suggest
from amana.intake.tables import places, rows


def _values(text: str, kind: Kind, **more: object) -> list[str]:
    return [one.value for one in suggest(text, language="und", today=date(2026, 6, 1)) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("am 24. September", ["--09-24"]),
        ("am 24. September 2025", ["2025-09-24"]),
        ("24.09.2025", ["2025-09-24"]),
        ("24.09.25", ["2025-09-24"]),
        ("24/09/2025", ["2025-09-24"]),
        ("2025-09-24", ["2025-09-24"]),
        ("le 1er août 2025", ["2025-08-01"]),
        ("on September 24, 2025", ["2025-09-24"]),
        ("the 3rd of May 2026", ["2026-05-03"]),
        ("el 6 de abril de 2026", ["2026-04-06"]),
        ("يوم 24 شتنبر 2025", ["2025-09-24"]),
        ("يوم ٢٤ سبتمبر ٢٠٢٥", ["2025-09-24"]),
        ("12 غشت", ["--08-12"]),
        ("5 حزيران 2026", ["2026-06-05"]),
        ("vom 3. bis 5. Mai 2026", ["2026-05-03", "2026-05-05"]),
        ("im März 2026", ["2026-03"]),
        ("31. Februar 2026", []),
        ("Version 1.2.3 vom Rechner 10.0.0.1", []),
        ("um 24.09 Uhr", []),
    ],
)
def test_dates_have_one_form_and_never_a_year_made_up(text: str, values: list[str]) -> None:
    assert _values(text, Kind.DATE) == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("IBAN DE14 9990 0000 0000 4242 42 bei der Bank", "DE14999000000000424242"),
        ("ES8299990001470000424242", "ES8299990001470000424242"),
        ("container ATLU 204715 9", "ATLU2047159"),
        ("ATLU2047159", "ATLU2047159"),
        ("(IMO 9900112)", "IMO9900112"),
        ("call +1 202 555 0147 now", "+12025550147"),
        ("call 0049 30 23125042 now", "+493023125042"),
        ("هاتف +١ ٢٠٢ ٥٥٥ ٠١٤٧", "+12025550147"),
        ("wallet 1849NPZgohPQVQ7tFPcnkSZgaJqVGtPKHQ", "1849NPZgohPQVQ7tFPcnkSZgaJqVGtPKHQ"),
        ("TH2MNSwQxRWMeaBWqfGWGbFpV6aoUNqmRW", "TH2MNSwQxRWMeaBWqfGWGbFpV6aoUNqmRW"),
        ("0x4d611d4117a062ac022d61cef06f14fbe97cb292", "0x4d611d4117a062ac022d61cef06f14fbe97cb292"),
        ("mit dem Kennzeichen HB-AT 4711", "HB-AT 4711"),
        ("matrícula 4711 BCD", "4711 BCD"),
        ("immatriculée AB-123-CD", "AB-123-CD"),
        ("لوحة الترقيم 28471-أ-6", "28471-أ-6"),
    ],
)
def test_an_identifier_is_found_in_its_compact_form(text: str, value: str) -> None:
    assert _values(text, Kind.IDENTIFIER) == [value]


@pytest.mark.parametrize(
    "text",
    [
        "DE15 9990 0000 0000 4242 42",
        "ATLU 204715 8",
        "IMO 9900113",
        "1849NPZgohPQVQ7tFPcnkSZgaJqVGtPKHR",
        "TH2MNSwQxRWMeaBWqfGWGbFpV6aoUNqmRX",
        "HB-AT 4711",
        "Tel. 030 23125042",
        "Aktenzeichen 4711 BCD",
        "Betrag 1.250.000 Euro",
    ],
)
def test_what_fails_its_check_digit_or_lacks_its_word_is_left_alone(text: str) -> None:
    assert _values(text, Kind.IDENTIFIER) == []


@pytest.mark.parametrize(
    "text",
    [
        "Empfohlener Artikel",
        "Terrorzellen und Drogenhändler in Nordafrika",
        "Die Straße Rue Mohammed Tazi liegt im Zentrum",
        "Der Chef der Firma kam",
        "the Director of the Office said",
        "شارع محمد الخامس",
        "قال إنه سيعود إلى المدينة",
        "Guten Morgen Deutschland",
    ],
)
def test_capitals_streets_and_offices_alone_are_nobody(text: str) -> None:
    assert _values(text, Kind.PERSON) == []


@pytest.mark.parametrize(
    ("text", "value", "role"),
    [
        (
            "US-Botschafter David Fischer und Chef der Dienste Abdellatif Tazi in Rabat",
            "Abdellatif Tazi",
            "Chef der Dienste",
        ),
        ("le colonel Yassine El Idrissi", "Yassine El Idrissi", "colonel"),
        ("David Fischer, US-Botschafter in Marokko, sagte", "David Fischer", "US-Botschafter in Marokko"),
        ("la embajadora Lucía Montalbán Reyes", "Lucía Montalbán Reyes", "embajadora"),
        (
            "Director General of National Security, Abdellatif Tazi, said",
            "Abdellatif Tazi",
            "Director General of National Security",
        ),
        ("استقبل المدير العام للأمن الوطني عبد اللطيف التازي السفير", "عبد اللطيف التازي", "المدير العام للأمن الوطني"),
        ("وقال الرائد محمد بن يوسف", "محمد بن يوسف", "الرائد"),
    ],
)
def test_a_person_is_found_with_the_role_of_the_text(text: str, value: str, role: str) -> None:
    found = {(one.value, one.role) for one in suggest(text, language="und") if one.kind == Kind.PERSON}
    assert (value, role) in found


def test_a_family_name_alone_folds_into_the_full_name_only_when_it_is_one_persons() -> None:
    one = suggest("Herr Karim Tazi kam. Später ging Tazi.", language="de")
    two = suggest("Karim Tazi und Omar Tazi kamen. Später ging Tazi.", language="de")
    assert [each.value for each in one] == ["Karim Tazi", "Karim Tazi"]
    assert [each.value for each in two] == ["Karim Tazi", "Omar Tazi"]


def test_a_name_ends_with_its_sentence() -> None:
    text = "Brandtner traf Karim Ouazzani. Mounir Tazarine sagte nichts."
    assert _values(text, Kind.PERSON) == ["Karim Ouazzani", "Mounir Tazarine"]


def test_many_people_cost_no_more_than_their_text() -> None:
    names = [f"Karim Abc{chr(97 + one // 676)}{chr(97 + one // 26 % 26)}{chr(97 + one % 26)}" for one in range(4000)]
    assert len(_values(". ".join(f"Herr {name}" for name in names), Kind.PERSON)) == len(names)


def test_a_very_long_text_is_searched_in_its_beginning_and_says_so() -> None:
    found = extract(b"word " * 50_000 + b"Rabat", filename="x.txt")
    assert found.warnings == ("very-long-line", "only-beginning-searched")
    assert suggest(found.text, language="en") == ()


def test_an_ordinary_arabic_word_is_a_place_only_where_a_place_is_asked_for() -> None:
    assert _values("تحويل مالي كبير", Kind.PLACE) == []
    assert _values("في شمال مالي والنيجر", Kind.PLACE) == ["Mali", "Niger"]


def test_a_number_of_a_range_not_in_use_is_kept_by_name_and_says_so() -> None:
    (phone,) = suggest("+44 7700 900461", language="en")
    assert (phone.reason, phone.properties[0]) == ("range-not-in-use", ("name", "+447700900461"))


def test_known_entities_are_recognised_across_script_forms_and_word_order() -> None:
    known = [
        KnownName(entity_id="p", schema="Person", name="Ibn al-Ḥasan Zayd"),
        KnownName(entity_id="v", schema="Vessel", name="Stella Atlantica"),
        KnownName(entity_id="o", schema="Organization", name="شركة الأطلس"),
        KnownName(entity_id="s", schema="Person", name="Al"),
    ]
    text = "Zayd Ibn Al Hasan bought the STELLA ATLANTICA from شركة الاطلس in May. Al knew."
    found = {(one.known, one.kind, one.reason) for one in suggest(text, language="en", known=known) if one.known}
    assert {
        ("p", Kind.PERSON, "known-entity"),
        ("v", Kind.IDENTIFIER, "known-entity"),
        ("o", Kind.ORGANISATION, "known-entity"),
    } == found


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Der Bericht wurde am Abend an die Behörde in Hamburg übergeben.", "de"),
        ("Le rapport a été remis dans la soirée aux services de la douane.", "fr"),
        ("The report was handed to the customs service in the evening.", "en"),
        ("El informe fue entregado por la tarde a los servicios de aduanas.", "es"),
        ("تم تسليم التقرير إلى مصلحة الجمارك في المساء", "ar"),
        ("Policja zatrzymała w Rotterdamie mężczyznę który dla niego pracował", "und"),
        ("В Москве прошла встреча представителей спецслужб двух стран", "und"),
        ("OK 12 34", "und"),
        ("", "und"),
    ],
)
def test_the_language_is_found_or_is_left_undetermined(text: str, code: str) -> None:
    assert detect(text).code == code


def test_a_mixed_text_has_shares() -> None:
    text = "Der Bericht wurde am Abend an die Behörde übergeben.\nThe report was handed over in the evening to them."
    shares = dict(detect(text).shares)
    assert set(shares) == {"de", "en"}
    assert abs(sum(shares.values()) - 1) < 0.01


def test_the_tables_are_in_order() -> None:
    areas = {row["area"] for row in rows("topics")}
    assert areas == {str(area) for area in CrimeArea}
    assert {(row["area"], row["lang"]) for row in rows("topics")} >= {
        (area, code) for area in areas for code in ("de", "fr", "ar", "en", "es")
    }
    assert len(places()) > 300
    assert all(-90 <= float(one.latitude) <= 90 and -180 <= float(one.longitude) <= 180 for one in places())
    assert len({one.name for one in places()}) == len(places())


@pytest.mark.parametrize("text", ["the GNU General Public License", "D. Preserve the section", "M. Delete the entry"])
def test_titles_of_another_language_make_no_names(text: str) -> None:
    assert [one for one in suggest(text, language="en") if one.kind == Kind.PERSON] == []
