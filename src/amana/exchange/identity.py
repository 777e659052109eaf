"""A node's identity: its card and the secrets under it, made, kept in a folder and read again.

Invariant: a secret is written with mode 0600 in a folder of mode 0700, the parts of an identity change together, and a
node works without its root key at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from amana.domain.errors import NotFound, Unavailable, gettext_noop
from amana.exchange.card import (
    SIGNING_DAYS,
    Card,
    CardKey,
    CardNotSuccessor,
    Use,
    accept_successor,
    check_name,
    fingerprint,
    read_card,
    sign_card,
)
from amana.exchange.key_folder import finish, replace_together
from amana.exchange.keyring import (
    CardWithoutKey,
    KeyCompromised,
    checkpoint_key_at,
    newest_checkpoint_key,
    sealing_key_at,
    signing_key_at,
    signing_key_then,
)
from amana.exchange.keys import SealingKey, SigningKey
from amana.exchange.tls import (
    check_peer,
    client_context,
    der_from_text,
    make_ca,
    make_leaf,
    peer_node,
    server_context,
    text_from_pem,
)
from amana.exchange.versions import SPOKEN

SEALING_DAYS = 90
CHECKPOINT_DAYS = 3_653
_EARLIER = timedelta(minutes=5)


class SecretsMissing(NotFound):
    """A folder does not hold a node's keys."""

    code = "identity-secrets-missing"
    sentence = gettext_noop("The key “%(name)s” is not in the node's key folder; restore it from a backup.")


class RootAway(Unavailable):
    """Something needs the root key, which is kept elsewhere."""

    code = "identity-root-away"
    sentence = gettext_noop("This needs the node's root key and the key of its TLS authority; bring them back first.")


@dataclass(frozen=True, slots=True)
class NodeSecrets:
    """All that makes a node itself. TLS parts are PEM; `root` and `tls_ca_key` are None while kept elsewhere.

    `earlier` are sealing keys of before, which still open what was sealed to them.
    """

    root: SigningKey | None
    signing: SigningKey
    sealing: SealingKey
    checkpoint: SigningKey
    tls_ca_cert: bytes
    tls_ca_key: bytes | None
    tls_cert: bytes
    tls_key: bytes
    card: Card
    card_jws: str
    earlier: tuple[SealingKey, ...] = ()

    def sealing_key(self, kid: str) -> SealingKey | None:
        """The key of that name that opens sealed messages, as `open_sealed` asks for it."""
        return next((key for key in (self.sealing, *self.earlier) if key.kid == kid), None)


def new_identity(node: str, agency: str, country: str, urls: Iterable[str], now: datetime) -> NodeSecrets:
    """Make a new node; raises what `read_card` raises for its name, agency, country and addresses."""
    check_name(node)
    root, signing, checkpoint = SigningKey.generate(), SigningKey.generate(), SigningKey.generate()
    sealing = SealingKey.generate()
    tls_ca_cert, tls_ca_key = make_ca(node, now)
    tls_cert, tls_key = make_leaf(node, tls_ca_cert, tls_ca_key, now)
    issued = _cut(now)
    card = Card(
        node=node,
        agency=agency,
        country=country,
        serial=1,
        issued=issued,
        root=root.public.text,
        keys=(
            _card_key(Use.SIGNING, signing.kid, signing.public.text, issued, SIGNING_DAYS),
            _card_key(Use.SEALING, sealing.kid, sealing.public.text, issued, SEALING_DAYS),
            _card_key(Use.CHECKPOINT, checkpoint.kid, checkpoint.public.text, issued, CHECKPOINT_DAYS),
        ),
        tls_ca=text_from_pem(tls_ca_cert),
        urls=tuple(urls),
        protocols=SPOKEN,
    )
    return NodeSecrets(
        root, signing, sealing, checkpoint, tls_ca_cert, tls_ca_key, tls_cert, tls_key, card, sign_card(card, root)
    )


def _cut(now: datetime) -> datetime:
    now = now.astimezone(UTC)
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


def _card_key(use: Use, kid: str, public: str, issued: datetime, days: int) -> CardKey:
    start = issued - _EARLIER
    return CardKey(use, kid, public, start, start + timedelta(days=days))


def reissue(
    held: NodeSecrets,
    now: datetime,
    *,
    urls: Iterable[str] | None = None,
    compromised: Mapping[str, datetime] | None = None,
) -> NodeSecrets:
    """The same node with a new card: other addresses, or keys (by kid) marked as compromised since a time.

    Raises RootAway, and what `read_card` raises.
    """
    if held.root is None:
        raise RootAway
    marks = compromised or {}
    card = replace(
        held.card,
        serial=held.card.serial + 1,
        issued=max(_cut(now), held.card.issued),
        urls=held.card.urls if urls is None else tuple(urls),
        protocols=SPOKEN,
        keys=tuple(
            replace(key, compromised_since=_cut(marks[key.kid])) if key.kid in marks else key for key in held.card.keys
        ),
    )
    return replace(held, card=card, card_jws=sign_card(card, held.root))


