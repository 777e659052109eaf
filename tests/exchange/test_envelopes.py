"""The envelope: the numbers are those of `verify` and `open_sealed`."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.errors import AmanaError
from amana.domain.form import Json
from amana.exchange.canonical import (
    CanonicalDuplicateKey,
    CanonicalNotCanonical,
    CanonicalTooLarge,
    decode,
    encode,
)
from amana.exchange.envelope import (
    LARGEST_SEALED,
    LARGEST_SIGNED,
    BodyUnreadable,
    EnvelopeAlgorithm,
    EnvelopeForm,
    EnvelopeHeader,
    EnvelopeSignature,
    EnvelopeType,
    EnvelopeVersion,
    Outer,
    SealBroken,
    SealKeyUnknown,
    SealMalformed,
    UnknownKey,
    lock,
    message_hash,
    open_sealed,
    peek,
    seal,
    sign,
    unlock,
    verify,
)
from amana.exchange.keys import SealingKey, SigningKey, VerifyingKey

KEY = SigningKey.from_seed(b"amana exchange exercise key no 1")
OTHER = SigningKey.from_seed(b"amana exchange exercise key no 2")
TYP = "amana-test+json"
SEAL = SealingKey.generate()
OUTER = Outer(1, "id", "rabat", "washington", SEAL.kid)


def lookup(kid: str) -> VerifyingKey | None:
    return KEY.public if kid == KEY.kid else None


def sealing_lookup(kid: str) -> SealingKey | None:
    return SEAL if kid == SEAL.kid else None


def raw_jws(header: bytes, payload: bytes = b"{}", key: SigningKey = KEY) -> bytes:
    """A signed text made by hand, as an attacker with the key would make it."""
    text = b".".join(urlsafe_b64encode(part).rstrip(b"=") for part in (header, payload))
    return text + b"." + urlsafe_b64encode(key.sign(text)).rstrip(b"=")


def header(**fields: object) -> bytes:
    return encode({"alg": "Ed25519", "kid": KEY.kid, "typ": TYP, "ver": 1} | fields)


def test_a_payload_is_read_back() -> None:
    payload: dict[str, Json] = {"text": "أمانة", "number": 1, "list": [None, True]}
    assert verify(sign(payload, KEY, TYP), TYP, lookup) == payload


def test_the_signed_text_is_a_compact_jws_with_exactly_four_header_members() -> None:
    jws = sign({}, KEY, TYP)
    assert jws == raw_jws(header())
    assert decode(header()) == {"alg": "Ed25519", "kid": KEY.kid, "typ": TYP, "ver": 1}


FOUR = b'{"alg":"Ed25519","kid":"%s","typ":"%s","ver":1}' % (KEY.kid.encode(), TYP.encode())
GOOD = raw_jws(header())
CASES: list[tuple[int, bytes, type[AmanaError]]] = [
    (1, b"", EnvelopeForm),
    (1, GOOD + b".", EnvelopeForm),
    (1, GOOD + b"=", EnvelopeForm),
    (1, GOOD.replace(b".", b"", 1), EnvelopeForm),
    (1, b"\xff" + GOOD, EnvelopeForm),
    (1, GOOD + b"\n", EnvelopeForm),
    (1, GOOD[:-1], EnvelopeForm),
    (1, b"a" * (LARGEST_SIGNED + 1), CanonicalTooLarge),
    (2, raw_jws(FOUR[:-1] + b',"crit":["ver"]}'), EnvelopeHeader),
    (2, raw_jws(header(b64=False)), EnvelopeHeader),
    (2, raw_jws(FOUR.replace(b'"alg":"Ed25519",', b'"alg":"none","alg":"Ed25519",')), EnvelopeHeader),
    (2, raw_jws(FOUR.replace(b'"ver":1', b'"ver":1,"ver":1')), EnvelopeHeader),
    (2, raw_jws(FOUR.replace(b",", b", ")), EnvelopeHeader),
    (2, raw_jws(FOUR.replace(b'"ver":1', b'"ver":"1"')), EnvelopeHeader),
    (2, raw_jws(FOUR.replace(b',"ver":1', b"")), EnvelopeHeader),
    (2, raw_jws(b"[]"), EnvelopeHeader),
    (2, raw_jws(b"no json"), EnvelopeHeader),
    (3, raw_jws(header(alg="none")), EnvelopeAlgorithm),
    (3, raw_jws(header(alg="EdDSA")), EnvelopeAlgorithm),
    (3, raw_jws(header(alg="HS256")), EnvelopeAlgorithm),
    (4, raw_jws(header(ver=2)), EnvelopeVersion),
    (5, raw_jws(header(typ="amana-card+json")), EnvelopeType),
    (6, raw_jws(header(kid=OTHER.kid), key=OTHER), UnknownKey),
    (6, raw_jws(header(kid="")), UnknownKey),
    (7, raw_jws(header(), key=OTHER), EnvelopeSignature),
    (8, raw_jws(header(), b'{"a": 1}'), CanonicalNotCanonical),
    (8, raw_jws(header(), b'{"a":1,"a":2}'), CanonicalDuplicateKey),
    (8, raw_jws(header(), b"[]"), EnvelopeForm),
]


@pytest.mark.parametrize(("check", "jws", "error"), CASES)
def test_each_check_of_a_signed_text_refuses_alone(check: int, jws: bytes, error: type[AmanaError]) -> None:
    with pytest.raises(error) as caught:
        verify(jws, TYP, lookup)
    assert type(caught.value) is error
    assert f"{check}. " in (verify.__doc__ or "")


def test_a_payload_larger_than_a_message_is_not_signed() -> None:
    with pytest.raises(CanonicalTooLarge):
        sign({"text": "a" * 1_048_576}, KEY, TYP)
    sign({"text": "a" * 1_048_000}, KEY, TYP)


def test_the_largest_message_is_read_back() -> None:
    payload = {"text": "a" * (1_048_576 - len('{"text":""}'))}
    jws = sign(payload, KEY, TYP)
    assert verify(jws, TYP, lookup) == payload
    sealed = seal(jws, OUTER, SEAL.public)
    assert len(sealed) <= LARGEST_SEALED
    assert open_sealed(sealed, sealing_lookup) == (OUTER, jws)


def flips(data: bytes) -> list[bytes]:
    return [
        data[:place] + bytes([data[place] ^ 1 << bit]) + data[place + 1 :]
        for place in range(len(data))
        for bit in range(8)
    ]


def not_refused(tries: list[bytes], read: Callable[[bytes], object]) -> list[bytes]:
    passed = []
    for one in tries:
        try:
            read(one)
        except AmanaError:
            continue
        passed.append(one)
    return passed


def test_no_bit_of_a_signed_text_can_change_unseen() -> None:
    jws = sign({"tlp": "TLP:RED"}, KEY, TYP)
    assert not not_refused(flips(jws), lambda data: verify(data, TYP, lookup))


def test_no_bit_of_a_sealed_message_can_change_unseen() -> None:
    sealed = seal(b"small", OUTER, SEAL.public)
    assert open_sealed(sealed, sealing_lookup) == (OUTER, b"small")
    assert not not_refused(flips(sealed), lambda data: open_sealed(data, sealing_lookup))


def test_no_cut_of_a_sealed_message_opens() -> None:
    sealed = seal(b"small", OUTER, SEAL.public)
    cuts = [sealed[:length] for length in range(len(sealed))] + [sealed + b"\x00"]
    assert not not_refused(cuts, lambda data: open_sealed(data, sealing_lookup))


SEALED = seal(b"text", OUTER, SEAL.public)
CIPHERTEXT = SEALED.split(b"\n", 2)[2]


def with_outer(line: bytes) -> bytes:
    return b"amana/1\n" + line + b"\n" + CIPHERTEXT


SEALED_CASES: list[tuple[int, bytes, type[AmanaError]]] = [
    (1, b"", SealMalformed),
    (1, b"PK\x03\x04", SealMalformed),
    (1, b"amana/1\n", SealMalformed),
    (1, b"amana/1\n" + b"a" * 5_000 + b"\n", SealMalformed),
    (1, with_outer(b"{}"), SealMalformed),
    (1, with_outer(encode(OUTER.to_json() | {"more": 1})), SealMalformed),
    (1, with_outer(encode(OUTER.to_json()) + b" "), SealMalformed),
    (1, b"amana/1\n" + b"a" * LARGEST_SEALED, CanonicalTooLarge),
    (2, SEALED.replace(b"amana/1", b"amana/2", 1), EnvelopeVersion),
    (2, with_outer(encode(OUTER.to_json() | {"ver": 2})), EnvelopeVersion),
    (3, with_outer(encode(OUTER.to_json() | {"key": KEY.kid})), SealKeyUnknown),
    (4, with_outer(encode(OUTER.to_json() | {"id": "other"})), SealBroken),
    (4, with_outer(encode(OUTER.to_json() | {"origin": "other"})), SealBroken),
    (4, with_outer(encode(OUTER.to_json() | {"recipient": "other"})), SealBroken),
]


@pytest.mark.parametrize(("check", "sealed", "error"), SEALED_CASES)
def test_each_check_of_a_sealed_message_refuses_alone(check: int, sealed: bytes, error: type[AmanaError]) -> None:
    with pytest.raises(error) as caught:
        open_sealed(sealed, sealing_lookup)
    assert type(caught.value) is error
    assert f"{check}. " in (open_sealed.__doc__ or "")


def test_the_outside_can_be_read_without_a_key() -> None:
    assert peek(SEALED) == OUTER


def test_the_same_text_sealed_twice_shows_nothing_in_common() -> None:
    assert seal(b"text", OUTER, SEAL.public).split(b"\n", 2)[2] != CIPHERTEXT


def test_a_message_is_named_by_all_its_bytes() -> None:
    assert message_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@given(st.binary(max_size=100))
def test_what_is_locked_opens_with_its_key_only(plain: bytes) -> None:
    key, locked = lock(plain)
    assert unlock(key, locked) == plain
    with pytest.raises(BodyUnreadable):
        unlock(bytes(32), locked)
    with pytest.raises(BodyUnreadable):
        unlock(key, locked[:-1])


@pytest.mark.parametrize(("key", "locked"), [(b"", b""), (bytes(32), b""), (bytes(31), bytes(40))])
def test_nonsense_at_rest_is_refused(key: bytes, locked: bytes) -> None:
    with pytest.raises(BodyUnreadable):
        unlock(key, locked)
