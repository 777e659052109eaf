"""The child process that parses one file: header and bytes on stdin, one JSON object on stdout.

Invariant: the fence stands before the first byte is parsed, and every way out is a text, a refusal or death.
Run as `python -m amana.intake.child`; only `amana.intake.runner` starts it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass

from amana.intake import fence
from amana.intake.limits import Limits
from amana.intake.readers import Reader, reader_for
from amana.intake.refusals import BrokenFile, Nesting, NoText, OutOfMemory, Refused, TooMuchText
from amana.intake.tidying import tidy

OUTPUT_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Order:
    """What the parent asks for: the media type it found, and the limits."""

    media_type: str
    limits: Limits


def main() -> None:
    """Read the order and the bytes from stdin, write the answer to stdout."""
    head, _, data = sys.stdin.buffer.read().partition(b"\n")
    given = json.loads(head)
    order = Order(media_type=given["media_type"], limits=Limits(**given["limits"]))
    peak_memory = fence.peak_meter()
    reader, fences = raise_fence(order)
    try:
        answer = read(data, reader, order.limits)
    except Refused as refusal:
        answer = {"refused": refusal.code, "params": refusal.params}
    except MemoryError:
        answer = {"refused": OutOfMemory.code, "params": {"limit": order.limits.memory_bytes // (1024 * 1024)}}
    answer |= {"fences": fences, "peak_memory": peak_memory()}
    sys.stdout.buffer.write(json.dumps(answer).encode())
    sys.stdout.buffer.flush()
    # What the libraries would still do on the way out is not worth the risk.
    os._exit(0)


def raise_fence(order: Order) -> tuple[Reader, tuple[str, ...]]:
    """Load the reader, then close network, files and processes; returns it and which fences hold."""
    held = fence.close_network()
    reader = reader_for(order.media_type)
    limits = order.limits
    fence.raise_limits(memory_bytes=limits.memory_bytes, seconds=limits.seconds, output_bytes=OUTPUT_BYTES)
    return reader, (*held, *fence.close_everything())


def read(data: bytes, reader: Reader, limits: Limits) -> dict[str, object]:
    """Parse the bytes; raises a refusal, whatever the parsers raise."""
    try:
        found = reader(data, limits)
    except (Refused, MemoryError):
        raise
    except RecursionError as error:
        raise Nesting(limit=limits.max_depth) from error
    except Exception as error:
        # Whatever a parser of hostile bytes raises means the same to a person.
        raise BrokenFile from error
    text, warnings = tidy(found.text)
    if len(text) > limits.max_text:
        raise TooMuchText(limit=limits.max_text, unit="characters")
    if not any(sign.isalnum() for sign in text):
        raise NoText
    title, _ = tidy(found.title)
    return {
        "text": text,
        "title": " ".join(title.split())[:500],
        "language_hint": found.language_hint,
        "metadata": [[name, " ".join(tidy(value)[0].split())[:500]] for name, value in found.metadata],
        "attachments": [[one.filename, one.media_type, one.sha256, one.size] for one in found.attachments],
        "warnings": list(dict.fromkeys([*found.warnings, *warnings])),
    }


if __name__ == "__main__":
    main()
