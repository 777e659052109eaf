"""Signed heads and their witnesses: the standard's form, and what is not signed."""

from __future__ import annotations

import base64
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amana.domain.errors import AmanaError
from amana.oversight.checkpoint import (
    COSIGNATURE_KEY,
    Checkpoint,
    NoteMalformed,
    NoteUnsigned,
    VerifierKey,
    VerifierKeyMalformed,
    add_cosignature,
    cosign,
    cosigned_by,
    decode_vkey,
    encode_vkey,
    note_text,
    parse_text,
    sign,
    split_note,
    verify,
    verify_cosignature,
)
from tests.oversight.logs import AT, LOG, ORIGIN, WITNESS, Log, key_of, verifier

# The public example of the Go checksum database: its verifier key and a note that it signed.
SUMDB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"


def test_the_go_checksum_databases_key_reads() -> None:
    key = decode_vkey(SUMDB)
    assert (key.name, key.kind, key.hash.hex()) == ("sum.golang.org", 1, "033de0ae")
    assert encode_vkey(key.name, key.public) == SUMDB


def test_a_note_has_the_standards_form() -> None:
    note = Log.of(3).note()
    text, signature = note.split("\n\n")
    origin, size, encoded = text.split("\n")
    assert (origin, size, len(base64.b64decode(encoded))) == (ORIGIN, "3", 32)
    dash, name, line = signature.rstrip("\n").split(" ")
    data = base64.b64decode(line)
    assert (dash, name) == ("—", ORIGIN)
    assert data[:4] == hashlib.sha256(ORIGIN.encode() + b"\n\x01" + LOG.public).digest()[:4]
    key_of("log").public_key().verify(data[4:], (text + "\n").encode())


def test_a_cosignature_signs_the_standards_bytes() -> None:
    note = Log.of(3).note()
    line = cosign(note, WITNESS, key_of("witness").sign, at=AT)
    data = base64.b64decode(line.rstrip("\n").split(" ")[-1])
    seconds = int.from_bytes(data[4:12])
    signed = f"cosignature/v1\ntime {seconds}\n{note_text(Log.of(3).head())}".encode()
    key_of("witness").public_key().verify(data[12:], signed)
    assert verify_cosignature(note, line, WITNESS) == AT
    assert cosigned_by(add_cosignature(note, line), WITNESS) == AT
    assert add_cosignature(add_cosignature(note, line), line) == add_cosignature(note, line)


def test_what_verifies_is_what_was_signed() -> None:
    assert verify(Log.of(3).note(witnessed=True), LOG) == Log.of(3).head()


@given(st.data())
def test_no_changed_character_verifies(data: st.DataObject) -> None:
    note = Log.of(9).note()
    place = data.draw(st.integers(0, len(note) - 1))
    sign_there = data.draw(st.characters(min_codepoint=33, max_codepoint=126))
    bent = note[:place] + sign_there + note[place + 1 :]
    if bent != note:
        with pytest.raises(AmanaError):
            verify(bent, LOG)


@pytest.mark.parametrize(
    ("name", "seed"), [("other.example/log", "log"), (ORIGIN, "another")], ids=["another name", "another key"]
)
def test_a_note_of_another_log_is_not_signed(name: str, seed: str) -> None:
    with pytest.raises(NoteUnsigned):
        verify(Log.of(3).note(), verifier(name, seed))


def test_a_witness_key_does_not_sign_heads_nor_a_log_key_cosign() -> None:
    posing = verifier(ORIGIN, "log", kind=COSIGNATURE_KEY)
    note = sign(Log.of(3).head(), posing, key_of("log").sign)
    with pytest.raises(NoteUnsigned):
        verify(note, posing)
    line = cosign(note, LOG, key_of("log").sign, at=AT)
    with pytest.raises(NoteUnsigned):
        verify_cosignature(note, line, LOG)


def test_a_cosignature_belongs_to_its_note_and_its_witness() -> None:
    line = cosign(Log.of(3).note(), WITNESS, key_of("witness").sign, at=AT)
    with pytest.raises(NoteUnsigned):
        verify_cosignature(Log.of(4).note(), line, WITNESS)
    with pytest.raises(NoteUnsigned):
        verify_cosignature(Log.of(3).note(), line, verifier("overseer", "x", kind=COSIGNATURE_KEY))
    with pytest.raises(NoteUnsigned):
        cosigned_by(Log.of(3).note(), WITNESS)
    with pytest.raises(NoteMalformed):
        verify_cosignature(Log.of(3).note(), line[2:], WITNESS)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "name\n",
        "name\n3\n",
        "name\n03\nAAAA\n",
        "name\n-3\nAAAA\n",
        "name\n٣\nAAAA\n",
        "name\n3\nnot base64\n",
        "name\n3\nAAAA\n",
        "\n3\n" + "A" * 43 + "=\n",
        "name\n" + "9" * 20 + "\n" + "A" * 43 + "=\n",
    ],
)
def test_texts_that_are_no_heads(text: str) -> None:
    with pytest.raises(NoteMalformed):
        parse_text(text)


@pytest.mark.parametrize(
    "note", ["", "a\n\n", "a\n\n- name AAAA\n", "a\n\n— name AAAA", "a\x01\n\n— name AAAA\n", "a\n\n— n A\n— n A\n"]
)
def test_notes_that_are_none(note: str) -> None:
    with pytest.raises(NoteMalformed):
        split_note(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "name",
        "name+00000000",
        "name+00000000+AAAA",
        SUMDB.replace("033de0ae", "033de0af"),
        SUMDB.replace("sum.golang.org", "sum golang"),
        SUMDB[:-4],
    ],
)
def test_keys_that_are_none(vkey: str) -> None:
    with pytest.raises(VerifierKeyMalformed):
        decode_vkey(vkey)


def test_a_name_with_a_plus_makes_no_key() -> None:
    with pytest.raises(VerifierKeyMalformed):
        encode_vkey("a+b", LOG.public)


def test_a_key_of_small_order_is_refused() -> None:
    with pytest.raises(AmanaError) as refused:
        encode_vkey("name", bytes([1]) + bytes(31))
    assert refused.value.code.startswith("key")


def test_extra_lines_of_a_head_are_read_over() -> None:
    text = note_text(Checkpoint("name", 3, bytes(32))) + "an extension\n"
    assert parse_text(text) == Checkpoint("name", 3, bytes(32))
    assert VerifierKey("name", 1, LOG.public).hash != VerifierKey("name", 4, LOG.public).hash
