"""`python -m tools.names_train [TABLE …]`: learn the tables and write them into `src/amana/matching/tables`.

Run on one thread (`OMP_NUM_THREADS=1`), so that sums are in one order and the files come out the same to the byte. Each
table builds on those before it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from amana.matching.tables import FOLDER
from tools.names_train import data

Row = dict[str, str]


def _sounds() -> list[Row]:
    from tools.names_train.learn_sounds import learn_sounds

    return learn_sounds()


def _rarity() -> list[Row]:
    from tools.names_train.learn_rarity import learn_rarity

    return learn_rarity()


def _organisations() -> list[Row]:
    from tools.names_train.learn_rarity import learn_organisation_words

    return learn_organisation_words()


def _places() -> list[Row]:
    from tools.names_train.learn_places import learn_places

    return learn_places()


def _combination() -> list[Row]:
    from tools.names_train.learn_combination import learn_combination

    return learn_combination()


TABLES: dict[str, Callable[[], list[Row]]] = {
    "sounds": _sounds,
    "rarity": _rarity,
    "organisations": _organisations,
    "places": _places,
    "combination": _combination,
}


def main() -> None:
    """Learn the named tables, or all."""
    if not data.ROOT.is_dir():
        raise SystemExit(f"The training data is not in {data.ROOT}; set NAMES_FOLDER to the folder that has it.")
    for name in sys.argv[1:] or list(TABLES):
        rows = TABLES[name]()
        lines = ["\t".join(rows[0]), *("\t".join(row.values()) for row in rows)]
        (FOLDER / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{name}: {len(rows)} rows", flush=True)


if __name__ == "__main__":
    main()
