"""A card: a node's name, keys and addresses, signed by its root key. Partners exchange cards and compare fingerprints.

Invariant: a `Card` that `read_card` returned is signed by the root key it names, each of its keys is called by its own
thumbprint, and no key appears twice.
"""

from __future__ import annotations

import re
from base64 import b32encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from unicodedata import category
from urllib.parse import urlsplit

from amana.domain.errors import BadInput, Conflict, gettext_noop
from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_instant
from amana.exchange.canonical import CanonicalTooLarge
from amana.exchange.envelope import sign, untrusted, verify
from amana.exchange.keys import SealingPublicKey, SigningKey, VerifyingKey, from_base64url
from amana.exchange.tls import ca_node, der_from_text

CARD_TYPE = "amana-card+json"
LAST_SERIAL = 1_000_000
LARGEST_CARD = 65_536
SIGNING_DAYS = 90
FIRST_PROTOCOLS = (1,)
NODE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


class Use(StrEnum):
    """What a key is for."""

    SIGNING = "signing"
    SEALING = "sealing"
    CHECKPOINT = "checkpoint"


class NodeNameMalformed(BadInput):
    """A node's name is not one that this protocol knows."""

    code = "identity-name"
    sentence = gettext_noop("A node's name has 3 to 40 small letters, digits and hyphens, such as rabat-desk.")


class CountryMalformed(BadInput):
    """A country is not given by its code."""

    code = "identity-country"
    sentence = gettext_noop("A country is given by its two capital letters, such as MA.")


class AgencyMalformed(BadInput):
    """An agency's name is empty, too long or holds characters that cannot be seen."""

    code = "identity-agency"
    sentence = gettext_noop("An agency's name has 1 to 200 characters, without line breaks or invisible characters.")


class CardKeysWrong(BadInput):
    """The keys of a card are not in order."""

    code = "identity-keys"
    sentence = gettext_noop("The card's keys are not in order: one is missing, nameless, doubled or misnamed.")


class KeyWindowWrong(BadInput):
    """A key of a card is valid for too long, or ends before it begins."""

    code = "identity-key-window"
    sentence = gettext_noop("A key on the card ends before it begins, or signs for more than %(days)s days.")


class CardTlsWrong(BadInput):
    """The certificate on a card is not that of its node."""

    code = "identity-tls-ca"
    sentence = gettext_noop("The certificate on the card is not a certificate authority of the node the card names.")


class CardUrlWrong(BadInput):
    """An address on a card is not one to which messages may go."""

    code = "identity-url"
    sentence = gettext_noop("A card needs one to eight addresses, each https with a host and nothing secret in it.")


class CardNotSuccessor(Conflict):
    """A card does not follow the one that is enrolled."""

    code = "identity-not-successor"
    sentence = gettext_noop(
        "This card does not follow the one enrolled: it needs the same node and root key and a higher serial."
    )


@dataclass(frozen=True, slots=True)
class CardKey:
    """One key on a card: `public` in base64url; valid from `not_before` until before `not_after`."""

    use: Use
    kid: str
    public: str
    not_before: datetime
    not_after: datetime
    compromised_since: datetime | None = None

    @property
    def raw(self) -> bytes:
        """The public key's raw bytes."""
        return from_base64url(self.public)

    def valid_at(self, at: datetime) -> bool:
        """Whether the key may be used at this time."""
        return self.not_before <= at < self.not_after and not self.compromised_at(at)

    def compromised_at(self, at: datetime) -> bool:
        """Whether the key counts as compromised at this time."""
        return self.compromised_since is not None and at >= self.compromised_since

    def to_json(self) -> dict[str, Json]:
        """The form on the card."""
        return {
            "use": str(self.use),
            "kid": self.kid,
            "public": self.public,
            "not_before": instant(self.not_before),
            "not_after": instant(self.not_after),
            "compromised_since": instant(self.compromised_since) if self.compromised_since else None,
        }

    @classmethod
    def from_json(cls, data: object) -> CardKey:
        """Read the form; raises BadInput."""
        with Form(data, "card key") as form:
            compromised = form.maybe_text("compromised_since", most=40)
            return cls(
                use=form.choice("use", Use),
                kid=form.text("kid", most=64),
                public=form.text("public", most=4_000),
                not_before=parse_instant(form.text("not_before", most=40)),
                not_after=parse_instant(form.text("not_after", most=40)),
                compromised_since=parse_instant(compromised) if compromised is not None else None,
            )


@dataclass(frozen=True, slots=True)
class Card:
    """Who a node is: `root` in base64url, `tls_ca` the DER certificate in base64, `urls` where it is reached.

    `protocols` are the versions that it speaks, ascending; a card that says nothing speaks version 1, and is written
    so.
    """

    node: str
    agency: str
    country: str
    serial: int
    issued: datetime
    root: str
    keys: tuple[CardKey, ...]
    tls_ca: str
    urls: tuple[str, ...]
    protocols: tuple[int, ...] = FIRST_PROTOCOLS

    def to_json(self) -> dict[str, Json]:
        """The form that the root key signs."""
        form: dict[str, Json] = {
            "node": self.node,
            "agency": self.agency,
            "country": self.country,
            "serial": self.serial,
            "issued": instant(self.issued),
            "root": self.root,
            "keys": [key.to_json() for key in self.keys],
            "tls_ca": self.tls_ca,
            "urls": list(self.urls),
        }
        if self.protocols != FIRST_PROTOCOLS:
            form["protocols"] = list(self.protocols)
        return form

    @classmethod
    def from_json(cls, data: object) -> Card:
        """Read the form; raises BadInput. Only `read_card` proves it."""
        with Form(data, "card") as form:
            return cls(
                node=form.text("node", most=40),
                agency=form.text("agency", most=200),
                country=form.text("country", most=2),
                serial=form.number("serial", least=1, most=LAST_SERIAL),
                issued=parse_instant(form.text("issued", most=40)),
                root=form.text("root", most=64),
                keys=form.list_of("keys", CardKey.from_json, most=100),
                tls_ca=form.text("tls_ca", most=8_000),
                urls=form.texts("urls", most=8),
                protocols=_protocols(form) if form.has("protocols") else FIRST_PROTOCOLS,
            )


