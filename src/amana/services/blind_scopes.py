"""The scopes of blind comparisons with partners: which are open now, their keys, their filters.

Invariant: a key answers in one scope only and is destroyed when its epoch ends; the next version of a filter differs
from the last by the holdings that came or went, padded. See docs/hit-no-hit.md.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any

from django.db import transaction

from amana.domain.agreement import Terms
from amana.domain.errors import NotAllowed, gettext_noop
from amana.domain.handling import Purpose
from amana.exchange.protocol import PIECE, BlindFilterBody, Type
from amana.matching import blind
from amana.matching.blind.scope import Scope, Side
from amana.records.models import Agreement, BlindFilterPiece, BlindScope, Partner
from amana.services.agreements import terms_of
from amana.services.journal import Act
from amana.services.keys import own_node
from amana.services.posting import Entry, Post, write_letter

EPOCH = timedelta(days=30)
GRACE = timedelta(days=2)  # in which what was asked in the last epoch is still answered
_DIGEST, _HEAD = 8, 8


class BlindNotPermitted(NotAllowed):
    """The agreement does not cover a blind comparison for this purpose, or not in this epoch."""

    code = "blind-not-permitted"
    sentence = gettext_noop("The agreement in force does not cover this blind comparison, or its epoch has ended.")


def epoch_at(terms: Terms, at: datetime) -> int:
    """The number of the epoch on that day, counted from the agreement's first."""
    return max(0, (at.date() - terms.valid_from) // EPOCH)


def scope_for(terms: Terms, *, holder: str, purpose: Purpose, side: Side, at: datetime) -> Scope:
    """The scope that is open now. Raises BlindNotPermitted."""
    if purpose not in terms.purposes:
        raise BlindNotPermitted
    return Scope(terms.id, purpose, epoch_at(terms, at), holder, side)


def require_open(scope: Scope, terms: Terms, *, holder: str, at: datetime) -> None:
    """Check a scope that a partner names: 1. this agreement, 2. holder, 3. a purpose of it, 4. an open epoch.

    Raises BlindNotPermitted.
    """
    open_epochs = {epoch_at(terms, at), epoch_at(terms, at - GRACE)}
    permitted = scope.purpose in terms.purposes and scope.epoch in open_epochs
    if scope.agreement != terms.id or scope.holder != holder or not permitted:
        raise BlindNotPermitted


def columns_of(scope: Scope) -> dict[str, Any]:
    """A scope as the columns by which its rows are found; the holder is known from the table."""
    return {
        "agreement_id": scope.agreement,
        "purpose": str(scope.purpose),
        "epoch": scope.epoch,
        "side": str(scope.side),
    }


def scope_of(row: Any, *, holder: str) -> Scope:
    """The scope of a row."""
    return Scope(str(row.agreement_id), Purpose(row.purpose), row.epoch, holder, Side(row.side))


def own_scope(scope: Scope, partner: Partner) -> BlindScope:
    """The row of a scope of ours, made with a fresh key where there is none. Needs a transaction."""
    found = BlindScope.objects.filter(**columns_of(scope)).first()
    if found is not None:
        return found
    key = blind.holder.new_key(scope)
    return BlindScope.objects.create(partner=partner, scalar=key.scalar, public=key.public, **columns_of(scope))


def key_of(row: BlindScope) -> blind.voprf.SecretKey:
    """The key of an open scope. Raises BlindNotPermitted once it was destroyed."""
    if row.scalar is None:
        raise BlindNotPermitted
    return blind.voprf.SecretKey(bytes(row.scalar), bytes(row.public))


def bring_up(row: BlindScope, tokens: Iterable[bytes], *, stamp: str) -> None:
    """Let the prepared filter hold exactly these tokens; only new ones are evaluated. The row is not saved."""
    scope, key, current = scope_of(row, holder=own_node()), key_of(row), list(dict.fromkeys(tokens))
    known = _pairs(bytes(row.held))
    digests = [_digest(key, token) for token in current]
    fresh = [token for token, digest in zip(current, digests, strict=True) if digest not in known]
    known |= dict(zip((_digest(key, token) for token in fresh), blind.holder.heads(key, fresh), strict=True))
    held = {digest: known[digest] for digest in digests}
    if row.version == 0:
        prepared = blind.holder.prepare_heads(key, scope, held.values())
    else:
        rows = (bytes(row.real), bytes(row.padding))
        old = blind.holder.Prepared.from_rows(scope, key.public, row.version, row.bucket, rows)
        prepared = blind.holder.hold(key, old, held.values())
    row.version, row.bucket, row.stamp = prepared.version, prepared.bucket, stamp
    row.real, row.padding = prepared.to_rows()
    row.held = b"".join(digest + head for digest, head in sorted(held.items()))


def _digest(key: blind.voprf.SecretKey, token: bytes) -> bytes:
    """A token's name in this scope's memory: without the key it says nothing, and it goes with the key."""
    return blake2b(token, digest_size=_DIGEST, key=key.scalar).digest()


def _pairs(held: bytes) -> dict[bytes, bytes]:
    step = _DIGEST + _HEAD
    return {held[at : at + _DIGEST]: held[at + _DIGEST : at + step] for at in range(0, len(held), step)}


def filter_of(row: BlindScope) -> bytes:
    """The published form of a prepared filter."""
    scope, rows = scope_of(row, holder=own_node()), (bytes(row.real), bytes(row.padding))
    prepared = blind.holder.Prepared.from_rows(scope, bytes(row.public), row.version, row.bucket, rows)
    return prepared.publish().to_bytes()


def post_filter(post: Post, row: BlindScope, partner: Partner, *, by: str, at: datetime) -> None:
    """Give the filter's pieces to the post where this version was not sent; the partner's row is locked."""
    if row.sent >= row.version:
        return
    scope, data = scope_of(row, holder=own_node()), filter_of(row)
    pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
    for part, piece in enumerate(pieces):
        body = BlindFilterBody(scope.to_json(), row.version, part, len(pieces), b64encode(piece).decode())
        letter = write_letter(partner, Type.BLIND_FILTER, body, agreement=scope.agreement, at=at)
        details = [("version", str(row.version)), ("part", f"{part + 1}/{len(pieces)}"), ("side", str(scope.side))]
        post.take(
            letter, Entry(Act.DISCLOSURE, "blind-filter-sent", f"blind:{scope.epoch}", by, str(scope.purpose), details)
        )
    row.sent = row.version
    row.save()


def partners_filter(scope: Scope, version: int) -> blind.filter.Filter | None:
    """A partner's filter, once all its pieces are here. Raises what `Filter.from_bytes` raises, ScopeDiffers."""
    rows = list(BlindFilterPiece.objects.filter(version=version, **columns_of(scope)).order_by("part"))
    if not rows or len(rows) != rows[0].parts:
        return None
    found = blind.filter.Filter.from_bytes(b"".join(bytes(row.data) for row in rows))
    scope.check(found.scope)
    return found


@transaction.atomic
def destroy_ended_keys(*, at: datetime) -> int:
    """Destroy the keys, outputs and partners' filters of epochs that have ended; returns how many keys went."""
    gone = 0
    for row in BlindScope.objects.exclude(scalar=None).select_related("agreement").order_by("pk"):
        if row.epoch < epoch_at(terms_of(row.agreement), at - GRACE):
            gone += BlindScope.objects.filter(pk=row.pk).update(scalar=None, real=b"", padding=b"", held=b"", stamp="")
    for agreement in Agreement.objects.filter(pk__in=BlindFilterPiece.objects.values("agreement")):
        ended = epoch_at(terms_of(agreement), at - GRACE)
        BlindFilterPiece.objects.filter(agreement=agreement, epoch__lt=ended).delete()
    return gone
