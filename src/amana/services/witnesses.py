"""Witnesses: asking partners and overseers to co-sign our checkpoints, and co-signing theirs.

Invariant: a co-signature is given only after the new head was stored over the old one, in one conditional UPDATE; with
more than four hours without a witness, disclosures stop. Standard: C2SP tlog-witness, tlog-cosignature.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction

from amana.domain.errors import AmanaError, BadInput, NotAllowed, gettext_noop
from amana.exchange.client import PartnerClient
from amana.exchange.keys import SigningKey
from amana.oversight.bundle import verify_bundle
from amana.oversight.checkpoint import (
    COSIGNATURE_KEY,
    VerifierKey,
    cosign,
    decode_vkey,
    encode_vkey,
    verify_cosignature,
    vkey_name,
)
from amana.oversight.merkle import consistency_proof
from amana.oversight.witness import Accepted, decide, write_request
from amana.records.models import Checkpoint, Cosignature, LogHead, Partner, User, Witness, WitnessedOrigin
from amana.services.journal import Act, TreeNodes, record, sign_head
from amana.services.keys import card_of, log_origin, secrets, witness_key
from amana.services.partners import log_key_of
from amana.services.rights import Deed, require

WITNESS_WITHIN = timedelta(hours=4)
ClientFor = Callable[[Partner], PartnerClient]


@dataclass(frozen=True, slots=True)
class CosignedBundle:
    """An overseer's signature line under the checkpoint of `size` entries."""

    name: str
    size: int
    line: str


class WitnessMissing(NotAllowed):
    """Nobody has co-signed this node's log for more than four hours."""

    code = "witness-missing"
    sentence = gettext_noop(
        "No witness has co-signed this node's log since %(since)s; until one does, nothing may leave. Reading goes on."
    )


class WitnessUnknown(BadInput):
    """A co-signature comes from nobody whom this node knows as a witness."""

    code = "witness-unknown"
    sentence = gettext_noop("“%(name)s” is not a witness of this node.")


def witnessed_since() -> datetime | None:
    """When a witness last co-signed; before the first time, when the first agreement came into force; else None."""
    return LogHead.objects.values_list("witnessed_at", flat=True).get(pk=1)


def require_witness(*, at: datetime) -> None:
    """Go on only where the log was co-signed within four hours; raises WitnessMissing."""
    since = witnessed_since()
    if since is not None and at - since > WITNESS_WITHIN:
        raise WitnessMissing(since=since.isoformat(timespec="minutes"))


@transaction.atomic
def add_overseer(vkey: str, *, by: User) -> Witness:
    """Enrol an overseer's key as a witness. Raises BadInput."""
    require(by, Deed.MANAGE_NODE)
    witness, _ = Witness.objects.get_or_create(name=vkey_name(vkey), defaults={"vkey": vkey, "overseer": True})
    record(Act.ADMINISTRATION, "overseer-enrolled", f"witness:{witness.name}", by=by.username, reason="oversight")
    return witness


def witnesses_behind(size: int) -> bool:
    """Whether a confirmed partner has not co-signed a log of this size yet, as when it was away or refused."""
    return Witness.objects.filter(partner__state=Partner.State.CONFIRMED, size__lt=size).exists()


def ask_witnesses(client_for: ClientFor, *, at: datetime) -> int:
    """Ask every confirmed partner to co-sign the newest checkpoint; returns how many did."""
    head = sign_head(at=at)
    if head is None:
        return 0
    due = Witness.objects.filter(partner__state=Partner.State.CONFIRMED, size__lt=head.size).select_related("partner")
    return sum(_ask(witness, head, client_for, at=at) for witness in due)