def _protocols(form: Form) -> tuple[int, ...]:
    def read(item: object) -> int:
        if not isinstance(item, int) or isinstance(item, bool) or item < 1:
            raise form.wrong("protocols")
        return item

    found = form.list_of("protocols", read, most=100)
    if not found or list(found) != sorted(set(found)) or found == FIRST_PROTOCOLS:
        raise form.wrong("protocols")
    return found


def sign_card(card: Card, root: SigningKey) -> str:
    """Sign a card by its root key; raises what `read_card` raises for a card that nobody would accept."""
    _check(card)
    return sign(card.to_json(), root, CARD_TYPE).decode("ascii")


def read_card(jws: str | bytes) -> Card:
    """Read a card and prove that it is in order.

    1. At most 64 KiB (CanonicalTooLarge). 2. A canonical payload in the card's form (canonical-*, form-malformed).
    3. A root key that is none of the small-order keys (KeyMalformed, small order). 4. The exact header, signed by that
    root (envelope-*). 5. The node's name (NodeNameMalformed). 6. The country (CountryMalformed). 7. The agency
    (AgencyMalformed). 8. Keys: each use present, each called by its thumbprint, none twice (CardKeysWrong), none of
    small order. 9. Windows, at most 90 days to sign (KeyWindowWrong). 10. A TLS authority of this node (CardTlsWrong).
    11. Addresses: https with a host, one to eight (CardUrlWrong).
    """
    data = jws.strip().encode("utf-8") if isinstance(jws, str) else jws.strip()
    if len(data) > LARGEST_CARD:
        raise CanonicalTooLarge(most=LARGEST_CARD)
    root = VerifyingKey.from_text(Card.from_json(untrusted(data)).root)
    card = Card.from_json(verify(data, CARD_TYPE, lambda kid: root if kid == root.kid else None))
    _check(card)
    return card


def _check(card: Card) -> None:
    check_name(card.node)
    if not _COUNTRY.fullmatch(card.country):
        raise CountryMalformed
    hidden = any(category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} for letter in card.agency)
    if not 1 <= len(card.agency.strip()) <= 200 or hidden:
        raise AgencyMalformed
    _check_keys(card)
    _check_windows(card)
    try:
        named = ca_node(der_from_text(card.tls_ca))
    except BadInput as error:
        raise CardTlsWrong from error
    if named != card.node:
        raise CardTlsWrong
    if not 1 <= len(card.urls) <= 8 or not all(_is_address(url) for url in card.urls):
        raise CardUrlWrong


def check_name(node: str) -> None:
    """Refuse what is not a node's name; raises NodeNameMalformed."""
    if not NODE_NAME.fullmatch(node):
        raise NodeNameMalformed


def _check_keys(card: Card) -> None:
    kids = [key.kid for key in card.keys]
    publics = [key.public for key in card.keys]
    if {key.use for key in card.keys} != set(Use):
        raise CardKeysWrong
    if not all(kids) or len(set(kids)) != len(kids) or len(set(publics)) != len(publics) or card.root in publics:
        raise CardKeysWrong
    for key in card.keys:
        if key.kid != _load(key).kid:
            raise CardKeysWrong


def _load(key: CardKey) -> VerifyingKey | SealingPublicKey:
    return SealingPublicKey.from_text(key.public) if key.use is Use.SEALING else VerifyingKey.from_text(key.public)


def _check_windows(card: Card) -> None:
    for key in card.keys:
        length = key.not_after - key.not_before
        if length <= timedelta(0) or (key.use is Use.SIGNING and length > timedelta(days=SIGNING_DAYS)):
            raise KeyWindowWrong(days=SIGNING_DAYS)


def _is_address(url: str) -> bool:
    if len(url) > 300 or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        return (
            parts.scheme == "https"
            and bool(parts.hostname)
            and parts.username is None
            and parts.password is None
            and not parts.query
            and not parts.fragment
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def accept_successor(old: Card, new: Card) -> None:
    """Refuse a new card that does not follow the enrolled one: same node, same root, higher serial, not older.

    Raises CardNotSuccessor.
    """
    if new.node != old.node or new.root != old.root or new.serial <= old.serial or new.issued < old.issued:
        raise CardNotSuccessor


def fingerprint(root: str | bytes) -> str:
    """What two people compare over the telephone: eight groups of four letters and digits (160 bits of SHA-256).

    `root` is the public root key, raw or as the card writes it.
    """
    raw = from_base64url(root) if isinstance(root, str) else root
    letters = b32encode(sha256(b"amana root key\n" + raw).digest()).decode("ascii")[:32]
    return " ".join(letters[start : start + 4] for start in range(0, 32, 4))
