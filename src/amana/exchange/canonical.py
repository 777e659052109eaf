"""One value, one sequence of bytes: canonical JSON without floating-point numbers.

Invariant: `encode(decode(data)) == data`, and whatever breaks that is refused with its own code. RFC 8785 (JCS), cut
down to null, booleans, integers within ±(2^53 - 1), strings in Unicode NFC, lists and objects, at most 32 deep.
"""

from __future__ import annotations

from json import JSONDecodeError, JSONDecoder, JSONEncoder
from typing import NoReturn
from unicodedata import is_normalized

import rfc8785

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Json

LARGEST = 1_048_576
DEEPEST = 32
GREATEST = 2**53 - 1
_LONGEST_NUMBER = len(str(-GREATEST))


class CanonicalTooLarge(BadInput):
    """The bytes are more than a message may hold."""

    code = "canonical-too-large"
    sentence = gettext_noop("The message is larger than %(most)s bytes; send large files separately.")


class CanonicalNotText(BadInput):
    """The bytes are not UTF-8, or a string holds half a character."""

    code = "canonical-not-text"
    sentence = gettext_noop("The message is not well-formed Unicode text.")


class CanonicalTooDeep(BadInput):
    """Lists and objects are nested too deeply."""

    code = "canonical-too-deep"
    sentence = gettext_noop("The message is nested more than %(most)s levels deep.")


class CanonicalNumber(BadInput):
    """A number is not a whole number that every reader takes for the same."""

    code = "canonical-number"
    sentence = gettext_noop("The message holds a number that is not a whole number within ±(2^53 - 1).")


class CanonicalNotJson(BadInput):
    """The bytes are not JSON, or a value has no form in it."""

    code = "canonical-not-json"
    sentence = gettext_noop("The message is not JSON, or holds a value that has no form in it.")


class CanonicalDuplicateKey(BadInput):
    """An object names one member twice."""

    code = "canonical-duplicate-key"
    sentence = gettext_noop("The message names one field twice, so nobody can say which of the two counts.")


class CanonicalNotNormal(BadInput):
    """A string is not in Unicode's composed normal form."""

    code = "canonical-not-normal"
    sentence = gettext_noop("The message holds text that is not in Unicode's composed form (NFC).")


class CanonicalNotCanonical(BadInput):
    """The JSON is sound, but not written in the one canonical way."""

    code = "canonical-not-canonical"
    sentence = gettext_noop("The message is not written in canonical form, so its signature could be read in two ways.")


def encode(value: object) -> bytes:
    """The one sequence of bytes for a value.

    Raises CanonicalTooDeep, CanonicalNumber, CanonicalNotNormal, CanonicalNotText, and CanonicalNotJson for a value of
    any other type than None, bool, int, str, list, tuple and dict with strings as keys.
    """
    ascii_names = _inspect(value)
    # For ASCII names both write the same bytes (a law in the tests); the standard library does it 7 times faster.
    return _to_bytes(value) if ascii_names else _by_rfc8785(value)


def decode(data: bytes, *, most: int = LARGEST) -> Json:
    """Read canonical bytes, and nothing else.

    1. At most `most` bytes (CanonicalTooLarge). 2. UTF-8 (CanonicalNotText). 3. At most 32 levels (CanonicalTooDeep).
    4. Whole numbers within ±(2^53 - 1) only (CanonicalNumber). 5. JSON (CanonicalNotJson). 6. No member named twice
    (CanonicalDuplicateKey). 7. NFC (CanonicalNotNormal). 8. Written canonically (CanonicalNotCanonical).
    """
    if len(data) > most:
        raise CanonicalTooLarge(most=most)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CanonicalNotText from error
    _refuse_depth(data)
    value = _parse(text)
    # Every part of an NFC text is NFC, so only a text that is not needs a look at each string.
    if not is_normalized("NFC", text):
        _inspect(value)
    if (_by_rfc8785(value) if any(lead in data for lead in _BEYOND_BMP) else _to_bytes(value)) != data:
        raise CanonicalNotCanonical
    return value


# Code points and UTF-16 units sort alike until one name holds a character beyond the basic plane.
_BEYOND_BMP = (b"\xf0", b"\xf1", b"\xf2", b"\xf3", b"\xf4")
_NOT_STRUCTURE = bytes(set(range(256)) - set(b'[]{}"'))


def _refuse_depth(data: bytes) -> None:
    """Count brackets outside of strings, before anything that recurses sees the bytes."""
    if data.count(b"[") + data.count(b"{") <= DEEPEST:
        return
    unescaped = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    depth = 0
    for bracket in b"".join(unescaped.translate(None, _NOT_STRUCTURE).split(b'"')[::2]):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise CanonicalTooDeep(most=DEEPEST)


def _read_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise CanonicalDuplicateKey
    return members


def _read_whole(digits: str) -> int:
    if len(digits) > _LONGEST_NUMBER or not -GREATEST <= int(digits) <= GREATEST:
        raise CanonicalNumber
    return int(digits)


def _refuse_fraction(digits: str) -> NoReturn:
    raise CanonicalNumber


def _parse(text: str) -> Json:
    try:
        value: Json = _READER.decode(text)
    except (JSONDecodeError, RecursionError) as error:
        raise CanonicalNotJson from error
    return value


_READER = JSONDecoder(
    object_pairs_hook=_read_members,
    parse_int=_read_whole,
    parse_float=_refuse_fraction,
    parse_constant=_refuse_fraction,
)
_WRITER = JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False)


def _to_bytes(value: object) -> bytes:
    try:
        return _WRITER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalNotText from error


def _by_rfc8785(value: object) -> bytes:
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # only values of the types it knows come here
    except (rfc8785.CanonicalizationError, UnicodeEncodeError) as error:
        raise CanonicalNotText from error


def _inspect(value: object) -> bool:
    """Refuse what has no canonical form, level by level; says whether all keys are ASCII."""
    level: list[object] = [value]
    ascii_names = True
    for depth in range(DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, str):
                _refuse_abnormal(item)
                continue
            if not isinstance(item, dict | list | tuple):
                _refuse_stranger(item)
                continue
            if depth == DEEPEST:
                raise CanonicalTooDeep(most=DEEPEST)
            if isinstance(item, dict):
                ascii_names = _inspect_names(item) and ascii_names
            below.extend(item.values() if isinstance(item, dict) else item)
        level = below
    return ascii_names


def _inspect_names(members: dict[object, object]) -> bool:
    ascii_only = True
    for name in members:
        if not isinstance(name, str):
            raise CanonicalNotJson
        if not name.isascii():
            ascii_only = False
            _refuse_abnormal(name)
    return ascii_only


def _refuse_abnormal(text: str) -> None:
    if not text.isascii() and not is_normalized("NFC", text):
        raise CanonicalNotNormal


def _refuse_stranger(item: object) -> None:
    if item is None or isinstance(item, bool):
        return
    if isinstance(item, float) or (isinstance(item, int) and abs(item) > GREATEST):
        raise CanonicalNumber
    if not isinstance(item, int):
        raise CanonicalNotJson
