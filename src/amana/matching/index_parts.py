"""What an index is made of, read from names or from a file.

Invariant: a file gives the index that was kept, or is refused: it carries the version of the tables that its arrays
were made with. It holds arrays and text only, so loading it runs nothing.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from amana.domain.errors import Conflict, gettext_noop
from amana.matching.batch import read_all
from amana.matching.names import Word
from amana.matching.rarity import VERSION
from amana.matching.symbols import encode, skeleton
from amana.matching.wordbook import WordBook, Words

Ints = NDArray[np.int32]
Bytes = NDArray[np.uint8]


NOTHING: Mapping[str, NDArray[np.int64]] = MappingProxyType({})


class IndexFileUnfit(Conflict):
    """A file of an index was made by other tables than these, or is damaged."""

    code = "index-file-unfit"
    sentence = gettext_noop("The kept index is damaged or was made by another version of Amana; build it anew.")


class Grams(NamedTuple):
    """Which words have a gram: gram g those in `words[starts[g]:starts[g + 1]]`; `counts` are each word's grams."""

    number: dict[str, int]
    starts: Ints
    words: Ints
    counts: Ints


class Parts(NamedTuple):
    """Names by position, as text and as words' numbers (`names[starts[i]:starts[i + 1]]`), words and grams.

    `beside` are arrays of the owner's that are kept in the same file.
    """

    texts: Sequence[str]
    number: dict[Word, int]
    names: Ints
    starts: Ints
    kinds: Ints
    words: Words
    grams: Grams
    beside: Mapping[str, NDArray[np.int64]] = NOTHING


def grams_of(word: Word) -> list[str]:
    """Pairs of neighbours in the skeletons of a word, with and without what may be left out at its beginning."""
    found = dict[str, None]()
    for text in {word.text, word.text[word.loose :], word.bare}:
        edged = f"^{skeleton(encode(text))}$"
        found.update(dict.fromkeys(edged[place : place + 2] for place in range(len(edged) - 1)))
    return sorted(found)


def fingerprint(names: Sequence[str]) -> str:
    """A hash of names in their order."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode("utf-8", "surrogatepass") + b"\0")
    return digest.hexdigest()


def lists_by(keys: Ints, values: Ints, size: int) -> tuple[Ints, Ints]:
    """The values of each key in one array: (starts by key, values)."""
    order = np.argsort(keys, kind="stable")
    starts = np.zeros(size + 1, np.int32)
    np.cumsum(np.bincount(keys, minlength=size), out=starts[1:])
    return starts, values[order]


def read_parts(texts: Sequence[str]) -> Parts:
    """Read names."""
    book = WordBook()
    names, starts, kinds = read_all(texts, book)
    return Parts(texts, book.number, names, starts, kinds, book.words(), _grams(book.number))


def _grams(numbers: dict[Word, int]) -> Grams:
    number: dict[str, int] = {}
    grams, words = list[int](), list[int]()
    counts = np.zeros(len(numbers), np.int32)
    for word, place in numbers.items():
        for gram in grams_of(word):
            grams.append(number.setdefault(gram, len(number)))
            words.append(place)
            counts[place] += 1
    starts, listed = lists_by(np.array(grams, np.int32), np.array(words, np.int32), len(number))
    return Grams(number, starts, listed, counts)


def save_parts(parts: Parts, path: Path) -> None:
    """Write parts aside and move them into place."""
    arrays = {f"words_{name}": column for name, column in parts.words._asdict().items()}
    arrays |= {"names": parts.names, "starts": parts.starts, "kinds": parts.kinds, "version": np.array(VERSION)}
    arrays |= {"gram_starts": parts.grams.starts, "gram_words": parts.grams.words, "gram_counts": parts.grams.counts}
    arrays["book_weak"] = np.array([word.weak for word in parts.number], np.bool_)
    arrays["book_loose"] = np.array([word.loose for word in parts.number], np.int32)
    book = [word.text for word in parts.number]
    arrays |= {f"beside_{name}": column for name, column in parts.beside.items()}
    for name, texts in (("texts", parts.texts), ("book", book), ("grams", list(parts.grams.number))):
        arrays[f"{name}_bytes"], arrays[f"{name}_ends"] = _packed(texts)
    aside = path.with_name(path.name + ".part")
    aside.touch(mode=0o600)
    with aside.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def load_parts(path: Path) -> Parts:
    """Read parts from a file; raises IndexFileUnfit, FileNotFoundError."""
    with _opened(path) as kept:
        return _unpack_parts(kept)


def load_beside(path: Path, *names: str) -> dict[str, NDArray[np.int64]]:
    """Read only some of the owner's arrays; raises as `load_parts`."""
    with _opened(path) as kept:
        return {name: kept[f"beside_{name}"] for name in names}


@contextmanager
def _opened(path: Path) -> Iterator[Mapping[str, NDArray[Any]]]:
    try:
        with np.load(path, allow_pickle=False) as kept:
            if int(kept["version"]) != VERSION:
                raise IndexFileUnfit
            yield kept
    except (BadZipFile, EOFError, KeyError, ValueError) as error:
        raise IndexFileUnfit from error


def _unpack_parts(kept: Mapping[str, NDArray[Any]]) -> Parts:
    texts, book, grams = (_unpacked(kept[f"{name}_bytes"], kept[f"{name}_ends"]) for name in ("texts", "book", "grams"))
    properties = zip(book, kept["book_loose"].tolist(), kept["book_weak"].tolist(), strict=True)
    number = {Word(text, loose, weak): place for place, (text, loose, weak) in enumerate(properties)}
    words = Words(**{name: kept[f"words_{name}"] for name in Words._fields})
    by_gram = {gram: place for place, gram in enumerate(grams)}
    found = Grams(by_gram, kept["gram_starts"], kept["gram_words"], kept["gram_counts"])
    beside = {name.removeprefix("beside_"): kept[name] for name in kept if name.startswith("beside_")}
    return Parts(texts, number, kept["names"], kept["starts"], kept["kinds"], words, found, beside)


def _packed(texts: Sequence[str]) -> tuple[Bytes, NDArray[np.int64]]:
    """Texts as one array of bytes, and where each ends."""
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(encoded), np.uint8), np.cumsum([len(one) for one in encoded], dtype=np.int64)


def _unpacked(packed: Bytes, ends: NDArray[np.int64]) -> list[str]:
    whole, begin, found = packed.tobytes(), 0, list[str]()
    for end in ends.tolist():
        found.append(whole[begin:end].decode("utf-8", "surrogatepass"))
        begin = end
    return found
