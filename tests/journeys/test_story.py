"""The main job of Amana between two real nodes over mutual TLS, by the commands a person types."""

from __future__ import annotations

import ssl
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from amana.cli.demo_nodes import DemoFailed, DemoNode

Nodes = tuple[DemoNode, DemoNode]
WITNESS = "washington.amana/witness"
TEXT = "The container CSQU3054383 left Casablanca on 24 September 2026. Call +212 661 234567."


def drawn(rabat: DemoNode, folder: Path, text: str = TEXT) -> str:
    """A proposed report of Alice's for Washington, drawn from a document."""
    file = folder / "note.txt"
    file.write_text(text * 3, encoding="utf-8")
    number = rabat.do("intake", str(file), "--accept", "all", officer="alice")["files"][0]["document"]
    report = rabat.do(
        "report", "new", "--document", number, "--title", "A container", "--to", "washington", "--tlp", "TLP:AMBER",
        "--source", "B", "--information", "2", "--crime-area", "drug-trafficking",
        "--erase-by", (date.today() + timedelta(days=300)).isoformat(), officer="alice",
    )  # fmt: skip
    people = [one["id"] for one in report["content"]["entities"] if one["schema"] == "Person"]
    if people:
        given = [part for person in people for part in ("--category", f"{person}=contact")]
        rabat.do("report", "edit", report["report"], *given, officer="alice")
    rabat.do("report", "propose", report["report"], officer="alice")
    return str(report["report"])


def shown(node: DemoNode, uid: str, officer: str) -> dict[str, Any] | None:
    try:
        return dict(node.do("report", "show", uid, officer=officer))
    except DemoFailed:
        return None


def certified(rabat: DemoNode, uid: str) -> Any:
    report = shown(rabat, uid, "alice") or {"recalls": []}
    branches = [one for recall in report["recalls"] for one in recall["holders"]]
    return next((one for one in branches if one["effect"]), None)


