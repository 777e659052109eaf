"""How many attacks on the log are caught without a witness, and how many with one; writes RESULTS-log-attacks.md."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.oversight.attacks import ATTACKS, BLANKED, Caught, count

TRIES = 200
RESULTS = Path(__file__).parent / "RESULTS-log-attacks.md"


def main() -> None:
    """Count, print and write down."""
    with tempfile.TemporaryDirectory() as folder:
        text = _page([count(attack, TRIES, Path(folder)) for attack in (*ATTACKS, BLANKED)])
    print(text)
    RESULTS.write_text(text, encoding="utf-8")


def _page(rows: list[Caught]) -> str:
    tried = [row for row in rows if not row.attack.unseen and row.attack is not BLANKED]
    total = sum(row.tried for row in tried)
    without, watched = (sum(getattr(row, name) for row in tried) for name in ("without_witness", "with_witness"))
    lines = [
        "# Attacks on the log: caught without a witness, and with one",
        "",
        "Written by `python -m bench log-attacks`; the attacks are in `tests/oversight/attacks.py`, always the same.",
        "The attacker holds the log and its key, may ask the witness to co-sign, and may show any note that was",
        "ever co-signed. The verifier has an exported bundle and the log's public key; in the last column also the",
        "witness's key and its newest note.",
        "",
        "| attack | tried | caught without a witness | caught with a witness |",
        "|---|---:|---:|---:|",
        *(f"| {row.attack.name} | {row.tried} | {row.without_witness} | {row.with_witness} |" for row in rows),
        "",
        f"Of {total} attacks on what a witness had seen, {without} are caught without one and {watched} with it.",
        "Without a witness whoever holds the log's key rewrites it and nobody can tell; that is why disclosures stop",
        "after four hours without one. What no witness has seen yet can still be changed: a running node has its head",
        "signed every two seconds and asks its witnesses then. Words that were removed leave their commitment in the",
        "tree, and a verified bundle says how many entries are without words; whether they might go is for the",
        "overseer to ask.",
    ]
    return "\n".join(lines) + "\n"
