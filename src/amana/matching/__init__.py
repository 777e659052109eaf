"""Who is who: names in any spelling and script, their likeness, and an index to find them by.

What others use: `compare_names`, `compare_many`, `compare` of two `Subject`s, `NameIndex`, and `Shelf` for names that
change. They are loaded when first asked for, so that importing the room costs nothing: write `matching.compare`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from amana.matching.bulk import Engine
    from amana.matching.index import NameIndex
    from amana.matching.index_parts import IndexFileUnfit
    from amana.matching.pairs import compare_many, compare_names
    from amana.matching.record import Subject
    from amana.matching.score import Score
    from amana.matching.shelf import Editions, Found, Segment, Shelf
    from amana.matching.spark_session import spark_cluster
    from amana.matching.subject import compare

_WHERE = {
    "Editions": "shelf",
    "Engine": "bulk",
    "Found": "shelf",
    "IndexFileUnfit": "index_parts",
    "NameIndex": "index",
    "Score": "score",
    "Segment": "shelf",
    "Shelf": "shelf",
    "Subject": "record",
    "compare": "subject",
    "compare_many": "pairs",
    "compare_names": "pairs",
    "spark_cluster": "spark_session",
}
__all__ = [
    "Editions",
    "Engine",
    "Found",
    "IndexFileUnfit",
    "NameIndex",
    "Score",
    "Segment",
    "Shelf",
    "Subject",
    "compare",
    "compare_many",
    "compare_names",
    "spark_cluster",
]


def __getattr__(name: str) -> object:
    if name not in _WHERE:
        raise AttributeError(name)
    return getattr(import_module(f"amana.matching.{_WHERE[name]}"), name)
