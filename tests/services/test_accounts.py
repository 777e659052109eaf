"""Accounts: changed and closed by an operator, never down to a node that nobody runs or nobody watches."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import CliRunner

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
from tests.signing import enrolled, signed_in


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
    browser = signed_in(alice)
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


def second(outcome: accounts.Outcome, by: User) -> accounts.Outcome:
    """What one officer proposed, confirmed by another."""
    assert outcome.waiting is not None
    return accounts.confirm_change(outcome.waiting.pk, by=by)


@pytest.mark.parametrize("role", accounts.KEPT)
def test_the_last_one_who_runs_or_watches_the_node_keeps_the_role_until_another_has_it(
    rachid: User, salma: User, omar: User, role: Role
) -> None:
    last = {Role.OPERATOR: rachid, Role.OVERSEER: salma}[role]
    with pytest.raises(accounts.AccountLast):
        accounts.close_account(last.username, reason="leaves", by=rachid)
    with pytest.raises(accounts.AccountLast):
        accounts.change_account(last.username, roles=[Role.AUTHOR], reason="leaves", by=rachid)
    officer("idris", str(role))
    second(accounts.close_account("idris", reason="was a mistake", by=rachid), omar)
    with pytest.raises(accounts.AccountLast):  # a closed account holds no role
        accounts.close_account(last.username, reason="leaves", by=rachid)
    second(accounts.reopen_account("idris", reason="was none", by=rachid), omar)
    second(accounts.close_account(last.username, reason="leaves", by=rachid), omar)
    assert not find_officer(last.username).is_active


def test_what_became_impossible_while_it_waited_is_refused_at_its_confirmation(
    rachid: User, salma: User, omar: User
) -> None:
    officer("idris", "overseer")
    waiting = accounts.close_account("salma", reason="leaves", by=rachid)
    second(accounts.close_account("idris", reason="leaves too", by=rachid), omar)
    with pytest.raises(accounts.AccountLast):
        second(waiting, omar)
    assert find_officer("salma").is_active
    assert [one.officer.username for one in accounts.list_waiting(by=omar)] == ["salma"]


ALONE = ("author", "analyst", "port-officer", "releasing-officer", "head")


@pytest.mark.parametrize("role", [str(one) for one in Role])
def test_nobody_acts_alone_on_an_account_of_equal_or_higher_rank(
    rachid: User, salma: User, omar: User, role: str
) -> None:
    officer("idris", role)
    acts: tuple[Callable[[], accounts.Outcome], ...] = (
        lambda: accounts.change_account("idris", clearance=Tlp.GREEN, reason="r", by=rachid),
        lambda: accounts.replace_password("idris", reason="r", by=rachid),
        lambda: accounts.reset_factors("idris", reason="r", by=rachid),
        lambda: accounts.end_account_sessions("idris", reason="r", by=rachid),
        lambda: accounts.close_account("idris", reason="r", by=rachid),
        lambda: accounts.reopen_account("idris", reason="r", by=rachid),
    )
    for act in acts:
        outcome = act()
        assert (outcome.waiting is None) == (role in ALONE)
        if outcome.waiting is not None:
            with pytest.raises(accounts.AccountSecondPerson):  # whoever proposed it
                accounts.confirm_change(outcome.waiting.pk, by=rachid)
            second(outcome, omar)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.OVERSEER])
def test_nobody_gives_alone_a_role_of_their_own_rank_or_above(
    alice: User, rachid: User, salma: User, omar: User, role: Role
) -> None:
    outcome = accounts.change_account("alice", roles=[role], reason="promoted", by=rachid)
    assert find_officer("alice").roles == alice.roles
    second(outcome, omar)
    assert find_officer("alice").roles == [str(role)]
    opened = accounts.open_account("idris", roles=[role], clearance=Tlp.GREEN, reason="second", by=rachid)
    assert not find_officer("idris").is_active
    second(opened, omar)
    assert find_officer("idris").is_active


def test_nobody_confirms_a_change_of_their_own_account(rachid: User, salma: User) -> None:
    officer("idris", "operator")
    outcome = accounts.change_account("salma", clearance=Tlp.GREEN, reason="r", by=rachid)
    with pytest.raises(accounts.AccountSecondPerson):
        second(outcome, salma)
    second(outcome, find_officer("idris"))


def test_the_first_overseer_is_given_by_one_and_the_next_by_two(rachid: User) -> None:
    first = accounts.open_account("salma", roles=[Role.OVERSEER], clearance=Tlp.GREEN, reason="first", by=rachid)
    assert (first.waiting, first.officer.is_active) == (None, True)
    later = accounts.open_account("idris", roles=[Role.OVERSEER], clearance=Tlp.GREEN, reason="next", by=rachid)
    assert (later.waiting is not None, later.officer.is_active) == (True, False)


def test_a_proposal_is_dropped_by_either_and_an_account_has_one_at_a_time(
    rachid: User, salma: User, omar: User
) -> None:
    officer("idris", "operator")
    first = accounts.close_account("idris", reason="r", by=rachid)
    with pytest.raises(accounts.AccountChangeOpen):
        accounts.reset_factors("idris", reason="r", by=rachid)
    assert first.waiting is not None
    accounts.decline_account_change(first.waiting.pk, by=omar)
    with pytest.raises(accounts.AccountChangeUnknown):
        accounts.confirm_change(first.waiting.pk, by=omar)
    assert find_officer("idris").is_active
    assert entries("officer-change-proposed") == [("rachid", "r")]
    assert entries("officer-change-declined") == [("omar", "r")]


def test_an_act_without_a_reason_is_none(alice: User, rachid: User) -> None:
    with pytest.raises(accounts.AccountReasonMissing):
        accounts.close_account("alice", reason="  ", by=rachid)


@pytest.mark.parametrize(
    "act",
    [
        lambda by: accounts.change_account("alice", roles=[Role.ANALYST], reason="r", by=by),
        lambda by: accounts.replace_password("alice", reason="r", by=by),
        lambda by: accounts.reset_factors("alice", reason="r", by=by),
        lambda by: accounts.end_account_sessions("alice", reason="r", by=by),
        lambda by: accounts.close_account("alice", reason="r", by=by),
    ],
)
def test_whatever_is_changed_ends_the_sessions_at_once(
    alice: User, omar: User, rachid: User, act: Callable[[User], accounts.Outcome]
) -> None:
    windows, other = [signed_in(alice), signed_in(alice)], signed_in(omar)
    assert [one.get("/inbox/").status_code for one in windows] == [200, 200]
    act(rachid)
    assert [one.get("/inbox/").status_code for one in windows] == [302, 302]
    assert other.get("/inbox/").status_code == 200


def test_a_one_time_password_opens_only_the_page_to_choose_another(alice: User, rachid: User) -> None:
    enrolled(alice)
    made = accounts.replace_password("alice", reason="forgotten", by=rachid).password
    window = signed_in(find_officer("alice"), password=made)
    assert window.get("/inbox/")["Location"] == "/my-account/password/"
    given = {"old": made, "new": "a-passphrase-of-mine-3", "again": "a-passphrase-of-mine-3"}
    assert window.post("/my-account/password/", given)["Location"] == "/"
    assert window.get("/inbox/").status_code == 200


def test_a_new_password_signs_out_and_must_be_strong(alice: User, rachid: User) -> None:
    browser = signed_in(alice)
    with pytest.raises(PasswordWeak):
        accounts.replace_password("alice", "alice-1", reason="forgotten", by=rachid)
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
