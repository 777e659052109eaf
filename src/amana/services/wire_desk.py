"""What the partners' door may ask of this node, as bytes in and bytes out."""

from __future__ import annotations

import ssl
from datetime import datetime

from amana.domain.errors import AmanaError, Conflict, NotAllowed, NotFound
from amana.exchange.carry import pack, unpack
from amana.exchange.identity import check_peer, der_from_text, peer_node, server_context
from amana.oversight.witness import OldSizeWrong, WitnessError
from amana.records.models import Partner
from amana.services.keys import keys_folder
from amana.services.partners import show_card
from amana.services.posting import PartnerNotConfirmed
from amana.services.receiving import receive
from amana.services.witnesses import cosign_for_partner

MOST_BYTES = 64 * 1024 * 1024
MOST_EACH = 2 * 1024 * 1024

__all__ = [
    "MOST_BYTES",
    "cosign_checkpoint",
    "node_of_certificate",
    "refusal_bytes",
    "show_card_bytes",
    "take_in_batch",
    "tls_context",
    "witness_status",
]


def take_in_batch(body: bytes, *, by_tls: str | None) -> bytes:
    """Take in the messages of one request or file and answer with as many signed answers, in order."""
    return pack(receive(unpack(body, most_total=MOST_BYTES, most_each=MOST_EACH), by_tls=by_tls))


def show_card_bytes() -> bytes:
    """This node's card."""
    return show_card().encode("ascii")


def cosign_checkpoint(body: bytes, *, at: datetime) -> bytes:
    """Witness a partner's checkpoint; returns the co-signature line."""
    return cosign_for_partner(body, at=at).encode()


def node_of_certificate(der: bytes) -> str:
    """The confirmed partner that a client certificate names and proves. Raises PartnerNotConfirmed, PeerUnknown."""
    node = peer_node(der)
    partner = Partner.objects.filter(pk=node, state=Partner.State.CONFIRMED).first()
    if partner is None:
        raise PartnerNotConfirmed(node=node)
    return check_peer(der, der_from_text(partner.tls_ca))


def tls_context() -> ssl.SSLContext:
    """The TLS context of the partners' door, with today's partners as the only trusted roots."""
    authorities = Partner.objects.filter(state=Partner.State.CONFIRMED).values_list("tls_ca", flat=True)
    return server_context(keys_folder(), [der_from_text(one) for one in authorities])


def witness_status(error: AmanaError) -> int:
    """The HTTP status for a refusal; the witness's are given by its standard."""
    if isinstance(error, WitnessError):
        return error.status
    for kind, status in ((NotAllowed, 403), (NotFound, 404), (Conflict, 409)):
        if isinstance(error, kind):
            return status
    return 400


def refusal_bytes(error: AmanaError) -> tuple[bytes, str]:
    """What the door says with a refusal, and its media type; a witness names the size it expects and nothing else.

    C2SP tlog-witness: after 409 the log asks again from that size; a co-signature lost on its way is thus mended.
    """
    if isinstance(error, OldSizeWrong):
        return f"{error.size}\n".encode(), "text/x.tlog.size"
    return f"{error.code}: {error}\n".encode(), "text/plain; charset=utf-8"