def test_a_document_becomes_a_report_is_entrusted_read_recalled_and_proved(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes
    uid = drawn(rabat, tmp_path, f"{TEXT} He said heliotrope. ")
    (preview,) = rabat.do("report", "preview", uid, officer="omar")
    rabat.do("report", "release", uid, officer="omar")
    held = washington.wait(lambda: shown(washington, uid, "bob"), "the report")
    assert held["content"] == preview["content"]
    assert held["content"]["handling"]["releasable_to"] == ["washington"]
    rabat.wait(
        lambda: any(
            rung["step"] == "read" and rung["at"]
            for ladder in rabat.do("report", "show", uid, officer="alice")["ladders"]
            for rung in ladder["rungs"]
        ),
        "the read receipt",
    )
    assert washington.do("report", "list", "--search", "heliotrope", officer="bob")
    rabat.do("report", "recall", uid, "--reason", "source withdrawn", officer="omar")
    branch = rabat.wait(lambda: certified(rabat, uid), "the certificate")
    assert (branch["effect"], branch["key_destroyed"]) == ("withdrawn", True)
    assert branch["withdrawn_statements"] == len(held["content"]["statements"])
    assert washington.do("report", "list", "--search", "heliotrope", officer="bob") == []
    gone = shown(washington, uid, "bob")
    assert gone is not None
    assert (gone["state"], gone["content"]) == ("withdrawn", None)
    files = [path for path in washington.home.glob("amana.sqlite3*") if not path.name.endswith("-shm")]
    assert files or "AMANA_DATABASE_URL" in washington.environment  # PostgreSQL's files are not the node's
    washington.wait(lambda: not any(b"heliotrope" in path.read_bytes() for path in files), "the words' last bytes")


def test_the_log_verifies_offline_under_the_partners_witness(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes

    def state_under_washington() -> Any:
        state = rabat.do("log", "state")
        return state if any(one["size"] for one in state["witnesses"] if one["name"] == WITNESS) else None

    state = rabat.wait(state_under_washington, "a witness")
    bundle, proof = tmp_path / "log.bundle", tmp_path / "entry.proof"
    rabat.do("log", "bundle", str(bundle), officer="salma")
    found = washington.do("log", "verify", str(bundle), "--key", state["vkey"])
    assert found["entries"] == found["size"] >= state["entries"]
    rabat.do("log", "prove", "2", str(proof), "--witness", WITNESS, officer="salma")
    (witness,) = (one["vkey"] for one in state["witnesses"] if one["name"] == WITNESS)
    found = washington.do("log", "verify", str(proof), "--key", state["vkey"], "--witness", witness)
    assert list(found["witnesses"]) == [WITNESS]
    with pytest.raises(DemoFailed, match="log-note-unsigned"):
        washington.do("log", "verify", str(proof), "--key", witness)


def test_an_overseer_co_signs_with_a_key_of_their_own(nodes: Nodes, tmp_path: Path) -> None:
    rabat, _ = nodes
    key, bundle, seen = tmp_path / "edith.key", tmp_path / "log.bundle", tmp_path / "seen"
    vkey = rabat.do("log", "witness", "key", "inspectorate.example/edith", str(key))["vkey"]
    rabat.do("log", "witness", "add", vkey, officer="rachid")
    for _round in range(2):
        rabat.do("log", "bundle", str(bundle), officer="salma")
        log_key = rabat.do("log", "state")["vkey"]
        signed = rabat.do(
            "log", "witness", "sign", str(bundle), "--key-file", str(key), "--key", log_key, "--seen", str(seen)
        )
        rabat.do("log", "witness", "note", signed["name"], str(signed["size"]), signed["line"])
    names = {one["name"]: one["size"] for one in rabat.do("log", "state")["witnesses"]}
    assert names["inspectorate.example/edith"] == signed["size"]


def test_the_partners_door_speaks_tls_13_to_partners_only(nodes: Nodes) -> None:
    rabat, _ = nodes
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with pytest.raises((httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError)):
        httpx.get(f"https://127.0.0.1:{rabat.partner_port}/exchange/v1/card", verify=context, timeout=10)


def test_a_correction_replaces_what_the_partner_holds(nodes: Nodes, tmp_path: Path) -> None:
    rabat, washington = nodes
    uid = drawn(rabat, tmp_path, "The lorry of Casablanca carries plate 12345-A-6. It left at dawn. ")
    rabat.do("report", "release", uid, officer="omar")
    washington.wait(lambda: shown(washington, uid, "bob"), "version 1")
    rabat.do("report", "correct", uid, "--reason", "wrong town", officer="alice")
    rabat.do("report", "edit", uid, "--title", "Corrected", officer="alice")
    rabat.do("report", "propose", uid, officer="alice")
    rabat.do("report", "release", uid, officer="omar")
    newest = washington.wait(
        lambda: next((r for r in [shown(washington, uid, "bob")] if r and r["version"] == 2), None), "version 2"
    )
    assert newest["content"]["title"] == "Corrected"
    old = washington.do("report", "show", uid, "--version", "1", officer="bob")
    assert old["state"] == "superseded"


def test_a_backup_brings_the_node_back_in_another_folder(nodes: Nodes, tmp_path: Path) -> None:
    rabat, _ = nodes
    if rabat.environment:
        pytest.skip("restoring PostgreSQL in place would end the running node; tests/services restores it")
    uid = drawn(rabat, tmp_path, "The coaster off Agadir answers on channel 16 and gives no name. ")
    file = tmp_path / "rabat.backup"
    rabat.do("backup", str(file), officer="rachid")
    assert file.stat().st_mode & 0o077 == 0
    again = DemoNode(tmp_path / "again", 1, 2, "en", "UTC")
    try:
        again.do("restore", str(file))
        before = rabat.do("partner", "card")["fingerprint"]
        assert again.do("partner", "card")["fingerprint"] == before
        assert uid in {one["report"] for one in again.do("report", "list", officer="alice")}
        with pytest.raises(DemoFailed, match="node-exists"):
            again.do("restore", str(file))
    finally:
        again.end()
