"""The vocabulary of entities and their properties: FollowTheMoney 4, extended by phone, container and consignment.

Invariant: a value that enters a statement is one its property's type accepts, in the one form the type gives it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from pathlib import Path

from followthemoney.model import Model
from followthemoney.property import Property
from followthemoney.schema import Schema
from followthemoney.settings import MODEL_PATH

from amana.domain.errors import BadInput, gettext_noop

_EXTENSION = Path(__file__).parent / "schemata"

# Directive (EU) 2016/680, Article 10: switched off unless strictly necessary; never indexed, never a criterion alone.
SPECIAL_PROPERTIES = frozenset({"ethnicity", "religion", "political"})


class SchemaUnknown(BadInput):
    """The vocabulary has no such kind of entity."""

    code = "vocabulary-schema"
    sentence = gettext_noop("The vocabulary has no kind of entity called “%(schema)s”.")


class PropertyUnknown(BadInput):
    """The kind of entity has no such property."""

    code = "vocabulary-property"
    sentence = gettext_noop("An entity of the kind “%(schema)s” has no property “%(property)s”.")


class ValueRefused(BadInput):
    """A value does not fit the type of its property."""

    code = "vocabulary-value"
    sentence = gettext_noop("This value does not fit the property “%(property)s” of “%(schema)s”.")


class FtmLineMalformed(BadInput):
    """A line is not a FollowTheMoney entity."""

    code = "vocabulary-ftm-line"
    sentence = gettext_noop("Line %(line)s is not a FollowTheMoney entity: it needs an id, a schema and properties.")


class SpecialCategory(BadInput):
    """A property of a special category of personal data is switched off."""

    code = "vocabulary-special-category"
    sentence = gettext_noop(
        "“%(property)s” belongs to the special categories of personal data, which are switched off on this node."
    )


class Category(StrEnum):
    """What a person is in a report: Directive (EU) 2016/680, Article 6, with the words of the 4x4 practice."""

    SUSPECT = "suspect"
    CONVICTED = "convicted"
    ABOUT_TO_OFFEND = "about-to-offend"  # with grounds
    CONTACT = "contact"
    WITNESS = "witness"
    VICTIM = "victim"
    INFORMANT = "informant"
    OFFICIAL = "official"
    OTHER = "other"
    UNKNOWN = "unknown"


HIT_NO_HIT_ONLY = frozenset({Category.WITNESS, Category.VICTIM})


class CrimeArea(StrEnum):
    """The areas of crime that agreements, requests and topics name."""

    TERRORISM = "terrorism"
    VIOLENT_EXTREMISM = "violent-extremism"
    ORGANISED_CRIME = "organised-crime"
    DRUG_TRAFFICKING = "drug-trafficking"
    TERRORIST_FINANCING = "terrorist-financing"
    MONEY_LAUNDERING = "money-laundering"
    ARMS_TRAFFICKING = "arms-trafficking"
    HUMAN_TRAFFICKING = "human-trafficking"
    MIGRANT_SMUGGLING = "migrant-smuggling"
    CYBERCRIME = "cybercrime"
    DOCUMENT_FRAUD = "document-fraud"
    CORRUPTION = "corruption"


class _ExtendedModel(Model):
    """FollowTheMoney's own schemata and ours, dereferenced together."""

    def generate(self) -> None:
        if self.path == MODEL_PATH and "Phone" not in self.schemata:
            for path in sorted(_EXTENSION.glob("*.yaml")):
                self._load(os.fspath(path))
        super().generate()


@cache
def model() -> Model:
    """The one vocabulary of this process."""
    return _ExtendedModel(MODEL_PATH)


def schema_of(name: str) -> Schema:
    """The schema of that name; raises SchemaUnknown."""
    schema = model().get(name)
    if schema is None or schema.abstract:
        raise SchemaUnknown(schema=name)
    return schema


def property_of(schema: str, name: str) -> Property:
    """The property of a schema, that can be stated; raises SchemaUnknown, PropertyUnknown."""
    found = schema_of(schema).get(name)
    if found is None or found.stub:
        raise PropertyUnknown(schema=schema, property=name)
    return found


def clean(schema: str, name: str, value: str) -> str:
    """The value in its property's own form (a phone as E.164, an IBAN without spaces, a date as ISO 8601).

    Raises SchemaUnknown, PropertyUnknown, SpecialCategory, ValueRefused.
    """
    prop = property_of(schema, name)
    if name in SPECIAL_PROPERTIES:
        raise SpecialCategory(property=name)
    cleaned = prop.type.clean(value)
    if cleaned is None or (prop.type.max_length and len(cleaned) > prop.type.max_length):
        raise ValueRefused(schema=schema, property=name)
    return cleaned


def is_person(schema: str) -> bool:
    """Whether entities of this schema are people, who need a category."""
    return schema_of(schema).is_a("Person")


def is_name(schema: str, name: str) -> bool:
    """Whether a property holds a name, by which its entity can be found."""
    return property_of(schema, name).type.name == "name"


def is_identifier(schema: str, name: str) -> bool:
    """Whether a property holds a number or address that belongs to one thing: a phone, an account, a container."""
    return property_of(schema, name).type.name in ("identifier", "phone", "email")


def is_pointer(schema: str, name: str) -> bool:
    """Whether a property's value is the id of another entity: who owns it, who took part, where it happened."""
    return property_of(schema, name).type.name == "entity"


def comparable(schema: str, other: str) -> bool:
    """Whether entities of these schemata may be the same one, as FollowTheMoney says."""
    return schema_of(schema).can_match(schema_of(other))


def labels() -> dict[str, str]:
    """English labels of all kinds and properties, by `Schema` and `Schema:property`."""
    found: dict[str, str] = {}
    for schema in model().schemata.values():
        found[schema.name] = schema.label
        found.update({f"{schema.name}:{prop.name}": prop.label for prop in schema.properties.values()})
    return found


def ftm_lines(entities: Iterable[tuple[str, str, Iterable[tuple[str, str]]]]) -> Iterator[bytes]:
    """Write entities (id, schema, property–value pairs) as FollowTheMoney JSON lines, values sorted."""
    for entity, schema, pairs in entities:
        properties: dict[str, list[str]] = {}
        for name, value in sorted(set(pairs)):
            properties.setdefault(name, []).append(value)
        line = {"id": entity, "schema": schema, "properties": properties}
        yield json.dumps(line, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def read_ftm_line(line: bytes, number: int) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Read one FollowTheMoney JSON line as (id, schema, cleaned property–value pairs).

    `number` is the line's place in its file, for the error. Raises FtmLineMalformed and what `clean` raises.
    """
    try:
        data = json.loads(line)
        entity, schema, properties = data["id"], data["schema"], data["properties"]
        pairs = [(name, value) for name, values in properties.items() for value in values]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise FtmLineMalformed(line=number) from error
    if not isinstance(entity, str) or not entity or not isinstance(schema, str):
        raise FtmLineMalformed(line=number)
    if not all(isinstance(name, str) and isinstance(value, str) for name, value in pairs):
        raise FtmLineMalformed(line=number)
    return entity, schema, tuple(sorted({(name, clean(schema, name, value)) for name, value in pairs}))
