"""One decorator for the inner loops: compiled by numba at first use, kept on disk, without the interpreter's lock.

Invariant: machine code is only ever run with the sources it was made of. numba looks at a function's own file alone, so
the folder where it keeps code is named after a hash of all modules of this room.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


@cache
def sources() -> str:
    """A hash of all modules of this room."""
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _folder() -> Path:
    """Where code of these sources is kept: below NUMBA_CACHE_DIR, XDG_CACHE_HOME or ~/.cache."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("NUMBA_CACHE_DIR") or caches / "amana-loops") / sources()[:16]


numba.config.CACHE_DIR = os.fspath(_folder())  # type: ignore[attr-defined]


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code; compiled in every process anew where no folder can be written to."""
    try:
        loop: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba finds no place to keep code
        loop = numba.njit(nogil=True)(function)
    return loop