def _ask(witness: Witness, head: Checkpoint, client_for: ClientFor, *, at: datetime) -> bool:
    assert witness.partner is not None
    try:
        client = client_for(witness.partner)
        status, answer = client.add_checkpoint(_request(witness.size, head))
        if status == 409 and answer.strip().isdigit() and int(answer) <= head.size:
            status, answer = client.add_checkpoint(_request(int(answer), head))
        if status != 200:
            raise WitnessRefused(status=status)
        note_cosignature(witness.name, head.size, answer.decode(), at=at)
    except AmanaError as error:
        Witness.objects.filter(pk=witness.pk).update(problem=error.code)
        return False
    return True


class WitnessRefused(BadInput):
    """A witness answered with something else than a co-signature."""

    code = "witness-refused"
    sentence = gettext_noop("The witness refused to co-sign this node's log (status %(status)s).")


def _request(old: int, head: Checkpoint) -> bytes:
    proof = consistency_proof(old, head.size, TreeNodes()) if old else []
    return write_request(old, proof, head.note)


@transaction.atomic
def note_cosignature(name: str, size: int, line: str, *, at: datetime) -> None:
    """Keep a witness's line under our checkpoint of that size. Raises WitnessUnknown and what verifying raises."""
    witness = Witness.objects.filter(pk=name).first()
    head = Checkpoint.objects.filter(pk=size).first()
    if witness is None or head is None:
        raise WitnessUnknown(name=name)
    verify_cosignature(head.note, line.strip(), decode_vkey(witness.vkey))
    Cosignature.objects.get_or_create(checkpoint=head, witness=witness, defaults={"line": line.strip(), "at": at})
    Witness.objects.filter(pk=name, size__lt=size).update(size=size, seen_at=at, problem="")
    LogHead.objects.filter(pk=1).update(witnessed_at=at)


def cosign_for_partner(request: bytes, *, at: datetime) -> str:
    """Answer a partner's request to witness its checkpoint; returns our co-signature line.

    Raises the engine's errors: unknown origin, bad signature, wrong old size, bad proof.
    """
    keys = {
        log_origin(partner.node): log_key_of(card_of(partner.card))
        for partner in Partner.objects.filter(state=Partner.State.CONFIRMED)
    }
    with transaction.atomic():
        known = {
            row.origin: (row.size, bytes.fromhex(row.root))
            for row in WitnessedOrigin.objects.select_for_update(no_key=True).filter(origin__in=keys)
        }
        accepted: Accepted = decide(request, known=known, keys=keys)
        WitnessedOrigin.objects.update_or_create(
            origin=accepted.origin, defaults={"size": accepted.size, "root": accepted.root.hex(), "at": at}
        )
    return cosign(accepted.note, witness_key(), secrets().checkpoint.sign, at=at)


def make_overseer_key(name: str, file: Path) -> str:
    """Make a key pair for an overseer: the private half into a file, mode 0600; returns the verifier key.

    Needs no node. Raises VerifierKeyMalformed for a name with spaces or plus signs.
    """
    key = SigningKey.generate()
    vkey = encode_vkey(name, key.public.raw, cosigner=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(name.encode() + b"\n" + key.to_pem())
    return vkey


def cosign_bundle(bundle: Path, *, key_file: Path, origin_vkey: str, seen: Path | None, at: datetime) -> CosignedBundle:
    """Verify a whole bundle as an overseer, and sign its checkpoint. Needs no node.

    `seen` keeps the last note this overseer signed; the bundle must continue it, and the new note replaces it. Raises
    what verifying raises.
    """
    name, _, pem = key_file.read_bytes().partition(b"\n")
    key = SigningKey.from_pem(pem)
    earlier = [seen.read_text(encoding="utf-8")] if seen is not None and seen.exists() else []
    report = verify_bundle(bundle, origin=decode_vkey(origin_vkey), seen=earlier)
    line = cosign(report.note, VerifierKey(name.decode(), COSIGNATURE_KEY, key.public.raw), key.sign, at=at)
    if seen is not None:
        seen.write_text(report.note, encoding="utf-8")
    return CosignedBundle(name.decode(), report.head.size, line.strip())
