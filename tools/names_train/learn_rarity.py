"""Write `tables/rarity.tsv` and the words of organisations, counted in the training part of the OFAC lists."""

from __future__ import annotations

from collections import Counter

from amana.matching.names import Word, read_name
from amana.matching.symbols import encode, skeleton
from tools.names_train import data

Row = dict[str, str]
SEEN_OFTEN = 2
TYPICAL = 25  # times as often in names of organisations as of persons


def _words() -> tuple[list[set[Word]], list[set[Word]]]:
    """The words of each entity's names, of persons and of organisations."""
    persons, organisations = list[set[Word]](), list[set[Word]]()
    for entity in data.entities():
        if entity.source != "ofac" or data.is_validation(entity.id) or entity.type == "vessel":
            continue
        words = {word for name in entity.names for word in read_name(name).words}
        (persons if entity.type == "person" else organisations).append(words)
    return persons, organisations


def learn_rarity() -> list[Row]:
    """How many entities have a word of each skeleton: those seen in more than one; "*" has the number of entities."""
    counted = []
    for names in _words():
        counted.append(Counter(key for words in names for key in {skeleton(encode(word.bare)) for word in words}))
        counted[-1]["*"] = len(names)
    return [
        {"skeleton": key, "persons": str(counted[0][key]), "organisations": str(counted[1][key])}
        for key in sorted(counted[0] | counted[1])
        if key and counted[0][key] + counted[1][key] >= SEEN_OFTEN
    ]


def learn_organisation_words() -> list[Row]:
    """Words that show a name to be an organisation's."""
    persons, organisations = (Counter(word.text for words in names for word in words) for names in _words())
    typical = [
        word
        for word, count in organisations.items()
        if count >= 4 and len(word) > 2 and word.isalpha() and count > TYPICAL * persons[word]
    ]
    return [{"role": "organisation", "words": " ".join(sorted(typical))}]
