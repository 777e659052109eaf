"""The words of a letter of transmission that the pages use too: each is the pages' own sentence, so both say the same.

Invariant: every entry here is word for word the pages' entry (a test compares them), and is translated with theirs.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from amana.domain.errors import gettext_noop

KINDS = {
    "information": gettext_noop("Information"),
    "request": gettext_noop("Request"),
    "reply": gettext_noop("Reply"),
    "notice": gettext_noop("Notice"),
    "meeting": gettext_noop("Meeting record"),
    "lesson": gettext_noop("Lesson"),
    "referral": gettext_noop("Referral"),
    "case": gettext_noop("Case sheet"),
}
SOURCES = {
    "A": gettext_noop("A: no doubt, or reliable in all instances"),
    "B": gettext_noop("B: reliable in most instances"),
    "C": gettext_noop("C: unreliable in most instances"),
    "X": gettext_noop("X: cannot be assessed"),
}
INFORMATION = {
    "1": gettext_noop("1: accuracy not in doubt"),
    "2": gettext_noop("2: known personally to the source, not to the official"),
    "3": gettext_noop("3: not known personally, corroborated"),
    "4": gettext_noop("4: not known personally, cannot be corroborated"),
}
CODES = {
    "H0": gettext_noop("H0: only to prevent and combat crime"),
    "H1": gettext_noop("H1: not in court without permission"),
    "H2": gettext_noop("H2: not passed on without permission"),
    "H3": gettext_noop("H3: other, said in the caveats"),
}
PURPOSES = {
    "prevention": gettext_noop("Prevention"),
    "detection": gettext_noop("Detection"),
    "investigation": gettext_noop("Investigation"),
    "prosecution": gettext_noop("Prosecution"),
    "public-security": gettext_noop("Threats to public security"),
}
NATURES = {"fact": gettext_noop("Fact"), "assessment": gettext_noop("Assessment")}
CATEGORIES = {
    "suspect": gettext_noop("Suspect"),
    "convicted": gettext_noop("Convicted"),
    "about-to-offend": gettext_noop("About to offend"),
    "contact": gettext_noop("Contact or associate"),
    "witness": gettext_noop("Witness"),
    "victim": gettext_noop("Victim"),
    "informant": gettext_noop("Informant"),
    "official": gettext_noop("Official or public role"),
    "other": gettext_noop("Other"),
    "unknown": gettext_noop("Not said yet"),
}
CRIME_AREAS = {
    "terrorism": gettext_noop("Terrorism"),
    "violent-extremism": gettext_noop("Violent extremism"),
    "organised-crime": gettext_noop("Organised crime"),
    "drug-trafficking": gettext_noop("Drug trafficking"),
    "terrorist-financing": gettext_noop("Terrorist financing"),
    "money-laundering": gettext_noop("Money laundering"),
    "arms-trafficking": gettext_noop("Arms trafficking"),
    "human-trafficking": gettext_noop("Trafficking in human beings"),
    "migrant-smuggling": gettext_noop("Migrant smuggling"),
    "cybercrime": gettext_noop("Cybercrime"),
    "document-fraud": gettext_noop("Document fraud"),
    "corruption": gettext_noop("Corruption"),
}
SCHEMATA = {
    "Person": gettext_noop("Person"),
    "Organization": gettext_noop("Organisation"),
    "PublicBody": gettext_noop("Public body"),
    "Company": gettext_noop("Company"),
    "Address": gettext_noop("Place"),
    "Event": gettext_noop("Event"),
    "BankAccount": gettext_noop("Account"),
    "CryptoWallet": gettext_noop("Wallet"),
    "Vehicle": gettext_noop("Vehicle"),
    "Vessel": gettext_noop("Vessel"),
    "Phone": gettext_noop("Phone"),
    "Container": gettext_noop("Container"),
    "Consignment": gettext_noop("Consignment"),
    "Payment": gettext_noop("Payment"),
    "Trip": gettext_noop("Trip"),
    "Document": gettext_noop("Document"),
}
PROPERTIES = {
    "name": gettext_noop("Name"),
    "alias": gettext_noop("Alias"),
    "position": gettext_noop("Position"),
    "abbreviation": gettext_noop("Short name"),
    "country": gettext_noop("Country"),
    "latitude": gettext_noop("Latitude"),
    "longitude": gettext_noop("Longitude"),
    "full": gettext_noop("Address"),
    "city": gettext_noop("City"),
    "region": gettext_noop("Region"),
    "date": gettext_noop("Date"),
    "startDate": gettext_noop("Date"),
    "summary": gettext_noop("Summary"),
    "involved": gettext_noop("Involved"),
    "namesMentioned": gettext_noop("Taking part"),
    "peopleMentioned": gettext_noop("People named"),
    "companiesMentioned": gettext_noop("Organisations named"),
    "cryptoAddress": gettext_noop("Wallet address"),
    "blockchain": gettext_noop("Blockchain"),
    "currencySymbol": gettext_noop("Currency"),
    "notes": gettext_noop("Notes"),
    "type": gettext_noop("Type"),
    "bic": gettext_noop("BIC"),
    "grounds": gettext_noop("Grounds"),
    "location": gettext_noop("Location"),
    "iban": gettext_noop("IBAN"),
    "number": gettext_noop("Number"),
    "containerCode": gettext_noop("Container code"),
    "imoNumber": gettext_noop("IMO number"),
    "registrationNumber": gettext_noop("Registration"),
    "publicKey": gettext_noop("Address"),
    "birthDate": gettext_noop("Date of birth"),
    "nationality": gettext_noop("Nationality"),
}

TABLES: Mapping[str, Mapping[str, str]] = {
    "kind": KINDS,
    "source": SOURCES,
    "information": INFORMATION,
    "code": CODES,
    "purpose": PURPOSES,
    "nature": NATURES,
    "category": CATEGORIES,
    "crime_area": CRIME_AREAS,
    "schema": SCHEMATA,
    "property": PROPERTIES,
}


def word(table: str, value: object) -> str:
    """The word for a stable value in the language at hand, or the value itself where there is none."""
    found = TABLES[table].get(str(value))
    return _(found) if found is not None else str(value)
