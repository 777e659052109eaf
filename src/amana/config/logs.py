"""The technical log: structured, for the operator, without personal content.

Invariant: events carry ids, codes and counts. Texts, names and values of reports never enter it; the proof of who did
what is the node's own log (`oversight`), not this one.
"""

from __future__ import annotations

import logging
import sys

import structlog


def configure_logs(*, level: str, form: str) -> None:
    """Set structlog and the standard library's logging to one stream on stderr."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
