"""Why two names are alike or not, word by word, in sentences for a desk officer.

Invariant: the sentences tell what the value was computed from: the same words put beside each other by the same loop.
Codes never change.
"""

from __future__ import annotations

from itertools import pairwise

from amana.domain.answers import Reason
from amana.domain.errors import gettext_noop
from amana.matching.kernels import CERTAIN, INITIAL, VARIANT, Memory
from amana.matching.names import Name, Word
from amana.matching.wordbook import Words

ALIKE = 0.4  # likeness from which two words are said to agree
RARE = 4.5  # weight from which a word is said to be rare

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
NUMBER_DIFFERS = gettext_noop("The numbers differ.")
EMPTY = gettext_noop("There is no name to compare.")
CUT = gettext_noop("A name is very long; only its beginning was compared.")
NOTHING = gettext_noop("No words agree.")


def no_name() -> Reason:
    """The reason for a text without any word."""
    return Reason("name-empty", EMPTY)


def explain(one: Name, other: Name, numbers: tuple[list[int], list[int]], words: Words, memory: Memory) -> list[Reason]:
    """The reasons for the value of two names whose words `match_words` has just put beside each other."""
    partners, got = memory.with_a[: len(one.words)], memory.got_a[: len(one.words)]
    reasons, rare = list[Reason](), list[Reason]()
    agreeing = [place for place in range(len(one.words)) if partners[place] >= 0 and got[place] > ALIKE]
    joined = {int(partners[place]) for place in agreeing if list(partners).count(partners[place]) > 1}
    for place in agreeing:
        left, right = one.words[place], other.words[partners[place]]
        reasons.append(_joined(right) if int(partners[place]) in joined else _agreement(left, right, float(got[place])))
        if words.weight[0, numbers[0][place]] >= RARE and not left.weak:
            rare.append(Reason("name-rare", RARE_AGREES, (("one", left.text),)))
    lefts = [word for place, word in enumerate(one.words) if place not in agreeing and not word.weak]
    found = {int(partners[place]) for place in agreeing} | _joined_places(other, memory)
    rights = [word for place, word in enumerate(other.words) if place not in found and not word.weak]
    if not agreeing:
        return [Reason("name-nothing", NOTHING)]
    reasons += rare[:1] or [Reason("name-common", COMMON_ONLY)]
    reasons += _differences(one, other, lefts, rights)
    if any(partners[later] < partners[earlier] for earlier, later in pairwise(agreeing)):
        reasons.append(Reason("name-order", ORDER))
    if one.cut or other.cut:
        reasons.append(Reason("name-cut", CUT))
    return list(dict.fromkeys(reasons))


def _joined_places(other: Name, memory: Memory) -> set[int]:
    return {place for place in range(len(other.words)) if memory.with_b[place] >= 0 and memory.got_b[place] > ALIKE}


def _joined(whole: Word) -> Reason:
    return Reason("name-joined", JOINED, (("one", whole.text),))


def _agreement(left: Word, right: Word, likeness: float) -> Reason:
    both = (("one", left.text), ("other", right.text))
    if left.text == right.text:
        return Reason("name-same", SAME, both[:1])
    if abs(likeness - INITIAL) < 1e-6 and min(len(left.text), len(right.text)) == 1:
        return Reason("name-initial", INITIAL_ONLY, both)
    if abs(likeness - VARIANT) < 1e-6:
        return Reason("name-form", FORM, both)
    if likeness < 0.6 * CERTAIN:
        return Reason("name-resembles", RESEMBLES, both)
    if left.arabic != right.arabic:
        return Reason("name-across-scripts", ACROSS, both)
    return Reason("name-spelling", SPELLED, both)


def _differences(one: Name, other: Name, lefts: list[Word], rights: list[Word]) -> list[Reason]:
    """What contradicts, and what is only missing."""
    digits = [word for word in lefts + rights if not word.text.isalpha()]
    if digits and lefts and rights:
        return [Reason("name-number-differs", NUMBER_DIFFERS)]
    if lefts and rights and lefts[0] is one.words[0] and rights[0] is other.words[0]:
        return [Reason("name-given-differs", GIVEN_DIFFERS, (("one", lefts[0].text), ("other", rights[0].text)))]
    if lefts and rights:
        return [Reason("name-contradiction", BOTH_LEFT, (("one", lefts[0].text), ("other", rights[0].text)))]
    return [Reason("name-left", LEFT, (("one", word.text),)) for word in (lefts + rights)[:2]]
