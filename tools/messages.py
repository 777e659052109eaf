"""Collect the sentences of templates and code into the `.po` files, for people to translate.

Invariant: nothing is translated by this; a new sentence stands empty in every language until somebody writes it, and
tests/contracts fails until then. Follows GNU gettext's PO format, by way of Django's makemessages.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

LANGUAGES = ("de", "fr", "ar")
PACKAGE = Path(__file__).resolve().parent.parent / "src" / "amana"


def collect(package: Path) -> None:
    """Bring `package`/locale up to date; raises CalledProcessError where xgettext finds a fault."""
    (package / "locale").mkdir(exist_ok=True)
    # Without settings, Django writes beside the code it reads, wherever that is.
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    locales = [word for language in LANGUAGES for word in ("--locale", language)]
    form = ["--no-location", "--no-obsolete", "--no-wrap"]
    command = [sys.executable, "-m", "django", "makemessages", "--verbosity", "0", *locales, *form]
    subprocess.run(command, cwd=package, env=environment, check=True)


if __name__ == "__main__":
    collect(PACKAGE)
