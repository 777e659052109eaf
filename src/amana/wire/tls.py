"""The partners' door's TLS context, as its server asks for it."""

from __future__ import annotations

import ssl

from django.db import close_old_connections

from amana.services.wire_desk import tls_context


def partners_context() -> ssl.SSLContext:
    """A context for one connection: mutual TLS 1.3 with the confirmed partners of this moment."""
    close_old_connections()
    return tls_context()
