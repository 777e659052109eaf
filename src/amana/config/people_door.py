"""How gunicorn serves the people's door: `gunicorn -c python:amana.config.people_door amana.config.wsgi:people`."""

from __future__ import annotations

from amana.config.settings import AMANA

bind = f"{AMANA.host}:{AMANA.port}"
worker_class = "gthread"
workers = 1
threads = AMANA.web_threads
keepalive = 30
graceful_timeout = 10
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "amana-people"
limit_request_line = 4094
if AMANA.web_certificate:
    certfile = AMANA.web_certificate
    keyfile = AMANA.web_certificate_key or None
