"""Reading a form strictly: every field of a JSON object is named, typed and taken exactly once.

Invariant: an object with a missing, wrongly typed or unknown field is refused; nothing is dropped in silence. No text
holds U+0000, which PostgreSQL cannot keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Self, TypeVar
from uuid import UUID

from amana.domain.errors import BadInput, gettext_noop

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)


class FormMalformed(BadInput):
    """A field of an object is missing, unknown or of the wrong type."""

    code = "form-malformed"
    sentence = gettext_noop("The field “%(field)s” of “%(form)s” is missing, unknown or not of the expected type.")


def is_id(text: str) -> bool:
    """Whether this is a UUID in its one written form."""
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False


class Form:
    """One JSON object being read; call `done` when every field was taken.

    Used as a context manager, `done` is called on a clean exit.
    """

    def __init__(self, data: object, name: str) -> None:
        self.name = name
        if not isinstance(data, Mapping):
            raise FormMalformed(field="", form=name)
        self._left: dict[str, object] = dict(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.done()

    def wrong(self, field: str) -> FormMalformed:
        """The error for a field, ready to raise."""
        return FormMalformed(field=field, form=self.name)

    def has(self, field: str) -> bool:
        """Whether the object holds this field and nobody took it yet: for fields that came with a later version."""
        return field in self._left

    def _take(self, field: str) -> object:
        if field not in self._left:
            raise self.wrong(field)
        return self._left.pop(field)

    def text(self, field: str, *, most: int = 1_000_000) -> str:
        """A string of at most `most` characters."""
        value = self._take(field)
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise self.wrong(field)
        return value

    def uuid(self, field: str) -> str:
        """A UUID in its one written form."""
        text = self.text(field, most=36)
        if not is_id(text):
            raise self.wrong(field)
        return text

    def maybe_text(self, field: str, *, most: int = 1_000_000) -> str | None:
        """A string, or None where the object says null."""
        if field in self._left and self._left[field] is None:
            self._left.pop(field)
            return None
        return self.text(field, most=most)

    def number(self, field: str, *, least: int = 0, most: int = 2**53 - 1) -> int:
        """A whole number in `least..most`; a boolean is none."""
        value = self._take(field)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(field)
        return value

    def flag(self, field: str) -> bool:
        """True or false."""
        value = self._take(field)
        if not isinstance(value, bool):
            raise self.wrong(field)
        return value

    def choice(self, field: str, kind: type[E]) -> E:
        """A member of a closed list, by its value."""
        value = self._take(field)
        if not isinstance(value, str):
            raise self.wrong(field)
        try:
            return kind(value)
        except ValueError as error:
            raise self.wrong(field) from error

    def list_of(self, field: str, read: Callable[[object], T], *, most: int = 100_000) -> tuple[T, ...]:
        """A list whose items `read` understands."""
        value = self._take(field)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(field)
        return tuple(read(item) for item in value)

    def texts(self, field: str, *, most: int = 10_000) -> tuple[str, ...]:
        """A list of strings."""

        def read(item: object) -> str:
            if not isinstance(item, str) or "\0" in item:
                raise self.wrong(field)
            return item

        return self.list_of(field, read, most=most)

    def sorted_set(self, field: str) -> frozenset[str]:
        """A set written as a sorted list without repetition, so that it has one form only."""
        values = self.texts(field)
        if list(values) != sorted(set(values)):
            raise self.wrong(field)
        return frozenset(values)

    def maybe_sorted_set(self, field: str) -> frozenset[str] | None:
        """The same, or None where the object says null."""
        if field in self._left and self._left[field] is None:
            self._left.pop(field)
            return None
        return self.sorted_set(field)

    def choices(self, field: str, kind: type[E]) -> frozenset[E]:
        """A set of members of a closed list, written sorted."""
        try:
            return frozenset(kind(value) for value in self.sorted_set(field))
        except ValueError as error:
            raise self.wrong(field) from error

    def part(self, field: str, read: Callable[[object], T]) -> T:
        """A nested object that `read` understands."""
        return read(self._take(field))

    def maybe_part(self, field: str, read: Callable[[object], T]) -> T | None:
        """A nested object, or None where the object says null."""
        value = self._take(field)
        return None if value is None else read(value)

    def done(self) -> None:
        """Refuse what nobody asked for."""
        for field in self._left:
            raise self.wrong(field)
