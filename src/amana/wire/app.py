"""The partners' door as a small WSGI application: deliver messages, show the card, witness a checkpoint.

Invariant: who calls is known from the client certificate of this very connection, never from a header; and the caller's
messages must name the same origin. C2SP tlog-witness gives the witnessing path and its statuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog
from django.db import close_old_connections
from django.utils import timezone

from amana.domain.errors import AmanaError, BadInput, NotAllowed, NotFound, gettext_noop
from amana.services.reconcile_desk import answer_question
from amana.services.wire_desk import (
    MOST_BYTES,
    cosign_checkpoint,
    node_of_certificate,
    refusal_bytes,
    show_card_bytes,
    take_in_batch,
    witness_status,
)

log = structlog.get_logger()

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]

SEALED = "application/vnd.amana.sealed"
_REASONS = {
    200: "OK",
    400: "Bad Request",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    409: "Conflict",
    413: "Content Too Large",
    422: "Unprocessable Content",
    500: "Internal Server Error",
}


class CallerUnknown(NotAllowed):
    """The connection shows no partner's certificate."""

    code = "wire-caller-unknown"
    sentence = gettext_noop("This connection shows no certificate of a partner of this node.")


class PathUnknown(NotFound):
    """The partners' door has no such address."""

    code = "wire-path-unknown"
    sentence = gettext_noop("The partners' door has no such address or does not answer this way of asking.")


class BodyTooLarge(BadInput):
    """More bytes than one request may carry."""

    code = "wire-too-large"
    sentence = gettext_noop("One request carries at most %(most)s bytes.")


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, a body and its media type."""

    status: int
    body: bytes
    media_type: str = "text/plain; charset=utf-8"


def partners(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """Answer one request of a partner; every error is an answer with a stable code."""
    close_old_connections()
    try:
        answer = _answer(environ)
    except AmanaError as error:
        answer = Answer(_status(error), *refusal_bytes(error))
    except Exception:
        log.exception("wire-failed", path=environ.get("PATH_INFO", ""))
        answer = Answer(500, b"amana: Something went wrong inside Amana; nothing was lost.\n")
    finally:
        close_old_connections()
    head = [("Content-Type", answer.media_type), ("Content-Length", str(len(answer.body)))]
    start_response(f"{answer.status} {_REASONS.get(answer.status, 'Error')}", head)
    return [answer.body]


def _answer(environ: Environ) -> Answer:
    caller = _caller(environ)
    match environ["REQUEST_METHOD"], environ.get("PATH_INFO", ""):
        case "POST", "/exchange/v1/messages":
            return Answer(200, take_in_batch(_body(environ), by_tls=caller), SEALED)
        case "GET", "/exchange/v1/card":
            return Answer(200, show_card_bytes(), "application/jose")
        case "POST", "/exchange/v1/reconcile":
            return Answer(200, answer_question(_body(environ), node=caller), SEALED)
        case "POST", "/witness/add-checkpoint":
            return Answer(200, cosign_checkpoint(_body(environ), at=timezone.now()))
        case _:
            raise PathUnknown


def _caller(environ: Environ) -> str:
    """The node whose certificate this connection shows; raises CallerUnknown."""
    line = environ.get("gunicorn.socket")
    certificate = line.getpeercert(True) if line is not None and hasattr(line, "getpeercert") else None
    if not certificate:
        raise CallerUnknown
    return node_of_certificate(certificate)


def _body(environ: Environ) -> bytes:
    length = environ.get("CONTENT_LENGTH") or "0"
    if not length.isdigit() or int(length) > MOST_BYTES:
        raise BodyTooLarge(most=MOST_BYTES)
    body: bytes = environ["wsgi.input"].read(int(length))
    return body


def _status(error: AmanaError) -> int:
    if isinstance(error, BodyTooLarge):
        return 413
    return witness_status(error)
