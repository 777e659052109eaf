"""What a careful reader finds in the exercise documents, written down by hand, document by document.

Values are as `suggest` normalises them; a meeting is written by its day and place. `UNSEEN` are texts that were
written before the rules were tried on them, and for whose sake no rule was changed: they show how the rules do on
texts that they were not made with (by the same hand, however, so real texts may be harder).
"""

from __future__ import annotations

DOCUMENTS: dict[str, dict[str, str]] = {
    "de-lagebild.txt": {
        "person": "Henning Brandtner|Salma Benkirane|Karim Ouazzani|Idrissa Maïga|Yassine Rahmouni",
        "organisation": "DGSN|BKA|Zollfahndung|Nordlicht Frucht GmbH|Katibat al-Fadschr",
        "place": "Guayaquil|Gao|Hamburg|Tanger Med|Bremerhaven|Casablanca|Niamey|Sahel",
        "date": "2026-03-12|--02-27|--03-20",
        "meeting": "2026-03-12 Hamburg",
        "topic": "drug-trafficking|money-laundering|terrorist-financing|terrorism",
        "identifier": "ATLU2047159|IMO9900112|+4915228817386|DE14999000000000424242|HB-AT 4711",
    },
    "fr-note.md": {
        "person": "Rachid El Alaoui|Hélène Marchetti|Karim Ouazzani|Mounir Tazarine|Idrissa Maïga",
        "organisation": "DGSN|ambassade de France|Atlas Primeurs SARL|Al-Fajr|DGST|Europol",
        "place": "Casablanca|Guayaquil|Tanger Med|Marseille|Niger|Agadez|Sahel|Algeciras|Paris|Rabat",
        "date": "2026-03-18|2026-03-02|--03-09|--04-08",
        "meeting": "2026-03-18 Casablanca|--04-08 Rabat",
        "topic": "drug-trafficking|money-laundering|organised-crime|terrorist-financing|document-fraud",
        "identifier": "XQRU5581208|FR7699999000010000042424229|1849NPZgohPQVQ7tFPcnkSZgaJqVGtPKHQ|4711 BCD",
    },
    "ar-taqrir.txt": {
        "person": "عبد الكريم الزموري|سارة ويتمور|كريم الوزاني|إدريس مايغا|ياسين الرحموني",
        "organisation": "DGSN|DGST|Gendarmerie royale|أطلس للخضر|الفجر",
        "place": (
            "Guayaquil|Sahel|Rabat|Casablanca|Tanger Med|Ecuador|Niamey|Agadez|Mali|Algeciras|United States|Tangier"
        ),
        "date": "2026-03-25|--03-02|--04-10",
        "meeting": "2026-03-25 Rabat",
        "topic": "drug-trafficking|money-laundering|terrorist-financing|organised-crime",
        "identifier": "NTLU3109264|+12025550147|28471-أ-6|IMO9900112",
    },
    "en-liaison.eml": {
        "person": "Edith Larkmoor|Alice Benjelloun|Daniel Okafor|Stavros Kallidis|Karim Ouazzani|Idrissa Maiga",
        "organisation": "Larkspur Maritime Ltd|Atlas Primeurs SARL|DEA|FBI|Al-Fajr|DGST|Europol",
        "place": "Rabat|Casablanca|Piraeus|Valencia|Tanger Med|Niamey|Mali|Burkina Faso|Antwerp",
        "date": "2026-03-30|--03-25|2026-02-04|--03-02|--03-04|--03-11",
        # The first is said without a word for meeting ("Thank you for receiving … on March 25 in Rabat").
        "meeting": "--03-25 Rabat|2026-02-04 Valencia",
        "topic": "drug-trafficking|money-laundering|terrorist-financing|organised-crime|document-fraud",
        "identifier": "IMO9900112|+12025550147|0x4d611d4117a062ac022d61cef06f14fbe97cb292|ATLU2047159|+493023125042|"
        "HB-AT 4711",
    },
    "es-informe.html": {
        "person": (
            "Gonzalo Urrestarazu|Rachid El Alaoui|Lucía Montalbán Reyes|Yassine Rahmouni|Idrissa Maiga|Abu Talha"
        ),
        "organisation": "Policía Nacional|DGSN|Guardia Civil|Frutas del Estrecho S.L.|CITCO|Al Fajr",
        "place": "Algeciras|Cartagena|Colombia|Tanger Med|Tangier|Gao|Mali|Sahel|Madrid",
        "date": "2026-04-06|2026-02-19|--03-07|--04-22",
        "meeting": "2026-04-06 Algeciras|--04-22 Madrid",
        "topic": "drug-trafficking|money-laundering|terrorist-financing|corruption",
        "identifier": "ZZTU7003417|ES8299990001470000424242|4711 BCD|+447700900461",
    },
}

