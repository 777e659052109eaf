"""Letters and digits as they are said over the telephone (ITU Radio Regulations, Appendix 14), for fingerprints."""

from __future__ import annotations

from dataclasses import dataclass

_WORDS = (
    "Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel", "India", "Juliett", "Kilo", "Lima",
    "Mike", "November", "Oscar", "Papa", "Quebec", "Romeo", "Sierra", "Tango", "Uniform", "Victor", "Whiskey",
    "X-ray", "Yankee", "Zulu",
)  # fmt: skip
_SAID = {word[0]: word for word in _WORDS}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of a fingerprint, and how it is said."""

    signs: str
    said: str


def spelled(fingerprint: str) -> tuple[Group, ...]:
    """The groups of a fingerprint, each with the words that spell it; digits are said as they are."""
    return tuple(
        Group(group, " ".join(_SAID.get(sign, sign) for sign in group)) for group in fingerprint.upper().split()
    )
