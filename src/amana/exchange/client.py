"""Calling one partner: deliver messages, ask for its card, bring checkpoints to be witnessed.

Invariant: nothing is sent but to the https address on the partner's card, over a connection whose other side has proved
to be that partner; no redirect is followed and no answer is read beyond its bound.
"""

from __future__ import annotations

import ssl
from collections.abc import Sequence
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
import stamina

from amana.domain.errors import BadInput, Unavailable, gettext_noop
from amana.exchange.carry import pack, unpack

MESSAGES = "/exchange/v1/messages"
CARD = "/exchange/v1/card"
RECONCILE = "/exchange/v1/reconcile"
CHECKPOINTS = "/witness/add-checkpoint"
SEALED = "application/vnd.amana.sealed"
MOST_ANSWER = 16 * 1_048_576
ATTEMPTS = 3


class PartnerUnreachable(Unavailable):
    """A partner does not answer, or says that it cannot now."""

    code = "exchange-unreachable"
    sentence = gettext_noop("The partner cannot be reached now; delivery will be tried again.")


class PartnerTls(Unavailable):
    """The secure connection to a partner does not come about."""

    code = "exchange-tls"
    sentence = gettext_noop(
        "No secure connection: one side does not accept the other's certificate; compare the newest cards."
    )


class PartnerAnswer(Unavailable):
    """A partner answers something that this protocol does not know."""

    code = "exchange-answer"
    sentence = gettext_noop("The partner's node gave an answer outside the protocol (status %(status)s).")


class AddressRefused(BadInput):
    """An address is not one that a card may hold."""

    code = "exchange-address"
    sentence = gettext_noop("Messages go to https addresses on the partner's card only.")


class PartnerClient:
    """One partner at one address, over kept connections; use it as a context manager or call `close`."""

    def __init__(self, url: str, context: ssl.SSLContext, *, timeout: float = 30.0) -> None:
        """`context` is the partner's own from `tls.client_context`; `timeout` in seconds. Raises AddressRefused."""
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname or parts.username or parts.query or parts.fragment:
            raise AddressRefused
        self._url = url.rstrip("/")
        self._http = httpx.Client(
            verify=context, http1=True, http2=False, follow_redirects=False, trust_env=False, timeout=timeout
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the kept connections go."""
        self._http.close()

    def deliver(self, batch: Sequence[bytes]) -> list[bytes]:
        """Deliver sealed messages in order; the partner's signed answers, in the same order and still to be verified.

        Raises PartnerUnreachable, PartnerTls, PartnerAnswer, CarryMalformed, CarryTooLarge.
        """
        status, body = self._call("POST", MESSAGES, pack(batch), SEALED)
        _expect_success(status)
        answers = unpack(body, most_total=MOST_ANSWER)
        if len(answers) > len(batch):
            raise PartnerAnswer(status=status)
        return answers

    def card(self) -> bytes:
        """The partner's card as it shows it now, still to be verified; raises as `deliver` does."""
        status, body = self._call("GET", CARD, b"", "")
        _expect_success(status)
        return body

    def reconcile(self, question: bytes) -> bytes:
        """Ask one question of the reconciliation; the answer is still to be read. Raises as `deliver` does."""
        status, body = self._call("POST", RECONCILE, question, SEALED)
        _expect_success(status)
        return body

    def add_checkpoint(self, body: bytes) -> tuple[int, bytes]:
        """Bring a checkpoint to be co-signed (C2SP tlog-witness): (status, answer). Raises as `deliver` does."""
        return self._call("POST", CHECKPOINTS, body, "text/plain; charset=utf-8")

    def _call(self, method: str, path: str, content: bytes, media_type: str) -> tuple[int, bytes]:
        headers = {"Content-Type": media_type} if media_type else {}
        try:
            for attempt in stamina.retry_context(
                on=_lost_connection, attempts=ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.1
            ):
                with attempt:
                    return self._once(method, path, content, headers)
        except httpx.HTTPError as error:
            raise (PartnerTls if _is_tls(error) else PartnerUnreachable) from error
        raise PartnerUnreachable

    def _once(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
        with self._http.stream(method, self._url + path, content=content, headers=headers) as answer:
            if answer.is_redirect or "content-encoding" in answer.headers:
                raise PartnerAnswer(status=answer.status_code)
            body = bytearray()
            for piece in answer.iter_raw():
                body += piece
                if len(body) > MOST_ANSWER:
                    raise PartnerAnswer(status=answer.status_code)
            return answer.status_code, bytes(body)


def _lost_connection(error: Exception) -> bool:
    """Whether trying again at once may help: the receiver drops duplicates, so it can do no harm."""
    lost = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.RemoteProtocolError)
    return lost and not _is_tls(error)


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _expect_success(status: int) -> None:
    if status in {429, 502, 503, 504}:
        raise PartnerUnreachable
    if status != 200:
        raise PartnerAnswer(status=status)
