"""Accounts: changed and closed by an operator, never down to a node that nobody runs or nobody watches."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner
from django.test import Client

from amana.cli.main import cli
from amana.domain.handling import Handling, Tlp
from amana.domain.viewpoint import Role
from amana.records.models import LogEntry, User
from amana.services import accounts, reports
from amana.services.documents import take_in
from amana.services.people import OfficerUnknown, PasswordWeak, find_officer
from amana.services.rights import Deed, MarkingAboveClearance, OfficerInactive, RoleMissing, may, require
from tests.conftest import officer
from tests.services.asking import look
from tests.services.test_exchange import drafted


def entries(verb: str) -> list[tuple[str, str]]:
    told = [json.loads(one.event or "{}") for one in LogEntry.objects.order_by("index")]
    return [(one["person"], one["reason"]) for one in told if one.get("verb") == verb]


def test_other_roles_and_another_clearance_hold_from_the_moment_they_are_given(alice: User, rachid: User) -> None:
    accounts.change_account("alice", roles=[Role.RELEASING_OFFICER], clearance=Tlp.GREEN, reason="new desk", by=rachid)
    changed = find_officer("alice")
    assert (may(changed, Deed.RELEASE), may(changed, Deed.WRITE), changed.clearance) == (True, False, "TLP:GREEN")
    assert entries("officer-changed") == [("rachid", "new desk")]


def test_what_is_not_named_stays(alice: User, rachid: User) -> None:
    accounts.change_account("alice", clearance=Tlp.AMBER, reason="audit", by=rachid)
    assert find_officer("alice").roles == alice.roles


def test_a_closed_account_acts_no_more_and_is_signed_out_and_its_name_stays_taken(alice: User, rachid: User) -> None:
    browser = Client()
    browser.force_login(alice)
    assert browser.get("/inbox/").status_code == 200
    accounts.close_account("alice", reason="left the service", by=rachid)
    assert browser.get("/inbox/").status_code == 302
    with pytest.raises(OfficerInactive):
        require(find_officer("alice"), Deed.WRITE)
    again = CliRunner().invoke(
        cli, ["--as", "rachid", "user", "add", "alice", "--role", "author", "--password", "a-long-passphrase-7"]
    )
    assert "officer-exists" in again.output
    accounts.reopen_account("alice", reason="came back", by=rachid)
    require(find_officer("alice"), Deed.WRITE)
    assert (entries("officer-closed"), entries("officer-reopened")) == (
        [("rachid", "left the service")],
        [("rachid", "came back")],
    )


@pytest.mark.parametrize("role", accounts.KEPT)
def test_the_last_one_who_runs_or_watches_the_node_keeps_the_role_until_another_has_it(
    rachid: User, salma: User, role: Role
) -> None:
    last = {Role.OPERATOR: rachid, Role.OVERSEER: salma}[role]
    with pytest.raises(accounts.AccountLast):
        accounts.close_account(last.username, reason="leaves", by=rachid)
    with pytest.raises(accounts.AccountLast):
        accounts.change_account(last.username, roles=[Role.AUTHOR], reason="leaves", by=rachid)
    officer("idris", str(role))
    accounts.close_account("idris", reason="was a mistake", by=rachid)
    with pytest.raises(accounts.AccountLast):  # a closed account holds no role
        accounts.close_account(last.username, reason="leaves", by=rachid)
    accounts.reopen_account("idris", reason="was none", by=rachid)
    accounts.close_account(last.username, reason="leaves", by=rachid)


def test_a_new_password_signs_out_and_must_be_strong(alice: User, rachid: User) -> None:
    browser = Client()
    browser.force_login(alice)
    with pytest.raises(PasswordWeak):
        accounts.replace_password("alice", "alice", reason="forgotten", by=rachid)
    assert browser.get("/inbox/").status_code == 200
    accounts.replace_password("alice", "another-passphrase-9", reason="forgotten", by=rachid)
    assert browser.get("/inbox/").status_code == 302
    assert find_officer("alice").check_password("another-passphrase-9")


def test_only_the_operator_changes_accounts(alice: User, omar: User, rachid: User) -> None:
    for by in (alice, omar):
        with pytest.raises(RoleMissing):
            accounts.close_account("rachid", reason="no", by=by)
    with pytest.raises(OfficerUnknown):
        accounts.close_account("nobody", reason="no", by=rachid)


def test_the_commands_say_what_was_done(alice: User, rachid: User) -> None:
    def typed(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["--as", "rachid", "user", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "port-officer" in typed("change", "alice", "--role", "port-officer", "--reason", "moved to the port")
    assert "closed" in typed("close", "alice", "--reason", "left")
    assert "closed" in typed("list")
    assert "open again" in typed("reopen", "alice", "--reason", "back")
    assert "new password" in typed("password", "alice", "--password", "another-passphrase-9", "--reason", "forgotten")


def test_nobody_writes_above_their_own_clearance(nadia: User) -> None:
    with pytest.raises(MarkingAboveClearance):
        drafted(nadia)
    with pytest.raises(MarkingAboveClearance):
        take_in(b"A lorry.", filename="note.txt", viewpoint=look(nadia), by=nadia)

    row = drafted(nadia, handling=Handling(tlp=Tlp.GREEN))
    with pytest.raises(MarkingAboveClearance):
        reports.change_draft(row.uid, handling=Handling(tlp=Tlp.RED), by=nadia)
