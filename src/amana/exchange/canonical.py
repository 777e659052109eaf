"""One value, one sequence of bytes: canonical JSON without floating-point numbers.

Invariant: `encode(decode(data)) == data`, and whatever breaks that is refused with its own code. RFC 8785 (JCS), cut
down to null, booleans, integers within ±(2^53 - 1), strings in Unicode NFC, lists and objects, at most 32 deep.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder, JSONEncoder
from unicodedata import is_normalized

import rfc8785

from amana.domain.errors import BadInput, gettext_noop
from amana.domain.form import Json

LARGEST = 1_048_576
DEEPEST = 32
GREATEST = 2**53 - 1


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
    ascii_keys = _inspect(value)
    # For ASCII keys both write the same bytes (a law in the tests); the standard library does it 7 times faster.
    if ascii_keys:
        return _to_bytes(value, _SORTING)
    try:
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # _inspect has just proved the type
    except rfc8785.CanonicalizationError as error:
        raise CanonicalNotText from error


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
    structure = _STRING.sub(b"", data)
    _refuse_depth(structure)
    _refuse_numbers(structure)
    value = _parse(text)
    # Every part of an NFC text is NFC, so only a text that is not needs a look at each string.
    if not is_normalized("NFC", text):
        _inspect(value)
    if _to_bytes(value) != data:
        raise CanonicalNotCanonical
    return value


# An open string at the end is taken as a whole, so that hostile input costs one pass.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_FRACTION = re.compile(rb"[.+]|[0-9][eE]|NaN|Infinity")
_LONG = re.compile(rb"[0-9]{16,}")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


def _refuse_depth(structure: bytes) -> None:
    brackets = structure.translate(None, _NOT_BRACKETS)
    if len(brackets) <= DEEPEST:
        return
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise CanonicalTooDeep(most=DEEPEST)


def _refuse_numbers(structure: bytes) -> None:
    if _FRACTION.search(structure):
        raise CanonicalNumber
    for digits in _LONG.findall(structure):
        if len(digits) > 16 or int(digits) > GREATEST:
            raise CanonicalNumber


def _read_members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise CanonicalDuplicateKey
    names = list(members)
    if names != (sorted(names) if "".join(names).isascii() else sorted(names, key=_utf16)):
        raise CanonicalNotCanonical
    return members


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")


def _parse(text: str) -> Json:
    try:
        value: Json = _READER.decode(text)
    except (JSONDecodeError, RecursionError) as error:
        raise CanonicalNotJson from error
    return value


_READER = JSONDecoder(object_pairs_hook=_read_members)
_SORTING = JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False)
_AS_READ = JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _to_bytes(value: object, writer: JSONEncoder = _AS_READ) -> bytes:
    try:
        return writer.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise CanonicalNotText from error


def _inspect(value: object) -> bool:
    """Refuse what has no canonical form, level by level; says whether all keys are ASCII."""
    level: list[object] = [value]
    ascii_keys = True
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
                ascii_keys = _inspect_names(item) and ascii_keys
            below.extend(item.values() if isinstance(item, dict) else item)
        level = below
    return ascii_keys


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
