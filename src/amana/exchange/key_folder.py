"""A folder of keys whose files change together: all of them or none, whenever the process or the power ends.

Invariant: what is new is written into `next.part`; renaming that to `next` is the change, and only then are the files
moved into place, one after the other. Whoever opens the folder first finishes what was broken off.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

_PART, _NEXT, _LAST = "next.part", "next", "card.jws"


def replace_together(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files (mode 0600) into a folder (mode 0700), so that all of them count or none."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    finish(folder)
    part = folder / _PART
    if part.exists():
        shutil.rmtree(part)
    part.mkdir(mode=0o700)
    for name, data in files.items():
        _write(part / name, data)
    _sync(part)
    part.rename(folder / _NEXT)
    _sync(folder)
    finish(folder)


def finish(folder: Path) -> None:
    """Move the files of a change that was decided on into place; does nothing where none is waiting.

    Two processes may do it at once: each file is moved by one of them. The card goes last, for readers look at its time
    to know whether the keys changed.
    """
    waiting = folder / _NEXT
    if not waiting.is_dir():
        return
    for name in sorted((path.name for path in waiting.iterdir()), key=lambda name: name == _LAST):
        with contextlib.suppress(FileNotFoundError):
            (waiting / name).replace(folder / name)
    _sync(folder)
    with contextlib.suppress(FileNotFoundError):
        waiting.rmdir()


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
