"""The floor: a server that does nothing but take bytes over the same mutual TLS and commit one row each."""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable, Iterable
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

from django.db import connection

from amana.exchange.carry import pack, unpack
from amana.exchange.identity import server_context
from amana.services.keys import keys_folder

bind = f"127.0.0.1:{os.environ['FLOOR_PORT']}"
worker_class = "gthread"
workers = 1
threads = 4
keepalive = 75
loglevel = "error"
certfile = keyfile = str(keys_folder() / "tls.pem")
cert_reqs = ssl.CERT_REQUIRED


def ssl_context(_config: object, _default: object) -> ssl.SSLContext:
    """The partners' door's context, with our own authority as the partner."""
    own = ssl.PEM_cert_to_DER_cert((keys_folder() / "tls-ca.crt").read_text())
    return server_context(keys_folder(), [own])


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
    """Take the messages of one request, each with one row and one commit."""
    rows = unpack(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE IF NOT EXISTS bench_floor (data BYTEA)" if _is_postgres() else _SQLITE)
        for row in rows:
            cursor.execute("INSERT INTO bench_floor VALUES (%s)", [row])
    body = pack([b"ok"] * len(rows))
    start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
    return [body]


_SQLITE = "CREATE TABLE IF NOT EXISTS bench_floor (data BLOB)"


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"
