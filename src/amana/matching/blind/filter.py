"""What a holder publishes once an epoch: its outputs of the keyed function, cut short and coded compactly.

Invariant: `Filter.from_bytes(f.to_bytes()).to_bytes() == f.to_bytes()`, and bytes not written so are refused. A filter
has 2^b entries, its bucket, of b + 32 bits each; what is not holdings is padding that nobody can tell from them. A
token that is not held is found with a chance of at most 2^-32. The code is that of Elias and Fano: the low 32 bits of
each entry as they are, the high b bits in unary, 34 bits an entry in all.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import rfc8785
from numpy.typing import NDArray

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Form, Json
from amana.matching.blind import group
from amana.matching.blind.scope import Scope

LOW_BITS = 32
LEAST_BUCKET, MOST_BUCKET = 10, 26
HEAD = 8
_MAGIC = b"amana-blind-filter/1\n"
_LONGEST_HEADER = 2048

Heads = NDArray[np.uint64]


class FilterMalformed(BadInput):
    """The bytes are not a filter, or not in the one way to write it."""

    code = "blind-filter"
    sentence = gettext_noop("The partner's filter for the blind comparison is not in order; it was not taken.")


def heads_of(outputs: Sequence[bytes]) -> Heads:
    """The first 64 bits of each output, as numbers."""
    return np.frombuffer(b"".join(output[:HEAD] for output in outputs), dtype=">u8").astype(np.uint64)


def cut(heads: Heads, bucket: int) -> Heads:
    """The entries that heads come to in a bucket of 2^bucket: their first bucket + 32 bits."""
    return heads >> np.uint64(64 - LOW_BITS - bucket)


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """A published filter: `entries` are 2^bucket rising numbers below 2^(bucket + 32).

    `version` counts from 1 within the epoch; `public` is the key that the holder's proofs are checked against.
    """

    scope: Scope
    public: bytes
    version: int
    bucket: int
    entries: Heads

    def holds(self, outputs: Sequence[bytes]) -> list[bool]:
        """Which of these outputs of the function are among the entries."""
        asked = cut(heads_of(outputs), self.bucket)
        places = np.searchsorted(self.entries, asked)
        places[places == len(self.entries)] = 0
        return [bool(found) for found in self.entries[places] == asked]

    def to_bytes(self) -> bytes:
        """Header, low halves, high halves."""
        size = 1 << self.bucket
        bits = np.zeros(2 * size, dtype=np.uint8)
        bits[(self.entries >> np.uint64(LOW_BITS)).astype(np.int64) + np.arange(size)] = 1
        return self._header() + self.entries.astype(np.uint32).astype(">u4").tobytes() + np.packbits(bits).tobytes()

    def _header(self) -> bytes:
        head: dict[str, Json] = {
            "bucket": self.bucket,
            "public": self.public.hex(),
            "scope": self.scope.to_json(),
            "version": self.version,
        }
        return _MAGIC + rfc8785.dumps(head) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Filter:
        """Read a filter and check it whole.

        1. It begins with the magic line and a canonical header (FilterMalformed, FormMalformed). 2. Its body has the
        size of its bucket. 3. Its high halves are as many as its entries. 4. The entries rise. 5. The public key is an
        element (ElementRefused).
        """
        end = data.find(b"\n", len(_MAGIC), _LONGEST_HEADER)
        if not data.startswith(_MAGIC) or end < 0:
            raise FilterMalformed
        scope, public, version, bucket = _read_header(data[len(_MAGIC) : end])
        entries = _read_entries(data[end + 1 :], bucket)
        group.check_elements(public)
        found = cls(scope, public, version, bucket, entries)
        if not data.startswith(found._header()):
            raise FilterMalformed
        return found


def _read_header(line: bytes) -> tuple[Scope, bytes, int, int]:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise FilterMalformed from error
    with Form(data, "blind-filter") as form:
        public = form.text("public", most=2 * group.WIDTH)
        try:
            key = bytes.fromhex(public)
        except ValueError as error:
            raise form.wrong("public") from error
        if len(key) != group.WIDTH:
            raise form.wrong("public")
        bucket = form.number("bucket", least=LEAST_BUCKET, most=MOST_BUCKET)
        return form.part("scope", Scope.from_json), key, form.number("version", least=1), bucket


def _read_entries(body: bytes, bucket: int) -> Heads:
    size = 1 << bucket
    if len(body) != 4 * size + size // 4:
        raise FilterMalformed
    places = np.flatnonzero(np.unpackbits(np.frombuffer(body, dtype=np.uint8, offset=4 * size)))
    if len(places) != size or places[-1] == 2 * size - 1:
        raise FilterMalformed
    high = (places - np.arange(size)).astype(np.uint64)
    entries = (high << np.uint64(LOW_BITS)) | np.frombuffer(body, dtype=">u4", count=size).astype(np.uint64)
    if not np.all(entries[1:] > entries[:-1]):
        raise FilterMalformed
    entries.flags.writeable = False
    return entries
