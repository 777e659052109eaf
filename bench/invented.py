"""Invented reports in four languages and two scripts: people, things, texts, gradings and markings, by a seed.

Everybody in them is made of syllables; nobody is meant. The same seed gives the same reports, to the number.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Code, Handling, Purpose, Tlp
from amana.domain.report import Content, Details, Kind
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.times import cut
from amana.domain.vocabulary import Category, CrimeArea

LANGUAGES = ("en", "de", "fr", "ar")
ENTITIES, NEW, STATEMENTS = 8, 5, 50  # of each report: those it speaks of, those not known before, and what it says
_FIRST = {
    "en": ("Karim", "Salma", "Dave", "Ruth", "Hamza", "Nadia"),
    "de": ("Jürgen", "Änne", "Yusuf", "Käthe", "Dirk", "Samira"),
    "fr": ("Hélène", "Mamadou", "Éric", "Aïcha", "Loïc", "Oumar"),
    "ar": ("كريم", "سلمى", "حمزة", "نادية", "يوسف", "عائشة"),
}
_SOUNDS = {
    "en": ("bel", "ka", "di", "ta", "zi", "ber", "ra", "da", "sqa", "li", "mou", "ham", "chi", "dri", "ssi", "wal"),
    "de": (
        "brü",
        "gel",
        "mann",
        "schö",
        "ler",
        "hof",
        "kö",
        "wer",
        "bach",
        "rin",
        "zel",
        "gra",
        "nau",
        "str",
        "ö",
        "f",
    ),
    "fr": ("beau", "ré", "mi", "lan", "tou", "sé", "di", "bé", "koun", "tra", "oré", "ba", "mar", "chal", "lé"),
    "ar": ("بل", "قا", "دي", "تا", "زي", "بر", "را", "دا", "لي", "مو", "حم", "شي", "در", "سي", "وال", "كر"),
}
_SAID = {
    "en": ("{name} was seen at the yard near {place}.", "A lorry left {place} at dawn; the driver is not known.",
           "Two payments went to {name} within a week.", "The source met {name} once and describes him well."),
    "de": ("{name} wurde auf dem Hof bei {place} gesehen.", "Ein Lastwagen verließ {place} im Morgengrauen.",
           "Zwei Zahlungen gingen binnen einer Woche an {name}.", "Die Quelle traf {name} einmal und kennt ihn."),
    "fr": ("{name} a été vu dans la cour près de {place}.", "Un camion a quitté {place} à l'aube.",
           "Deux paiements sont allés à {name} en une semaine.", "La source a rencontré {name} une fois."),
    "ar": ("شوهد {name} في الساحة قرب {place}.", "غادرت شاحنة {place} عند الفجر.",
           "أرسلت دفعتان إلى {name} خلال أسبوع.", "التقى المصدر {name} مرة ووصفه جيدا."),
}  # fmt: skip
_TITLES = {
    "en": "A lorry seen at {place}", "de": "Lastwagen bei {place} gesehen",
    "fr": "Camion vu à {place}", "ar": "شاحنة شوهدت في {place}",
}  # fmt: skip
_PLACES = {
    "en": ("Port Amber", "Low Quay", "Mill Yard"), "de": ("Altmühlen", "Hafen Nord", "Grünhof"),
    "fr": ("Port-Clair", "Saint-Rémy", "Les Quais"), "ar": ("ميناء الصفاء", "باب الريح", "وادي النور"),
}  # fmt: skip
_CATEGORIES = (Category.SUSPECT,) * 6 + (Category.CONVICTED, Category.CONTACT, Category.CONTACT, Category.OTHER)
_TLPS = (Tlp.AMBER_STRICT,) + (Tlp.AMBER,) * 5 + (Tlp.GREEN,) * 3 + (Tlp.CLEAR,)
_SCHEMATA = ("Person",) * 6 + ("Organization", "Vehicle", "Vessel", "Person")


@dataclass(frozen=True, slots=True)
class Known:
    """An entity that reports speak of, with what may be said of it: property, value and language."""

    uid: str
    schema: str
    name: str
    said: tuple[tuple[str, str, str], ...]


@dataclass
class Inventor:
    """Makes reports one after the other; each originator has entities of its own, some of which come again."""

    seed: int
    known: dict[str, list[Known]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.chance = Random(self.seed)

    def number(self) -> str:
        """A number for a report, a case or a task."""
        return str(UUID(int=self.chance.getrandbits(128), version=4))

    def name(self, language: str) -> str:
        """A first name and an invented family name of the language."""
        family = "".join(self.chance.choice(_SOUNDS[language]) for _ in range(self.chance.randint(2, 4)))
        return unicodedata.normalize("NFC", f"{self.chance.choice(_FIRST[language])} {family.title()}")

    def content(
        self,
        originator: str,
        *,
        to: frozenset[str],
        at: datetime,
        kind: Kind = Kind.INFORMATION,
        details: Details | None = None,
        times: int = 1,
    ) -> Content:
        """One report of a kind with its whole marking, written at that time; `times` as large as the others."""
        chance = self.chance
        language = chance.choice(LANGUAGES)
        grade = Evaluation(chance.choice(list(Source)), chance.choice(list(Information)), at.date())
        spoken = self._spoken(originator, language, times)
        title = _TITLES[language].format(place=chance.choice(_PLACES[language]))
        text, places = self._text(language, [one.name for one in spoken])
        return Content(
            report=self.number(),
            version=1,
            kind=kind,
            title=title,
            language=language,
            text=text,
            crime_areas=frozenset(chance.sample(list(CrimeArea)[:8], k=chance.randint(1, 2))),
            handling=self._handling(to, at),
            evaluation=grade,
            entities=tuple(self._entity(one) for one in spoken),
            statements=self._statements(spoken, places, grade, STATEMENTS * times),
            originals=(),
            written=cut(at),
            details=details,
        )

    def _handling(self, to: frozenset[str], at: datetime) -> Handling:
        purposes = {Purpose.INVESTIGATION, *self.chance.sample(list(Purpose), k=2)}
        if self.chance.random() < 0.1:
            purposes = {self.chance.choice([Purpose.PREVENTION, Purpose.PROSECUTION])}
        return Handling(
            tlp=self.chance.choice(_TLPS),
            codes=frozenset(self.chance.sample([Code.H0, Code.H1, Code.H2], k=self.chance.randint(0, 2))),
            releasable_to=to,
            purposes=frozenset(purposes),
            erase_by=at.date() + timedelta(days=900),
        )

    def _entity(self, one: Known) -> Entity:
        return Entity(one.uid, one.schema, self.chance.choice(_CATEGORIES) if one.schema == "Person" else None)

    def _spoken(self, originator: str, language: str, times: int) -> list[Known]:
        """Entities of one report: new ones, and some that came before, the first known the most often."""
        pool = self.known.setdefault(originator, [])
        again = {int(len(pool) * self.chance.random() ** 2) for _ in range((ENTITIES - NEW) * times)} if pool else set()
        fresh = [self._invented(language) for _ in range(NEW * times)]
        found = [*fresh, *(pool[place] for place in sorted(again))]
        pool += fresh
        return found

    def _invented(self, language: str) -> Known:
        chance, schema = self.chance, self.chance.choice(_SCHEMATA)
        name, uid = self.name(language), f"{chance.getrandbits(64):016x}"
        said = [("name", name, language)]
        if schema == "Person":
            born = f"{chance.randint(1950, 2003)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
            said += [
                ("birthDate", born, ""), ("nationality", chance.choice(("ma", "ml", "fr", "de", "us", "ne")), ""),
                ("phone", f"+21266{chance.randrange(10**7):07d}", ""), ("alias", self.name(language), language),
                ("passportNumber", f"X{chance.randrange(10**7):07d}", ""), ("position", "driver", "en"),
            ]  # fmt: skip
        elif schema == "Organization":
            said += [("country", chance.choice(("ma", "fr", "de")), ""), ("alias", self.name(language), language)]
            said += [("registrationNumber", f"{chance.randrange(10**9)}", ""), ("sector", "transport", "en")]
        else:
            said += [("registrationNumber", f"{chance.randrange(10**7)}-A-{chance.randint(1, 89)}", "")]
            said += [("type", "lorry" if schema == "Vehicle" else "trawler", "en"), ("notes", name, language)]
        return Known(uid, schema, name, tuple(said))

    def _text(self, language: str, names: list[str]) -> tuple[str, list[tuple[int, int] | None]]:
        """A text of about two dozen sentences, and where each of the names stands in it first."""
        told = [self.chance.choice(_SAID[language]) for _ in range(16)] + [_SAID[language][0]] * len(names)
        sentences = [
            one.format(name=names[place % len(names)], place=self.chance.choice(_PLACES[language]))
            for place, one in enumerate(told)
        ]
        text = unicodedata.normalize("NFC", " ".join(sentences))
        found = [text.find(name) for name in names]
        return text, [
            (start, start + len(name)) if start >= 0 else None for start, name in zip(found, names, strict=True)
        ]

    def _statements(
        self, spoken: list[Known], places: list[tuple[int, int] | None], grade: Evaluation, many: int
    ) -> tuple[Statement, ...]:
        said = [(one, place, *said) for one, place in zip(spoken, places, strict=True) for said in one.said]
        people = [one for one in spoken if one.schema == "Person"] or spoken
        while len(said) < many:  # what several sources say of the same people
            one = self.chance.choice(people)
            said.append((one, None, "notes", f"{one.name}: {self.chance.randrange(10**6)}", ""))
        return tuple(
            Statement(
                id=f"s{number}",
                entity=one.uid,
                schema=one.schema,
                property=name,
                value=value,
                nature=Nature.FACT if self.chance.random() < 0.8 else Nature.ASSESSMENT,
                evaluation=grade,
                lang=language,
                place=place if name == "name" else None,
            )
            for number, (one, place, name, value, language) in enumerate(said[:many], start=1)
        )
