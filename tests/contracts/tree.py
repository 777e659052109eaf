"""The files of this tree as git sees them: what is committed and what is about to be."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def files(*patterns: str) -> tuple[Path, ...]:
    """Files that git keeps or would add, by glob of git; sorted."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    found = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(sorted(path for line in set(found.splitlines()) if (path := ROOT / line).is_file()))


def text_of(path: Path) -> str:
    """The file's text; what is not UTF-8 is read as if it were Latin-1, so that every byte is looked at."""
    data = path.read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def named(path: Path) -> str:
    """The file's name below the root."""
    return str(path.relative_to(ROOT))
