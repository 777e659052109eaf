"""A witness for tests: an overseer's own key under the newest checkpoint of the node at hand."""

from __future__ import annotations

from django.utils import timezone

from amana.exchange.keys import SigningKey
from amana.oversight.checkpoint import COSIGNATURE_KEY, VerifierKey, cosign, encode_vkey
from amana.records.models import Checkpoint, Witness
from amana.services.journal import sign_head
from amana.services.witnesses import note_cosignature


def witnessed() -> Checkpoint:
    """The newest checkpoint, co-signed by an inspectorate."""
    key, now = SigningKey.generate(), timezone.now()
    Witness.objects.filter(pk="inspectorate").delete()
    vkey = encode_vkey("inspectorate", key.public.raw, cosigner=True)
    Witness.objects.create(name="inspectorate", vkey=vkey, overseer=True)
    head = sign_head(at=now)
    assert head is not None
    line = cosign(head.note, VerifierKey("inspectorate", COSIGNATURE_KEY, key.public.raw), key.sign, at=now)
    note_cosignature("inspectorate", head.size, line, at=now)
    return head
