"""What else scores two names: the peers of `bench matching`, each as a function from two texts to a number."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import icu
from followthemoney import model
from followthemoney.proxy import EntityProxy
from metaphone import doublemetaphone
from nomenklatura.matching import get_algorithm
from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

Scorer = Callable[[str, str], float]
SCHEMATA = {"org_latin": "Organization", "nk_org": "Organization", "nk_vessel": "Vessel"}
_LATIN = icu.Transliterator.createInstance("Any-Latin; NFD; [:Nonspacing Mark:] Remove; Latin-ASCII; Lower")


@lru_cache(maxsize=1 << 18)
def romanised(name: str) -> str:
    """The name in ASCII, by ICU."""
    return str(_LATIN.transliterate(name))


@lru_cache(maxsize=1 << 18)
def sounded(name: str) -> str:
    """The double-metaphone codes of a romanised name's words."""
    return " ".join(doublemetaphone(word)[0] for word in romanised(name).split())


def token_set(a: str, b: str) -> float:
    """rapidfuzz's token_set_ratio on lower-case text."""
    return fuzz.token_set_ratio(a.lower(), b.lower())


def jaro_winkler(a: str, b: str) -> float:
    """rapidfuzz's Jaro-Winkler on lower-case text."""
    return JaroWinkler.similarity(a.lower(), b.lower())


def icu_ratio(a: str, b: str) -> float:
    """WRatio after ICU's transliteration."""
    return fuzz.WRatio(romanised(a), romanised(b))


def icu_metaphone(a: str, b: str) -> float:
    """WRatio after ICU's transliteration, and token_set_ratio of double-metaphone codes, half each."""
    return fuzz.WRatio(romanised(a), romanised(b)) + fuzz.token_set_ratio(sounded(a), sounded(b))


def logic_v2(schema: str) -> Scorer:
    """nomenklatura's logic-v2 on entities that have only a name."""
    algorithm = get_algorithm("logic-v2")
    if algorithm is None:
        raise SystemExit("This nomenklatura has no logic-v2.")
    config = algorithm.default_config()

    @lru_cache(maxsize=1 << 16)
    def entity(name: str) -> EntityProxy:
        return model.make_entity(schema).clone() if not name else _named(schema, name)

    return lambda a, b: float(algorithm.compare(entity(a), entity(b), config).score)


def _named(schema: str, name: str) -> EntityProxy:
    made = model.make_entity(schema)
    made.id = name
    made.add("name", name)
    return made


def peers(slice_name: str) -> dict[str, Scorer]:
    """All peers by name, for a slice of pairs."""
    return {
        "rapidfuzz token_set": token_set,
        "rapidfuzz Jaro-Winkler": jaro_winkler,
        "ICU + WRatio": icu_ratio,
        "ICU + WRatio + double metaphone": icu_metaphone,
        "nomenklatura logic-v2": logic_v2(SCHEMATA.get(slice_name, "Person")),
    }
