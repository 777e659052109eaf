"""How gunicorn serves the partners' door: mutual TLS 1.3, ended in this process, a fresh context a connection.

A fresh context a connection lets a partner that was just confirmed in, and one that was suspended out, at once.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

from amana.config.settings import AMANA

bind = f"{AMANA.host}:{AMANA.partner_port}"
worker_class = "gthread"
workers = 1
threads = AMANA.web_threads
keepalive = 75
graceful_timeout = 10
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "amana-partners"
certfile = keyfile = str(AMANA.home / "keys" / "tls.pem")
cert_reqs = ssl.CERT_REQUIRED


def ssl_context(_config: object, _default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """The context for one connection, with the partners of this moment."""
    from amana.config.wsgi_partners import partners_context

    context: ssl.SSLContext = partners_context()
    return context
