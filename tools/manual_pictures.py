"""The pictures of the manual and the README: a few of those that `make screenshots` takes, cut and made light.

`manual_pictures.py` takes them anew of two running nodes; `manual_pictures.py FOLDER` uses what was taken into FOLDER.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image

from tools.screenshots import take

FOLDER = Path("docs/manual/pictures")
LOOK_OF = {"en": "wide", "de": "german"}
WIDTH = 1000
MOST_BYTES = 60_000
# The name in the manual, the page of the screenshots, and the part of its height that is kept, in pixels as taken.
OF_THE_MANUAL = (
    ("second-step", "second-step", 0, 760),
    ("compose", "compose", 0, 900),
    ("compose-draft", "compose-draft", 0, 1150),
    ("preview", "preview", 0, 1150),
    ("desk", "desk", 0, 1000),
    ("request", "request-asked-of-us", 0, 950),
    ("entity-beside", "entity-beside", 0, 900),
    ("briefing", "briefing", 0, 1150),
    ("partner", "partner", 0, 1000),
)
OF_THE_README = (
    ("desk", "desk", "wide", 0, 900),
    ("report-arabic-text", "report-waiting", "wide", 0, 900),
    ("exit-preview", "preview", "wide", 0, 900),
    ("desk-arabic", "desk", "arabic", 0, 900),
)


def lighten(source: Path, target: Path, top: int, bottom: int) -> None:
    """Cut a picture, make it narrower, and write it as WebP under the most that a page may carry."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with Image.open(source) as whole:
        cut = whole.convert("RGB").crop((0, top, whole.width, min(bottom, whole.height)))
        small = cut.resize((WIDTH, round(cut.height * WIDTH / cut.width)), Image.Resampling.LANCZOS)
    for quality in (80, 70, 60, 50, 40, 30):
        small.save(target, "WEBP", quality=quality, method=6)
        if target.stat().st_size <= MOST_BYTES:
            return
    raise SystemExit(f"{target} stays heavier than {MOST_BYTES} bytes")


def make(taken: Path) -> None:
    """Write all pictures of the manual from those that were taken."""
    for language, look in LOOK_OF.items():
        for name, page, top, bottom in OF_THE_MANUAL:
            lighten(taken / f"{page}.{look}.png", FOLDER / language / f"{name}.webp", top, bottom)
    for name, page, look, top, bottom in OF_THE_README:
        lighten(taken / f"{page}.{look}.png", FOLDER / "readme" / f"{name}.webp", top, bottom)


def main() -> None:
    """Take what is needed, or use what was taken."""
    if len(sys.argv) > 1:
        make(Path(sys.argv[1]))
        return
    pages = {page for _name, page, *_cut in OF_THE_MANUAL} | {page for _name, page, *_cut in OF_THE_README}
    with tempfile.TemporaryDirectory(prefix="amana-manual-") as name:
        take(Path(name), [*sorted(pages), *LOOK_OF.values(), "arabic"])
        make(Path(name))


if __name__ == "__main__":
    main()
