"""Why two names are alike or not, word by word, in sentences for a desk officer.

Invariant: the sentences tell what the value was computed from: the same words put beside each other by the same loop.
Codes never change.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.matching.kernels import INITIAL, VARIANT, Memory
from amana.matching.names import Name, is_roman

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
ALIKE = 0.4  # likeness from which two words are said to agree
RESEMBLING = 0.6  # likeness from which two words are said to be spellings of one
RARE = 4.5  # weight from which a word is said to be rare
SHARP = 1e-6

SAME = gettext_noop("“%(one)s” is in both names.")
SPELLED = gettext_noop("“%(one)s” and “%(other)s” are spellings of one name.")
ACROSS = gettext_noop("“%(one)s” and “%(other)s” sound alike across scripts.")
RESEMBLES = gettext_noop("“%(one)s” and “%(other)s” resemble each other.")
FORM = gettext_noop("“%(one)s” and “%(other)s” are forms of one name in different languages.")
INITIAL_ONLY = gettext_noop("“%(one)s” fits “%(other)s” as an initial only.")
JOINED = gettext_noop("“%(one)s” is written as one word in one name and as two in the other.")
RARE_AGREES = gettext_noop("“%(one)s” is a rare name, so its agreement says much.")
COMMON_ONLY = gettext_noop("Only common names agree: many people bear them.")
GIVEN_DIFFERS = gettext_noop("The first names differ (“%(one)s”, “%(other)s”): this may be a relative.")
LEFT = gettext_noop("“%(one)s” stands in only one of the two names.")
BOTH_LEFT = gettext_noop("“%(one)s” and “%(other)s” contradict each other.")
ORDER = gettext_noop("The words stand in another order.")
FORMS_DIFFER = gettext_noop("Their legal forms are of different kinds: this may be another company.")
NUMBER_DIFFERS = gettext_noop("The numbers differ.")
EMPTY = gettext_noop("There is no name to compare.")
CUT = gettext_noop("A name is very long; only its beginning was compared.")
NOTHING = gettext_noop("No words agree.")


def no_name() -> Reason:
    """The reason for a text without any word."""
    return Reason("name-empty", EMPTY)


def forms_differ(one: int, other: int) -> list[Reason]:
    """The reason where two kinds of `reading` are organisations of different legal forms."""
    return [Reason("name-legal-form-differs", FORMS_DIFFER)] if one > 1 and other > 1 and one != other else []


@dataclass(frozen=True, slots=True)
class _Side:
    """One name beside the other: for each of its words the place of its partner (or -1) and how alike they are."""

    name: Name
    partners: list[int]
    got: list[float]

    def agreeing(self) -> list[int]:
        """The places of its words that agree with one of the other name."""
        return [place for place, partner in enumerate(self.partners) if partner >= 0 and self.got[place] > ALIKE]

    def left(self) -> list[int]:
        """The places of its words that say something and have no like."""
        agreeing = set(self.agreeing())
        return [place for place, word in enumerate(self.name.words) if place not in agreeing and not word.weak]


def explain(one: Name, other: Name, weights: Floats, memory: Memory) -> list[Reason]:
    """The reasons for the value of two names whose words `match_words` has just put beside each other.

    `weights` are those of the words of `one`.
    """
    left = _side(one, memory.with_a, memory.got_a)
    right = _side(other, memory.with_b, memory.got_b)
    _part_numerals(left, right)
    agreeing = left.agreeing()
    if not agreeing:
        return [Reason("name-nothing", NOTHING)]
    reasons = [_agreement(left, right, place) for place in agreeing]
    rarest = max(agreeing, key=lambda place: weights[place])
    rare = weights[rarest] >= RARE
    reasons.append(
        Reason("name-rare", RARE_AGREES, (("one", one.written[rarest]),))
        if rare
        else Reason("name-common", COMMON_ONLY)
    )
    reasons += _differences(left, right)
    if any(left.partners[later] < left.partners[earlier] for earlier, later in pairwise(agreeing)):
        reasons.append(Reason("name-order", ORDER))
    if one.cut or other.cut:
        reasons.append(Reason("name-cut", CUT))
    return list(dict.fromkeys(reasons))


def _side(name: Name, partners: Ints, got: Floats) -> _Side:
    many = len(name.words)
    return _Side(name, partners[:many].tolist(), got[:many].tolist())


def _part_numerals(left: _Side, right: _Side) -> None:
    """II and III sound alike and say different things."""
    for place, partner in enumerate(left.partners):
        texts = {left.name.words[place].text, right.name.words[partner].text} if partner >= 0 else set()
        if len(texts) == 2 and all(map(is_roman, texts)):
            left.got[place] = right.got[partner] = 0.0


def _agreement(left: _Side, right: _Side, place: int) -> Reason:
    """How the word at `place` of the left name agrees with its partner."""
    partner, likeness = left.partners[place], left.got[place]
    one, other = left.name.words[place], right.name.words[partner]
    both = (("one", left.name.written[place]), ("other", right.name.written[partner]))
    if left.partners.count(partner) > 1:
        return Reason("name-joined", JOINED, (("one", right.name.written[partner]),))
    if right.partners.count(place) > 1:
        return Reason("name-joined", JOINED, both[:1])
    if one.text == other.text:
        return Reason("name-same", SAME, both[:1])
    if abs(likeness - INITIAL) < SHARP and min(len(one.text), len(other.text)) == 1:
        return Reason("name-initial", INITIAL_ONLY, both)
    if abs(likeness - VARIANT) < SHARP:
        return Reason("name-form", FORM, both)
    if likeness < RESEMBLING:
        return Reason("name-resembles", RESEMBLES, both)
    if one.arabic != other.arabic:
        return Reason("name-across-scripts", ACROSS, both)
    return Reason("name-spelling", SPELLED, both)


def _differences(left: _Side, right: _Side) -> list[Reason]:
    """What contradicts, or what is only missing."""
    lefts, rights = left.left(), right.left()
    alone = [left.name.written[place] for place in lefts] + [right.name.written[place] for place in rights]
    if not lefts or not rights:
        return [Reason("name-left", LEFT, (("one", text),)) for text in alone[:2]]
    if any(not text.replace(" ", "").isalpha() for text in alone):
        return [Reason("name-number-differs", NUMBER_DIFFERS)]
    both = (("one", left.name.written[lefts[0]]), ("other", right.name.written[rights[0]]))
    if lefts[0] == 0 and rights[0] == 0:
        return [Reason("name-given-differs", GIVEN_DIFFERS, both)]
    return [Reason("name-contradiction", BOTH_LEFT, both)]
