"""Runs files of the hostile corpus, by their names as they come, in a small process of its own: a JSON line for each.

What a large parent holds when it starts a child counts as that child's memory; therefore not inside pytest.
"""

from __future__ import annotations

import json
import resource
import sys
import time

from amana.intake.extract import Refused, extract
from tests.intake.corpus import REFUSED


def main() -> None:
    """One line for each name asked for: code, sentence, seconds, and the most memory of any child so far in bytes."""
    by_name = {one.name: one for one in REFUSED}
    for line in sys.stdin:
        one = by_name[line.rstrip("\n")]
        data, began = one.make(), time.monotonic()
        try:
            extract(data, filename=one.filename)
            ended = ("", "")
        except Refused as refusal:
            ended = (refusal.code, str(refusal))
        took = time.monotonic() - began
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        print(json.dumps({"code": ended[0], "sentence": ended[1], "seconds": took, "peak": peak}), flush=True)


if __name__ == "__main__":
    main()
