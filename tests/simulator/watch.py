"""What an onlooker remembers of one node's log, read entry by entry as it grows.

Invariant: what was remembered is still there: an entry once seen never changes, and each says what it committed to.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from hashlib import sha256

Version = tuple[str, str, int]
"""A version of a report: originator, number (hex), version."""


class Broken(AssertionError):
    """A promise of the node was broken."""


def require(kept: bool, promise: str) -> None:
    """Go on only where the promise was kept."""
    if not kept:
        raise Broken(promise)


def tree_root(leaves: list[bytes]) -> bytes:
    """The root over leaf hashes as RFC 6962, 2.1, says it, and nothing cleverer."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\x01" + tree_root(leaves[:half]) + tree_root(leaves[half:])).digest()


@dataclass(slots=True)
class Entry:
    """One event of the log as it is written."""

    index: int
    act: str
    verb: str
    person: str
    subject: str
    details: dict[str, str]


@dataclass(slots=True)
class Watch:
    """What was read of a log so far: leaves, and the acts that promises hang on."""

    leaves: list[bytes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    taken_in: set[str] = field(default_factory=set)
    withdrawn: set[Version] = field(default_factory=set)
    disclosed: dict[str, Entry] = field(default_factory=dict)

    def read(self, rows: list[tuple[int, bytes, bytes, str]]) -> None:
        """Read the entries that came since: (index, commitment, salt, event)."""
        for index, commitment, salt, event in rows:
            require(index == len(self.leaves), f"the log has entry {index} where {len(self.leaves)} follows")
            require(sha256(salt + event.encode()).digest() == commitment, f"entry {index} is not what it committed to")
            self.leaves.append(sha256(b"\x00" + commitment).digest())
            said = json.loads(event)
            entry = Entry(
                index, said["act"], said["verb"], said["person"], said["subject"], dict(map(tuple, said["details"]))
            )
            self.entries.append(entry)
            self._remember(entry)

    def _remember(self, entry: Entry) -> None:
        if entry.act == "collection" and entry.verb.endswith("-received"):
            require(entry.subject not in self.taken_in, f"{entry.subject} took effect twice")
            self.taken_in.add(entry.subject)
        if entry.act == "disclosure" and "message" in entry.details:
            self.disclosed[entry.details["message"]] = entry
        if entry.verb == "report-withdrawn":
            originator, uid = entry.person.removeprefix("node:"), entry.subject.split(":")[1].replace("-", "")
            self.withdrawn |= {(originator, uid, int(version)) for version in entry.details["versions"].split()}
