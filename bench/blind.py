"""Hit or no hit: what is found and what is mistaken, how fast a holder prepares, and how fast a thousand are asked.

The peer of the speed is openmined-psi (elliptic-curve Diffie-Hellman with a Golomb-coded set, in C++) on the same
tokens in the same run; where it is not installed, its cells say so. Rates of one core are of processor time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module, util
from secrets import token_bytes
from statistics import fmean
from typing import TypeVar

import numpy as np

from amana.matching.blind import holder
from amana.matching.blind.asker import Question
from amana.matching.blind.filter import Filter
from amana.matching.keys import holding_keys, question_keys
from bench.blind_people import (
    ALLOWED,
    NAMES,
    SCOPE,
    SLICES,
    Listed,
    mistaken,
    others,
    read_lists,
    recall,
)
from bench.pair import table

T = TypeVar("T")

PREPARED = 20_000
MILLION = 1_000_000
ASKED = 1_000
ABSENT = "not installed"


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock and of the processor."""

    clock: float
    core: float


def timed(work: Callable[[], T]) -> tuple[T, Took]:
    """What work returns, and how long it took."""
    clock, core = time.perf_counter(), time.process_time()
    found = work()
    return found, Took(time.perf_counter() - clock, time.process_time() - core)


def main() -> None:
    """Measure recall and false hits, preparation, and a round of a thousand subjects against a million."""
    if not NAMES.exists():
        print(f"Skipped: the development names are not at {NAMES}.")
        return
    lists = read_lists()
    found(lists)
    subjects = list(others(lists.all, lists.smooth, PREPARED, seed=3))
    prepare([token.data for one in subjects for token in holding_keys(one, SCOPE, categories=ALLOWED).tokens])
    ask(lists)


def found(lists: Listed) -> None:
    """Print recall and false hits by slice."""
    row = table(
        "pairs with", "slice", "recall", "false hits: all regions", "Arab world only", "all regions, listed days only"
    )
    populations = ((lists.all, lists.smooth), (lists.arab, lists.smooth), (lists.all, lists.listed))
    columns = [mistaken(names, draw) for names, draw in populations]
    for whole, label in ((True, "whole birth date"), (False, "year on one side")):
        for name, slice_ in SLICES.items():
            shares = (f"{column[slice_, whole]:.2%}" for column in columns)
            row(label, name, f"{recall(slice_, whole):.3f}", *shares)
        means = (fmean(share for (_, of), share in column.items() if of is whole) for column in columns)
        row(label, "mean", "", *(f"{mean:.2%}" for mean in means))
    print(flush=True)


def prepare(tokens: Sequence[bytes]) -> None:
    """Print how fast a holder evaluates its tokens, and what its filter weighs."""
    key = holder.new_key(SCOPE)
    _, one = timed(lambda: holder.prepare(key, SCOPE, tokens))
    prepared, two = timed(lambda: holder.prepare(key, SCOPE, tokens, workers=2))
    _, more = timed(lambda: holder.change(key, prepared, add=[b"one more"]))
    row = table("preparation", "Amana", "openmined-psi", "ratio")
    peer = psi_prepare(tokens)
    rate = len(tokens) / one.core
    row("tokens a second of one core", f"{rate:,.0f}", *compared(rate, len(tokens) / peer.core if peer else None))
    row("tokens a second of the clock, two threads", f"{len(tokens) / two.clock:,.0f}", "", "")
    size = len(prepared.publish().to_bytes())
    row(f"bytes of the filter of {len(tokens):,} tokens, padded to {1 << prepared.bucket:,}", f"{size:,}", "", "")
    row("milliseconds for one holding more within the epoch", f"{1000 * more.clock:.1f}", "", "")
    print(flush=True)


def ask(lists: Listed) -> None:
    """Print how long a list of subjects takes against a million.

    The million's entries are random beside those of a tenth of the asked: a filter's entries are uniform either way.
    """
    key = holder.new_key(SCOPE)
    subjects = list(others(lists.all, lists.smooth, ASKED, seed=4))
    known = [token for one in subjects[::10] for token in holding_keys(one, SCOPE, categories=ALLOWED).tokens]
    few = holder.prepare(key, SCOPE, [token.data for token in known])
    held_each = 4
    filler = np.frombuffer(token_bytes(8 * held_each * MILLION), dtype=np.uint64)
    bucket = (len(filler) + len(few.real)).bit_length()
    padding = np.frombuffer(token_bytes(8 * ((1 << bucket) - len(filler) - len(few.real))), dtype=np.uint64)
    many = holder.Prepared(SCOPE, key.public, 1, bucket, np.union1d(few.real, filler), padding)
    data = many.publish().to_bytes()
    published, loading = timed(lambda: Filter.from_bytes(data))

    def keys() -> list[bytes]:
        return [token.data for one in subjects for token in question_keys(one, SCOPE, categories=ALLOWED).tokens]

    tokens, naming = timed(keys)
    batches, blinding = timed(Question.about(SCOPE, tokens).batches)
    answers, answering = timed(lambda: [holder.answer(key, SCOPE, batch.ask, 1) for batch in batches])
    hits, reading = timed(
        lambda: [batch.read(answer, published) for batch, answer in zip(batches, answers, strict=True)]
    )
    steps = {
        "tokens of the subjects": naming,
        "blinding": blinding,
        "the holder's answer and proof": answering,
        "proof verified, unblinded, looked up": reading,
    }
    row = table(f"{ASKED:,} subjects ({len(tokens):,} tokens) against a million", "s of the clock", "s of one core")
    row(f"filter read ({len(data) / 2**20:.1f} MiB, once an epoch)", f"{loading.clock:.2f}", f"{loading.core:.2f}")
    for name, took in steps.items():
        row(name, f"{took.clock:.2f}", f"{took.core:.2f}")
    total = Took(sum(took.clock for took in steps.values()), sum(took.core for took in steps.values()))
    row("**all**", f"**{total.clock:.2f}**", f"**{total.core:.2f}**")
    peer = psi_round(tokens)
    cells = (f"{peer.clock:.2f}", f"{peer.core:.2f}") if peer else (ABSENT, "")
    row("openmined-psi, its three steps (no proof, no padding)", *cells)
    row("tokens that hit", sum(map(len, hits)), "")


def compared(ours: float, peer: float | None) -> tuple[str, str]:
    """The peer's cell and the ratio's."""
    return (f"{peer:,.0f}", f"{ours / peer:.2f}") if peer else (ABSENT, "")


def psi_prepare(tokens: Sequence[bytes]) -> Took | None:
    """The peer's preparation of the same tokens; None where it is not installed."""
    if util.find_spec("private_set_intersection") is None:
        return None
    psi = import_module("private_set_intersection.python")
    server, texts = psi.server.CreateWithNewKey(True), [token.hex() for token in tokens]
    _, took = timed(lambda: server.CreateSetupMessage(1e-9, len(texts), texts, psi.DataStructure.GCS))
    return took


def psi_round(tokens: Sequence[bytes]) -> Took | None:
    """The peer's request, response and intersection for as many tokens; None where it is not installed."""
    if util.find_spec("private_set_intersection") is None:
        return None
    psi = import_module("private_set_intersection.python")
    server, client = psi.server.CreateWithNewKey(True), psi.client.CreateWithNewKey(True)
    texts = [token.hex() for token in tokens]
    setup = server.CreateSetupMessage(1e-9, len(texts), texts[:100], psi.DataStructure.GCS)
    _, took = timed(lambda: client.GetIntersection(setup, server.ProcessRequest(client.CreateRequest(texts))))
    return took


if __name__ == "__main__":
    main()