def rotate(
    held: NodeSecrets, now: datetime, *, checkpoint: bool = False, compromised_since: datetime | None = None
) -> NodeSecrets:
    """The same node with a new signing key, sealing key and TLS certificate, and a card that names old and new.

    With `checkpoint`, the log's key is new too; `compromised_since` marks the signing key of before. Raises RootAway.
    """
    if held.root is None or held.tls_ca_key is None:
        raise RootAway
    signing, sealing, issued = SigningKey.generate(), SealingKey.generate(), _cut(now)
    heads = SigningKey.generate() if checkpoint else held.checkpoint
    fresh = [
        _card_key(Use.SIGNING, signing.kid, signing.public.text, issued, SIGNING_DAYS),
        _card_key(Use.SEALING, sealing.kid, sealing.public.text, issued, SEALING_DAYS),
    ]
    if checkpoint:
        fresh.append(_card_key(Use.CHECKPOINT, heads.kid, heads.public.text, issued, CHECKPOINT_DAYS))
    tls_cert, tls_key = make_leaf(held.card.node, held.tls_ca_cert, held.tls_ca_key, now)
    marks = {held.signing.kid: compromised_since} if compromised_since is not None else {}
    named = {key.kid for key in held.card.keys}
    # Old signing keys stay, so that old signatures can be verified; nobody seals to a key that has ended.
    kept = tuple(key for key in held.card.keys if key.use is not Use.SEALING or key.not_after > now)
    renewed = replace(held, card=replace(held.card, keys=(*fresh, *kept)))
    return replace(
        reissue(renewed, now, compromised=marks),
        signing=signing,
        sealing=sealing,
        checkpoint=heads,
        # A sealing key that the last card no longer named has not been sealed to since the rotation before.
        earlier=(held.sealing, *(key for key in held.earlier if key.kid in named)),
        tls_cert=tls_cert,
        tls_key=tls_key,
    )


def save(held: NodeSecrets, folder: Path) -> None:
    """Write a node's secrets into its key folder, all of them or none."""
    files = {} if held.root is None else {"root.pem": held.root.to_pem()}
    files |= {f"sealing-{key.kid}.key": key.to_bytes() for key in held.earlier}
    files |= {
        "sealing.key": held.sealing.to_bytes(),
        "signing.pem": held.signing.to_pem(),
        "checkpoint.pem": held.checkpoint.to_pem(),
        "tls.pem": held.tls_cert + held.tls_key,
        "tls-ca.crt": held.tls_ca_cert,
    }
    if held.tls_ca_key is not None:
        files["tls-ca.pem"] = held.tls_ca_key
    replace_together(folder, files | {"card.jws": held.card_jws.encode("ascii")})


def load(folder: Path) -> NodeSecrets:
    """Read a node's secrets from its key folder, finishing a change that was broken off.

    `root.pem` and `tls-ca.pem` may be away. Raises SecretsMissing, KeyMalformed and what `read_card` raises.
    """
    finish(folder)
    root, ca_key = folder / "root.pem", folder / "tls-ca.pem"
    card_jws = _read(folder / "card.jws").decode("ascii", "replace").strip()
    cert, mark, key = _read(folder / "tls.pem").partition(b"-----BEGIN PRIVATE KEY-----")
    return NodeSecrets(
        root=SigningKey.from_pem(_read(root)) if root.exists() else None,
        signing=SigningKey.from_pem(_read(folder / "signing.pem")),
        sealing=SealingKey.from_bytes(_read(folder / "sealing.key")),
        checkpoint=SigningKey.from_pem(_read(folder / "checkpoint.pem")),
        tls_ca_cert=_read(folder / "tls-ca.crt"),
        tls_ca_key=_read(ca_key) if ca_key.exists() else None,
        tls_cert=cert,
        tls_key=mark + key,
        card=read_card(card_jws),
        card_jws=card_jws,
        earlier=tuple(SealingKey.from_bytes(_read(path)) for path in sorted(folder.glob("sealing-*.key"))),
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise SecretsMissing(name=path.name) from error


__all__ = [
    "Card",
    "CardKey",
    "CardNotSuccessor",
    "CardWithoutKey",
    "KeyCompromised",
    "NodeSecrets",
    "Use",
    "accept_successor",
    "check_peer",
    "checkpoint_key_at",
    "client_context",
    "der_from_text",
    "fingerprint",
    "finish",
    "load",
    "new_identity",
    "newest_checkpoint_key",
    "peer_node",
    "read_card",
    "reissue",
    "rotate",
    "save",
    "sealing_key_at",
    "server_context",
    "sign_card",
    "signing_key_at",
    "signing_key_then",
]
