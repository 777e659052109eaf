"""Write `tables/places.tsv`: countries of one word in our five languages, from the Unicode CLDR by way of Babel."""

from __future__ import annotations

from babel import Locale

from amana.matching.names import fold_name

Row = dict[str, str]
LANGUAGES = ("ar", "de", "en", "es", "fr")


def learn_places() -> list[Row]:
    """All such words."""
    names = [name for tongue in LANGUAGES for code, name in Locale(tongue).territories.items() if code.isalpha()]
    words = {folded for name in names if " " not in (folded := fold_name(name)) and len(folded) > 2}
    return [{"role": "country", "words": " ".join(sorted(words))}]
