"""Identifiers that prove themselves by a check digit, or stand where the text says what they are.

Invariant: a value is suggested only when its check digit holds (IBAN, container, IMO number, Bitcoin and Tron
addresses), when it is written in full international form (phones), or after a word that names it (plates, Ethereum).
ISO 13616, ISO 6346, IMO A.1117(30), ITU-T E.164, BIP 173 and 350, EIP-55's form.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

import phonenumbers
from stdnum import bitcoin, iban, imo, iso6346

from amana.intake.suggestion import Kind, Suggestion

_IBAN = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ \u00a0-]?[A-Z0-9]){11,30}(?![a-z])")
_CONTAINER = re.compile(r"(?<![A-Z0-9])([A-Z]{3}[UJZ])[ \u00a0-]?(\d{3})[ \u00a0.]?(\d{3})[ \u00a0-]?(\d)(?!\d)")
_IMO = re.compile(r"\bIMO(?:[ -]?(?:Nr\.?|No\.?|n[°º]|number|Nummer|número|numéro|رقم))?[ :#-]{0,3}(\d{7})(?!\d)", re.I)
_BITCOIN = re.compile(r"(?<![A-Za-z0-9])(?:bc1[02-9ac-hj-np-z]{11,87}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9])")
_TRON = re.compile(r"(?<![A-Za-z0-9])T[1-9A-HJ-NP-Za-km-z]{33}(?![A-Za-z0-9])")
_ETHEREUM = re.compile(r"(?<![A-Za-z0-9])0x[0-9a-fA-F]{40}(?![0-9a-zA-Z])")
_INTERNATIONAL = re.compile(r"(?<![\w+])00([1-9])")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_PLATE_WORD = re.compile(
    r"kennzeichen|nummernschild|immatricul|plaque|number plate|licen[cs]e plate|\bplates?\b|registration|"
    r"matr[ií]cula|placa|لوحة|ترقيم|المرقمة|مرقمة",
    re.I,
)
_PLATE = re.compile(
    r"(?<![\w-])(?:"
    r"[A-ZÄÖÜ]{1,3}-[A-Z]{1,2} ?\d{1,4}[EH]?"  # Germany
    r"|[A-Z]{2}-\d{3}-[A-Z]{2}"  # France, Italy
    r"|\d{1,5} ?[-|/] ?[A-Zأبجدهوطي] ?[-|/] ?\d{1,2}"  # Morocco
    r"|\d{4} ?[BCDFGHJ-NPRSTVWXYZ]{3}"  # Spain
    r"|[A-Z]{2}\d{2} ?[A-Z]{3}"  # United Kingdom
    r"|[A-Z]{2}[ -]?\d{4}[ -]?[A-Z]{2}"  # Mali, Niger, others of the region
    r")(?![\w-])"
)
_PLATE_REACH = 48
_PROVEN = "check-digit-valid"
_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VESSEL_NAME = re.compile(
    r"\b(?:M/?V|M/?S|M/?T|Frachter|Motorschiff|Schiff|cargo|navire|vraquier|porte-conteneurs|buque|portacontenedores|"
    r"vessel|ship|السفينة|سفينة|الباخرة)\s+[„“«\"»]?\s?(?P<name>[^\W\d_][\w' -]{1,40}?)\s?[“”»\"«]?\s*[,(]?\s*\(?$"
)


def find_identifiers(text: str) -> list[Suggestion]:
    """All identifiers of a text."""
    found: list[Suggestion] = []
    for finder in (_ibans, _containers, _vessels, _wallets, _phones, _plates):
        taken = [(one.start, one.end) for one in found]
        found += [one for one in finder(text) if not any(one.start < end and start < one.end for start, end in taken)]
    return found


def _one(
    text: str, place: tuple[int, int], value: str, *properties: tuple[str, str], schema: str, reason: str = _PROVEN
) -> Suggestion:
    return Suggestion(
        kind=Kind.IDENTIFIER,
        value=value,
        start=place[0],
        end=place[1],
        text=text[place[0] : place[1]],
        schema=schema,
        properties=properties,
        reason=reason,
    )


def _ibans(text: str) -> Iterator[Suggestion]:
    for found in _IBAN.finditer(text):
        # The words after an IBAN may look like its continuation: the longest part whose check digits hold is it.
        for end in range(found.end(), found.start() + 14, -1):
            written = text[found.start() : end].replace("\u00a0", " ")
            if written[-1].isalnum() and iban.is_valid(written):
                value = iban.compact(written)
                said = (("iban", value), ("country", value[:2].casefold()))
                yield _one(text, (found.start(), end), value, *said, schema="BankAccount")
                break


def _containers(text: str) -> Iterator[Suggestion]:
    for found in _CONTAINER.finditer(text):
        value = "".join(found.groups())
        if iso6346.is_valid(value):
            yield _one(text, found.span(), value, ("containerCode", value), schema="Container")


def _vessels(text: str) -> Iterator[Suggestion]:
    for found in _IMO.finditer(text):
        if imo.is_valid(found[1]):
            value = f"IMO{found[1]}"
            named = _VESSEL_NAME.search(text[max(0, found.start() - 80) : found.start()])
            said = [("imoNumber", value), *([("name", named["name"].strip())] if named else [])]
            yield _one(text, found.span(), value, *said, schema="Vessel")


def _wallets(text: str) -> Iterator[Suggestion]:
    for pattern, holds, chain, currency, reason in (
        (_BITCOIN, _bitcoin_holds, "Bitcoin", "BTC", _PROVEN),
        (_TRON, _tron_holds, "Tron", "TRX", _PROVEN),
        (_ETHEREUM, bool, "Ethereum", "ETH", "form-of-address"),
    ):
        for found in pattern.finditer(text):
            if holds(found[0]):
                said = (("cryptoAddress", found[0]), ("blockchain", chain), ("currencySymbol", currency))
                yield _one(text, found.span(), found[0], *said, schema="CryptoWallet", reason=reason)


def _bitcoin_holds(address: str) -> bool:
    return bool(bitcoin.is_valid(address))


def _tron_holds(address: str) -> bool:
    number = 0
    for sign in address:
        number = number * 58 + _ALPHABET.index(sign)
    body = number.to_bytes(26, "big")[1:]
    return hashlib.sha256(hashlib.sha256(body[:21]).digest()).digest()[:4] == body[21:] and body[0] == 0x41


def _phones(text: str) -> Iterator[Suggestion]:
    # Same length as the text, so that places stay true: Western digits, and "00" before a number as " +".
    plain = _INTERNATIONAL.sub(lambda one: " +" + one[1], text.translate(_DIGITS))
    for found in phonenumbers.PhoneNumberMatcher(plain, None, leniency=phonenumbers.Leniency.POSSIBLE):
        value = phonenumbers.format_number(found.number, phonenumbers.PhoneNumberFormat.E164)
        start = found.start - (1 if text[found.start - 1 : found.start + 1] == "00" else 0)
        region = phonenumbers.region_code_for_number(found.number)
        country = (("country", region.casefold()),) if region and len(region) == 2 and region.isalpha() else ()
        # A statement takes only numbers of a range that is in use; others are kept by name, to be looked at.
        valid = phonenumbers.is_valid_number(found.number)
        said = (("number" if valid else "name", value), *country)
        reason = "international-form" if valid else "range-not-in-use"
        yield _one(text, (start, found.end), value, *said, schema="Phone", reason=reason)


def _plates(text: str) -> Iterator[Suggestion]:
    for found in _PLATE.finditer(text):
        if _PLATE_WORD.search(text[max(0, found.start() - _PLATE_REACH) : found.start()]):
            value = re.sub(r"\s+", " ", found[0])
            said = ("registrationNumber", value)
            yield _one(text, found.span(), value, said, schema="Vehicle", reason="word-before-plate")
