"""Lists of subjects from CSV files, and what was found for them as CSV, XLSX or JSON.

Invariant: a cell that begins like a formula is written so that no table program computes it; every line of the list
has its place in the answer, found or not. CSV after RFC 4180, in any of three separators.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from amana.domain.errors import BadInput, gettext_noop
from amana.intake.decoding import decode
from amana.matching.record import Subject

MOST_LINES = 1_000_000
LONGEST_CELL = 2_000
COLUMNS = ("line", "asked", "match", "likeness", "strength", "entity", "schema", "names", "reasons", "reports")
_NAMES = frozenset({"name", "names", "alias", "aliases"})
_BIRTHS = frozenset({"birth", "born", "birthdate", "dob"})
_COUNTRIES = frozenset({"country", "countries", "nationality"})
_SCHEMA = frozenset({"schema", "kind"})
_NUMBERS = frozenset({"passport", "id", "phone", "email", "iban", "imo", "mmsi", "container", "registration", "tax"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ListMalformed(BadInput):
    """A list has no line of names for its columns, or one that is not known, or too many lines."""

    code = "match-list"
    sentence = gettext_noop(
        "The list is not in order at line %(line)s: its first line names the columns (name, birth, country, schema, "
        "passport, phone, iban, imo …), every other one a subject."
    )


class FormUnknown(BadInput):
    """An answer is wanted in a form that is not known."""

    code = "match-form"
    sentence = gettext_noop("Name the file for the answer .csv, .xlsx or .json.")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list: its number in the file, and the subject. Several values in a cell are parted by “;”."""

    number: int
    subject: Subject

    @property
    def name(self) -> str:
        """What it is called in the answer."""
        return self.subject.names[0] if self.subject.names else ""


def read_list(data: bytes) -> list[Line]:
    """The subjects of a CSV file. Raises ListMalformed, WrongEncoding."""
    text, _ = decode(data)
    head = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        columns = [_column(cell) for cell in next(rows, [])]
        if "name" not in columns:
            raise ListMalformed(line=1)
        return list(_lines(rows, columns))
    except csv.Error as error:
        raise ListMalformed(line=rows.line_num) from error


def _column(cell: str) -> str:
    word = "".join(sign for sign in cell.casefold() if sign.isalnum())
    for known, words in (("name", _NAMES), ("birth", _BIRTHS), ("country", _COUNTRIES), ("schema", _SCHEMA)):
        if word in words:
            return known
    word = word.removesuffix("number")
    if word not in _NUMBERS:
        raise ListMalformed(line=1)
    return word


def _lines(rows: Iterator[list[str]], columns: Sequence[str]) -> Iterator[Line]:
    for number, row in enumerate(rows, start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(columns) or number > MOST_LINES or any(len(cell) > LONGEST_CELL for cell in row):
            raise ListMalformed(line=number)
        said: dict[str, list[str]] = {}
        for column, cell in zip(columns, row, strict=False):
            said.setdefault(column, []).extend(part.strip() for part in cell.split(";") if part.strip())
        yield Line(number, _subject(said))


def _subject(said: Mapping[str, Sequence[str]]) -> Subject:
    numbers = tuple((kind, value) for kind in sorted(said.keys() & _NUMBERS) for value in said[kind])
    return Subject(
        names=tuple(said.get("name", ())),
        schema=next(iter(said.get("schema", ())), ""),
        birth_dates=tuple(said.get("birth", ())),
        countries=tuple(code.lower() for code in said.get("country", ())),
        identifiers=numbers,
    )


def require_form(path: Path) -> None:
    """Go on only for a file name whose form can be written; raises FormUnknown."""
    if path.suffix.lower() not in (".csv", ".xlsx", ".json"):
        raise FormUnknown


def write_answer(path: Path, rows: Iterable[Mapping[str, str | int]]) -> None:
    """Write rows with `COLUMNS` in the form that the file's name says, as a whole or not at all. Raises FormUnknown."""
    require_form(path)
    part = path.with_name(path.name + ".part")
    match path.suffix.lower():
        case ".csv":
            _write_csv(part, rows)
        case ".xlsx":
            _write_xlsx(part, rows)
        case _:
            part.write_text(json.dumps(list(rows), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    part.replace(path)


def _write_csv(path: Path, rows: Iterable[Mapping[str, str | int]]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow(COLUMNS)
        for row in rows:
            table.writerow([_unread(row[column]) for column in COLUMNS])


def _unread(value: str | int) -> str | int:
    """The cell with a quote before what a table program would compute."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _write_xlsx(path: Path, rows: Iterable[Mapping[str, str | int]]) -> None:
    import openpyxl
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Amana")
    sheet.freeze_panes = "A2"
    sheet.append(list(COLUMNS))
    for row in rows:
        cells = []
        for column in COLUMNS:
            value = row[column]
            cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value) if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
