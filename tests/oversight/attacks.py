"""What whoever holds a node's log, and its key, may try; and who notices: with the log's key alone, and with a witness.

The attacker shows one bundle to a verifier and may sign what it likes with the log's key, ask the witness to co-sign
it, and use every note that the witness ever co-signed. The verifier has the two public keys and asks the witness for
its newest note.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from amana.domain.errors import AmanaError
from amana.oversight.bundle import verify_bundle
from amana.oversight.checkpoint import add_cosignature, cosign
from amana.oversight.merkle import ProofMalformed, consistency_proof
from amana.oversight.witness import decide, write_request
from tests.oversight.logs import AT, LOG, ORIGIN, WITNESS, Log, key_of, leaf

Forger = Callable[[Random, Log], Log]


@dataclass(frozen=True, slots=True)
class Attack:
    """One class of attacks: how the entries are bent, and with which key (of the log or another) a new head is signed.

    `unseen` says that only entries are bent which no witness had seen.
    """

    name: str
    bend: Forger
    signs_with: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Caught:
    """How many attacks of a class were tried, and how many a verifier noticed."""

    attack: Attack
    tried: int
    without_witness: int
    with_witness: int


def _text(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves) - 5)
    bent = replace(log.leaves[place], event=leaf(place, "another reason").event)
    return Log([*log.leaves[:place], bent, *log.leaves[place + 1 :]])


def _entry(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves) - 5)
    return Log([*log.leaves[:place], leaf(place, "another reason"), *log.leaves[place + 1 :]])


def _left_out(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves) - 5)
    return Log([*log.leaves[:place], *log.leaves[place + 1 :]])


def _added(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves) - 5)
    return Log([*log.leaves[:place], leaf(1_000, "made up"), *log.leaves[place:]])


def _swapped(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves) - 6)
    one, other = log.leaves[place : place + 2]
    return Log([*log.leaves[:place], other, one, *log.leaves[place + 2 :]])


def _cut_off(chance: Random, log: Log) -> Log:
    return Log(log.leaves[: chance.randrange(1, len(log.leaves) - 5)])


def _grown_from_fork(chance: Random, log: Log) -> Log:
    """Another log from some entry on, and longer, as a second public is shown it."""
    place = chance.randrange(len(log.leaves) - 5)
    return Log([*log.leaves[:place], *(leaf(number, "a second story") for number in range(place, len(log.leaves) + 3))])


def _newest(chance: Random, log: Log) -> Log:
    """One of the last five entries, which came after the witness's last look."""
    place = len(log.leaves) - 1 - chance.randrange(5)
    return Log([*log.leaves[:place], leaf(place, "another reason"), *log.leaves[place + 1 :]])


def _blanked(chance: Random, log: Log) -> Log:
    place = chance.randrange(len(log.leaves))
    return Log([*log.leaves[:place], replace(log.leaves[place], salt=None, event=None), *log.leaves[place + 1 :]])


_BENT: dict[str, Forger] = {
    "an entry changed with its commitment": _entry,
    "an entry left out": _left_out,
    "an entry added": _added,
    "two entries swapped": _swapped,
    "the end cut off": _cut_off,
}
ATTACKS = (
    Attack("an entry's text changed", _text),
    *(Attack(name, bend) for name, bend in _BENT.items()),
    *(Attack(f"{name}, head signed anew", bend, "log") for name, bend in _BENT.items()),
    Attack("a fork shown to a second verifier, head signed anew", _grown_from_fork, "log"),
    *(Attack(f"{name}, head signed by another key", bend, "another") for name, bend in _BENT.items()),
    Attack("an entry changed that no witness had seen, head signed anew", _newest, "log", unseen=True),
)
# No attack on the tree, and no forgery: what retention does, done without a reason. The bundle counts it as erased.
BLANKED = Attack("an entry's words removed, as erasure removes them", _blanked)


def try_attack(attack: Attack, chance: Random, folder: Path) -> tuple[bool, bool]:
    """Try one attack on a log of its own; says whether it is noticed without and with a witness."""
    honest = Log.of(chance.randint(20, 60))
    seen = len(honest.leaves) - 5
    witnessed = [honest.note(size, witnessed=True) for size in (seen // 2, seen)]
    forged = attack.bend(chance, honest)
    own = forged.note(seed=attack.signs_with) if attack.signs_with else honest.note()
    alone = _passes(forged, own, folder)
    notes = [own, *witnessed, *_cosigned(own, forged, seen, honest)]
    watched = any(_passes(forged, note, folder, newest=witnessed[-1]) for note in notes)
    return not alone, not watched


def _cosigned(note: str, forged: Log, seen: int, honest: Log) -> Iterator[str]:
    """The note with the witness's co-signature, where the attacker can get it."""
    for old in (seen, 0, len(forged.leaves)):
        try:
            proof = consistency_proof(old, len(forged.leaves), forged.nodes()) if old else []
            request = write_request(old, proof, note)
            accepted = decide(request, known={ORIGIN: (seen, honest.head(seen).root)}, keys={ORIGIN: LOG})
        except (AmanaError, ProofMalformed):
            continue
        yield add_cosignature(note, cosign(accepted.note, WITNESS, key_of("witness").sign, at=AT))


def _passes(forged: Log, note: str, folder: Path, *, newest: str = "") -> bool:
    """Whether the bundle verifies; with the witness's newest note, it must be co-signed and continue that."""
    bundle = forged.bundle(folder / "bundle", note=note)
    try:
        verify_bundle(bundle, origin=LOG, witnesses=[WITNESS] if newest else [], seen=[newest] if newest else [])
    except AmanaError:
        return False
    return True


def count(attack: Attack, tries: int, folder: Path) -> Caught:
    """Try a class of attacks so many times, always the same ones."""
    chance = Random(attack.name)
    found = [try_attack(attack, chance, folder) for _ in range(tries)]
    return Caught(attack, tries, sum(alone for alone, _ in found), sum(watched for _, watched in found))
