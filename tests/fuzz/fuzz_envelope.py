"""A coverage-guided search for bytes that a reader does not refuse as it should: `python -m tests.fuzz.fuzz_envelope`.

With atheris (libFuzzer). It ends after the seconds given; what it found stands in the folder of findings, and belongs
into `tests/fuzz/found` once it is mended, where the suite gives it to its reader each time.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Search one target for some seconds; ends with status 0 where nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", help="one of the names in tests/fuzz/targets.py")
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--findings", type=Path, default=Path("var/fuzz"), help="where what was found is written")
    given = parser.parse_args()
    import atheris

    with atheris.instrument_imports(include=["amana.exchange", "amana.domain"]):
        from tests.fuzz.targets import TARGETS, survive

    target = TARGETS[given.target]
    given.findings.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        for place, seed in enumerate(target.seeds()):
            (Path(corpus) / f"seed-{place:03}").write_bytes(seed)
        options = [f"-max_total_time={given.seconds}", "-max_len=65536", "-timeout=10", "-rss_limit_mb=2048", "-seed=1"]
        options += [f"-artifact_prefix={given.findings}/{given.target.replace(' ', '-')}-", "-verbosity=0"]
        atheris.Setup([sys.argv[0], *options, corpus], lambda data: survive(target, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
