"""Runs the hostile corpus in a small process of its own and says how each file ended, as JSON lines.

What a large parent holds when it starts a child counts as that child's memory; therefore not inside pytest.
"""

from __future__ import annotations

import json
import resource
import time

from amana.intake.extract import Refused, extract
from tests.intake.corpus import REFUSED


def main() -> None:
    """One line for each file: its name, code, sentence, seconds, and the most memory of any child so far in bytes."""
    for one in REFUSED:
        data, began = one.make(), time.monotonic()
        try:
            extract(data, filename=one.filename)
            ended = ("", "")
        except Refused as refusal:
            ended = (refusal.code, str(refusal))
        took = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        said = {"name": one.name, "code": ended[0], "sentence": ended[1], "seconds": took, "peak": peak}
        print(json.dumps(said), flush=True)


if __name__ == "__main__":
    main()
