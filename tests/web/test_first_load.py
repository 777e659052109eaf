"""What a browser fetches for its first page stays small: the page, styles, scripts, icons and the fonts it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from amana.records.models import User
from bench.page_walk import signed_in

pytestmark = pytest.mark.once

MOST_BYTES = 500_000
BUILT = Path(__file__).resolve().parents[2] / "src/amana/web/static/built"


def bytes_to_load(page: str) -> dict[str, int]:
    """Bytes on the wire by file: bundles as they are compressed for whoever takes gzip, the page itself as it is."""
    found = {"page": len(page.encode())}
    for name in set(re.findall(r"/static/built/([\w.-]+\.(?:css|js|svg))", page)):
        found[name] = len((BUILT / f"{name}.gz").read_bytes())
        if name.endswith(".css"):
            found |= fonts_shown(page, (BUILT / name).read_text(encoding="utf-8"))
    return found


def fonts_shown(page: str, styles: str) -> dict[str, int]:
    """The fonts whose range holds a character of the page."""
    signs, found = {ord(sign) for sign in page}, {}
    for face in re.findall(r"@font-face\{([^}]*)\}", styles):
        spans = [span.split("-") for span in re.findall(r"U\+([0-9A-Fa-f]+(?:-[0-9A-Fa-f]+)?)", face)]
        ranges = [range(int(span[0], 16), int(span[-1], 16) + 1) for span in spans]
        if not ranges or any(sign in one for one in ranges for sign in signs):
            for file in re.findall(r"url\([\"']?([^\"')]*\.woff2)", face):
                found[file] = len((BUILT / file).read_bytes())
    return found


@pytest.mark.parametrize("tongue", ["en", "de", "fr", "ar"])
def test_the_first_page_is_light_in_every_language(alice: User, tongue: str) -> None:
    if not BUILT.is_dir():
        pytest.skip("the bundles are not built: node src/amana/web/assets/build.mjs")
    for client, where in ((Client(), "sign-in"), (signed_in(alice), "inbox")):
        with translation.override(tongue):
            answer = client.get(reverse(where), headers={"accept-language": tongue})
        loaded = bytes_to_load(answer.content.decode())
        assert any(name.endswith(".css") for name in loaded), where
        assert any(name.endswith(".woff2") for name in loaded), where
        assert sum(loaded.values()) < MOST_BYTES, (where, loaded)