UNSEEN: tuple[tuple[str, str, dict[str, str]], ...] = (
    (
        "de",
        "Staatsanwältin Judith Ahlers erhob am 4. Mai 2026 in Bremen Anklage gegen den Spediteur Tarik "
        "Belkadi und zwei "
        "weitere Männer. Sie sollen Haschisch von Nador über Almería nach Deutschland gebracht haben. "
        "Bei einer Besprechung "
        "mit Europol in Den Haag am 11. Mai berichtete Oberkommissar Lutz Wegener, dass Belkadi seit "
        "März ein Konto in "
        "Malta führe. Die Reederei „Blauwasser“ bestreitet jede Beteiligung. Der Container trug die "
        "Nummer ATLU 204715 9. "
        "Auch der Waffenhandel in Libyen sei Thema gewesen.",
        {
            "person": "Judith Ahlers|Tarik Belkadi|Lutz Wegener",
            "organisation": "Europol|Blauwasser",
            "place": "Bremen|Nador|Almería|Germany|The Hague|Malta|Libya",
            "date": "2026-05-04|--05-11",
            "meeting": "--05-11 The Hague",
            "topic": "drug-trafficking|arms-trafficking",
            "identifier": "ATLU2047159",
        },
    ),
    (
        "fr",
        "Le procureur Olivier Desgranges a reçu jeudi à Bruxelles Mme Naïma Chraïbi, directrice de "
        "l'unité antiterroriste. "
        "Selon elle, un réseau de passeurs de migrants opère entre Zouara et Lampedusa depuis le 15 "
        "janvier 2026. Le chef "
        "du réseau, Hassan Triki, aurait versé des pots-de-vin à un officier de Misrata. L'Office "
        "central de répression "
        "(OCRTM) enquête avec Frontex. Téléphone : +49 30 23125042. Une prochaine réunion aura lieu le "
        "3 février à Tunis.",
        {
            "person": "Olivier Desgranges|Naïma Chraïbi|Hassan Triki",
            "organisation": "OCRTM|Frontex",
            "place": "Brussels|Zuwara|Lampedusa|Misrata|Tunis",
            "date": "2026-01-15|--02-03",
            "meeting": "Brussels|--02-03 Tunis",
            "topic": "terrorism|migrant-smuggling|corruption",
            "identifier": "+493023125042",
        },
    ),
    (
        "en",
        "Superintendent Fiona Macready told reporters in Liverpool on 9 June 2026 that two men, Jamal "
        "Haddou and Peter "
        "Quillan, had been charged with arms trafficking. Quillan, a British national, worked for "
        "Harbour Lights Ltd. "
        "Officers of the National Crime Agency met Colonel Bilal Amrani of the Royal Gendarmerie in "
        "Tangier a week earlier. "
        "The rifles were found in a van with the registration AB12 CDE and were bound for Tripoli via Valletta.",
        {
            "person": "Fiona Macready|Jamal Haddou|Peter Quillan|Bilal Amrani",
            "organisation": "Harbour Lights Ltd|NCA|Gendarmerie royale",
            "place": "Liverpool|Tangier|Tripoli|Valletta",
            "date": "2026-06-09",
            "meeting": "Tangier",
            "topic": "arms-trafficking",
            "identifier": "AB12 CDE",
        },
    ),
    (
        "es",
        "La fiscal Nuria Echevarría informó el 2 de junio de 2026 de la detención en Ceuta de Hamid "
        "Bouazza, presunto jefe "
        "de una red de tráfico de personas migrantes. Según el sargento Pablo Cifuentes, de la Guardia "
        "Civil, Bouazza "
        "utilizaba pasaportes falsos comprados en Estambul. La empresa Transportes Levante S.A. "
        "colaboró con Frontex. El "
        "dinero salía hacia Orán por hawala.",
        {
            "person": "Nuria Echevarría|Hamid Bouazza|Pablo Cifuentes",
            "organisation": "Guardia Civil|Transportes Levante S.A.|Frontex",
            "place": "Ceuta|Istanbul|Oran",
            "date": "2026-06-02",
            "topic": "migrant-smuggling|document-fraud|money-laundering",
        },
    ),
    (
        "ar",
        "أعلن الناطق الرسمي العقيد سمير البقالي يوم 14 ماي 2026 في مدينة وهران عن تفكيك شبكة لتهريب "
        "المهاجرين نحو إسبانيا. وكان "
        "زعيم الشبكة مراد بن جلول يستعمل جوازات سفر مزورة اقتناها من إسطنبول. والتقى البقالي بممثلين عن "
        "الإنتربول في الجزائر "
        "العاصمة يوم 20 ماي. وأضاف أن المدعو حكيم لعروسي متورط في غسل الأموال.",
        {
            "person": "سمير البقالي|مراد بن جلول|حكيم لعروسي",
            "organisation": "Interpol",
            "place": "Oran|Spain|Istanbul|Algiers",
            "date": "2026-05-14|--05-20",
            "meeting": "--05-20 Algiers",
            "topic": "migrant-smuggling|document-fraud|money-laundering",
        },
    ),
)
