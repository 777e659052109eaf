"""The words for what stands in a report: kinds, grades, markings, categories, crime areas, schemata and properties.

Invariant: pages and the letter of transmission take these from here, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.utils.translation import gettext as _

from amana.domain.errors import gettext_noop
from amana.domain.vocabulary import labels

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
    "LegalEntity": gettext_noop("Person or organisation"),
    "Thing": gettext_noop("Thing"),
    "Family": gettext_noop("Family tie"),
    "Associate": gettext_noop("Association"),
    "Ownership": gettext_noop("Ownership"),
    "Membership": gettext_noop("Membership"),
    "Directorship": gettext_noop("Directorship"),
    "Employment": gettext_noop("Employment"),
    "UnknownLink": gettext_noop("Link"),
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
    "firstName": gettext_noop("First name"),
    "lastName": gettext_noop("Last name"),
    "fatherName": gettext_noop("Father's name"),
    "weakAlias": gettext_noop("Weak alias"),
    "previousName": gettext_noop("Former name"),
    "birthPlace": gettext_noop("Place of birth"),
    "deathDate": gettext_noop("Date of death"),
    "gender": gettext_noop("Gender"),
    "passportNumber": gettext_noop("Passport number"),
    "idNumber": gettext_noop("Identity card number"),
    "phone": gettext_noop("Phone"),
    "email": gettext_noop("E-mail"),
    "address": gettext_noop("Address"),
    "addressEntity": gettext_noop("Address"),
    "flag": gettext_noop("Flag"),
    "mmsi": gettext_noop("MMSI"),
    "callSign": gettext_noop("Call sign"),
    "vin": gettext_noop("Chassis number"),
    "owner": gettext_noop("Owner"),
    "operator": gettext_noop("Operator"),
    "accountNumber": gettext_noop("Account number"),
    "bankName": gettext_noop("Bank"),
    "bank": gettext_noop("Bank"),
    "holders": gettext_noop("Account holder"),
    "payer": gettext_noop("Payer"),
    "beneficiary": gettext_noop("Beneficiary"),
    "payerAccount": gettext_noop("Payer's account"),
    "beneficiaryAccount": gettext_noop("Beneficiary's account"),
    "amount": gettext_noop("Amount"),
    "currency": gettext_noop("Currency"),
    "organizer": gettext_noop("Organiser"),
    "subscriber": gettext_noop("Subscriber"),
    "user": gettext_noop("User"),
    "endDate": gettext_noop("Until"),
    "imei": gettext_noop("IMEI"),
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
    """The word for a value in the language at hand; else the vocabulary's own English label, or the value itself."""
    found = TABLES[table].get(str(value))
    if found is not None:
        return _(found)
    return _labels().get(str(value), str(value)) if table in ("schema", "property") else str(value)


@cache
def _labels() -> dict[str, str]:
    """FollowTheMoney's English labels, by the names of schemata and properties."""
    return {name.rpartition(":")[2]: label for name, label in reversed(labels().items())}
