"""See that the system has what Amana is built, run and tested with; install it as root, else say the exact line.

`needs.py run` is for a node, `needs.py test` adds what the tests need. Standard library only.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path


def has(*commands: str) -> Callable[[], bool]:
    """Whether all these commands are on the path."""
    return lambda: all(shutil.which(command) for command in commands)


def has_icu() -> bool:
    """Whether ICU's headers are there (the vocabulary's name handling is built against them)."""
    found = shutil.which("pkg-config")
    return bool(found) and subprocess.run([str(found), "--exists", "icu-i18n"], check=False).returncode == 0


def has_venv() -> bool:
    """Whether this Python can make virtual environments."""
    return subprocess.run([sys.executable, "-c", "import venv, ensurepip"], check=False).returncode == 0


def has_postgres() -> bool:
    """Whether a PostgreSQL server can be started here."""
    return bool(shutil.which("initdb")) or any(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


def has_java() -> bool:
    """Whether a Java that Spark runs on (17 or newer) is there."""
    found = shutil.which("java")
    said = subprocess.run([found, "-version"], check=False, capture_output=True, text=True).stderr if found else ""
    version = re.search(r'version "(\d+)', said)
    return version is not None and int(version[1]) >= 17


RUN: dict[str, Callable[[], bool]] = {
    "g++": has("g++"),
    "pkg-config": has("pkg-config"),
    "libicu-dev": has_icu,
    "python3-venv": has_venv,
    "nodejs": has("node"),
    "npm": has("npm"),
}
TEST: dict[str, Callable[[], bool]] = {
    "chromium": has("chromium"),
    "postgresql": has_postgres,
    "gettext": has("xgettext", "msgfmt"),
    "default-jre-headless": has_java,
}


def main(what: str) -> int:
    """Install or name what is missing; returns the exit code."""
    wanted = RUN | TEST if what == "test" else RUN
    missing = [package for package, there in wanted.items() if not there()]
    if not missing:
        return 0
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print("Some system packages are missing. Install them with:", file=sys.stderr)
        print(f"  sudo apt-get install -y {' '.join(missing)}", file=sys.stderr)
        return 1
    print(f"Installing system packages: {' '.join(missing)}", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    update, install = ["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", *missing]
    subprocess.run(update, check=False, env=environment, stdout=subprocess.DEVNULL)
    done = subprocess.run(install, check=False, env=environment, stdout=subprocess.DEVNULL)
    left = [package for package in missing if not wanted[package]()]
    if left:
        print(f"Could not install: {' '.join(left)}", file=sys.stderr)
    return done.returncode or bool(left)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
