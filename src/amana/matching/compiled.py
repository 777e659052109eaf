"""One decorator for the inner loops: compiled by numba at first use, kept on disk, without the interpreter's lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code."""
    loop: Callable[P, R] = njit(cache=True, nogil=True)(function)
    return loop
