"""The door: two steps for everybody, nothing before them, and what of it stands in the log."""

from __future__ import annotations

import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.conf import global_settings
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from amana.config import settings as own_settings
from amana.domain.viewpoint import Role
from amana.exchange.identity import NodeSecrets
from amana.records.models import LogEntry, User
from amana.services import accounts, factors, sessions
from amana.services.factor_key import FactorUnreadable, lock_secret, unlock_secret
from amana.services.keys import keys_folder
from amana.services.people import find_officer
from tests.conftest import officer
from tests.signing import PASSWORD, code_of, enrolled, enter, fresh_code, secret_of, signed_in


def verbs(subject: str = "") -> list[str]:
    told = [json.loads(one.event or "{}") for one in LogEntry.objects.order_by("index")]
    return [one["verb"] for one in told if not subject or one["subject"] == subject]


def with_password_only(name: str, **options: object) -> Client:
    client = Client(**options)  # type: ignore[arg-type]
    client.post(reverse("sign-in"), {"login": name, "password": PASSWORD})
    return client


def test_whoever_has_no_factor_sets_one_up_keeps_the_codes_and_only_then_is_in(alice: User) -> None:
    client = with_password_only("alice")
    assert client.get("/")["Location"] == reverse("second-factor")
    assert "authenticator app" in client.get(reverse("second-factor")).content.decode()
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'class="secret"[^>]*>([A-Z2-7]{32})<', page)
    assert secret
    wrong = client.post(reverse("mfa_activate_totp"), {"code": "000000"})
    assert "not right" in wrong.content.decode()
    assert client.get("/inbox/").status_code == 302
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret[1])})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    codes = re.findall(r"<li><code>(\d{8})</code>", client.get(answer["Location"]).content.decode())
    assert len(codes) == 10
    assert "10 recovery codes are left" in client.get(answer["Location"]).content.decode()
    assert client.get("/inbox/").status_code == 200
    assert verbs("officer:alice")[-2:] == ["signed-in", "factor-set-up"]


def test_a_password_is_hashed_as_django_advises_and_opens_the_door(node: NodeSecrets, settings: Settings) -> None:
    assert not hasattr(own_settings, "PASSWORD_HASHERS")
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    rachid = officer("rachid", "operator")
    algorithm, rounds, *_ = rachid.password.split("$")
    assert (algorithm, int(rounds)) == ("pbkdf2_sha256", PBKDF2PasswordHasher.iterations)
    assert int(rounds) >= 600_000
    wrong = Client().post(reverse("sign-in"), {"login": "rachid", "password": "another-passphrase-9"})
    assert "Location" not in wrong
    assert signed_in(rachid).get(reverse("people")).status_code == 200


def test_a_secret_lies_locked_under_the_nodes_key(alice: User) -> None:
    enrolled(alice)
    signed_in(alice)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        kept = str(cursor.fetchall())
    assert secret_of("alice") not in kept
    assert unlock_secret(Authenticator.objects.get().data["secret"]) == secret_of("alice")
    assert (keys_folder() / "factor-key").stat().st_mode & 0o777 == 0o600


def test_another_nodes_key_opens_no_factor(alice: User) -> None:
    locked = lock_secret("a secret")
    (keys_folder() / "factor-key").unlink()
    with pytest.raises(FactorUnreadable):
        unlock_secret(locked)
    with pytest.raises(FactorUnreadable):
        unlock_secret("in clear")


def test_a_recovery_code_opens_the_second_step_once_and_that_is_logged(alice: User) -> None:
    client = with_password_only("alice")
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.findall(r'class="secret"[^>]*>([A-Z2-7]{32})<', page)[0]
    client.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    code = re.findall(r"<code>(\d{8})</code>", client.get(reverse("mfa_view_recovery_codes")).content.decode())[0]
    other = with_password_only("alice")
    assert other.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert other.get("/inbox/").status_code == 200
    assert verbs("officer:alice")[-2:] == ["signed-in", "recovery-code-used"]
    again = with_password_only("alice")
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert again.get("/inbox/").status_code == 302
    assert [one.left for one in factors.factors_of(alice) if one.left is not None] == [9]


def test_a_code_opens_the_door_once(alice: User) -> None:
    secret = enrolled(alice)
    code = code_of(secret)
    first, second = with_password_only("alice"), with_password_only("alice")
    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_five_wrong_codes_close_the_door_even_to_the_right_one_and_to_the_right_password(alice: User) -> None:
    enrolled(alice)
    client = with_password_only("alice")
    for attempt in range(5):
        if attempt == 2:
            client = with_password_only("alice")  # the right password again makes nothing fresh
        assert client.post(reverse("mfa_authenticate"), {"code": f"00000{attempt}"}).status_code == 200
    page = client.post(reverse("mfa_authenticate"), {"code": fresh_code(alice)})
    assert "wait a quarter of an hour" in page.content.decode()
    assert "account_login" not in with_password_only("alice").session
    assert verbs("officer:alice").count("sign-in-failed") == 5
    assert verbs("officer:alice").count("sign-in-stopped") == 1


def test_an_address_that_guesses_at_many_names_waits_and_a_success_does_not_make_it_fresh(
    alice: User, omar: User
) -> None:
    client = Client()
    for attempt in range(20):
        if attempt == 10:
            signed_in(omar)
        client.post(reverse("sign-in"), {"login": f"name{attempt}", "password": "wrong"})
    assert "account_login" not in with_password_only("alice").session
    enrolled(alice)
    assert "account_login" in with_password_only("alice", REMOTE_ADDR="127.0.0.9").session


def test_what_is_typed_as_a_name_that_nobody_has_is_not_kept(alice: User) -> None:
    Client().post(reverse("sign-in"), {"login": "MySecretPassword", "password": "wrong"})
    assert verbs("officer:?") == ["sign-in-failed"]
    assert not LogEntry.objects.filter(event__icontains="MySecretPassword").exists()


def test_setting_up_a_factor_ends_the_session_of_whoever_knows_the_password_only(alice: User) -> None:
    intruder = with_password_only("alice")
    owner = with_password_only("alice")
    page = owner.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.findall(r'class="secret"[^>]*>([A-Z2-7]{32})<', page)[0]
    owner.post(reverse("mfa_activate_totp"), {"code": code_of(secret)})
    assert intruder.get(reverse("mfa_activate_totp"))["Location"].startswith(reverse("sign-in"))
    assert owner.get("/inbox/").status_code == 200


def test_a_session_that_passed_without_the_second_step_is_none_once_there_is_one(alice: User) -> None:
    client = with_password_only("alice")
    enrolled(alice)
    assert client.get("/inbox/")["Location"].startswith(reverse("sign-in"))
    assert "_auth_user_id" not in client.session


def test_nobody_removes_their_last_factor(alice: User) -> None:
    client = signed_in(alice)
    page = client.post(reverse("mfa_deactivate_totp"))
    assert page.status_code == 200
    assert "your only second factor" in page.content.decode()
    with pytest.raises(factors.FactorLast):
        factors.require_another(Authenticator.objects.get().pk, by=alice)
    assert factors.has_factor(alice)


def a_key(owner: User) -> int:
    data = {"name": "blue key", "credential": {}}
    return int(Authenticator.objects.create(user=owner, type="webauthn", data=data).pk)


def test_a_factor_is_removed_where_another_is_left_and_never_somebody_elses(alice: User, omar: User) -> None:
    client, number = signed_in(alice), a_key(alice)
    assert client.post(reverse("mfa_remove_webauthn", args=[a_key(omar)])).status_code == 404
    assert client.post(reverse("mfa_remove_webauthn", args=[number]))["Location"] == reverse("mfa_index")
    assert verbs("officer:alice")[-1] == "factor-removed"
    assert [one.kind for one in factors.factors_of(alice)] == ["totp"]
    assert [one.kind for one in factors.factors_of(omar)] == ["webauthn"]


def test_what_is_delicate_asks_for_the_password_again_after_a_while(alice: User) -> None:
    client = signed_in(alice)
    session = client.session
    session["account_authentication_methods"] = [
        {**one, "at": one["at"] - 600} for one in session["account_authentication_methods"]
    ]
    session.save()
    asked = client.get(reverse("mfa_add_webauthn"))
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(asked["Location"], {"password": "wrong"}).status_code == 200
    assert client.post(asked["Location"], {"password": PASSWORD})["Location"] == reverse("mfa_add_webauthn")
    assert verbs("officer:alice").count("sign-in-failed") == 1


def test_a_person_sees_their_sessions_and_ends_others_and_only_their_own(alice: User, omar: User) -> None:
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:130.0) Gecko/20100101 Firefox/130.0"
    here, there, foreign = signed_in(alice), signed_in(alice, HTTP_USER_AGENT=agent), signed_in(omar)
    page = here.get(reverse("mfa_index")).content.decode()
    assert "Firefox · Windows" in page
    assert page.count("127.0.0.1") == 2
    seats = {one.device: one.number for one in sessions.list_seats(alice, key=here.session.session_key)}
    theirs = sessions.list_seats(omar)[0].number
    assert here.post(reverse("end-session", args=[theirs])).status_code == 404
    assert foreign.get("/inbox/").status_code == 200
    assert here.post(reverse("end-session", args=[seats["Firefox · Windows"]])).status_code == 302
    assert (here.get("/inbox/").status_code, there.get("/inbox/").status_code) == (200, 302)
    enter(there, alice)
    here.post(reverse("end-other-sessions"))
    assert (here.get("/inbox/").status_code, there.get("/inbox/").status_code) == (200, 302)


def test_signing_out_ends_the_session_and_is_logged(alice: User) -> None:
    client = signed_in(alice)
    client.post(reverse("sign-out"))
    assert sessions.list_seats(alice) == []
    assert verbs("officer:alice")[-1] == "signed-out"


def test_a_new_password_of_ones_own_keeps_this_session_and_ends_the_others(alice: User) -> None:
    here, there = signed_in(alice), signed_in(alice)
    given = {"old": PASSWORD, "new": "a-passphrase-of-mine-3", "again": "a-passphrase-of-mine-3"}
    assert here.post(reverse("own-password"), given | {"old": "wrong"}).status_code == 422
    assert here.post(reverse("own-password"), given | {"again": "another"}).status_code == 422
    assert here.post(reverse("own-password"), given)["Location"] == "/"
    assert (here.get("/inbox/").status_code, there.get("/inbox/").status_code) == (200, 302)
    assert find_officer("alice").check_password("a-passphrase-of-mine-3")


def test_a_piece_of_a_page_sends_the_whole_window_to_the_door(alice: User) -> None:
    answer = Client().get("/inbox/", HTTP_HX_REQUEST="true")
    assert answer["HX-Redirect"] == reverse("sign-in")


@pytest.mark.parametrize(
    "address",
    [
        "signup/",
        "password/reset/",
        "email/",
        "sign-in/signup/",
        "accounts/signup/",
        "my-account/webauthn/login/",
        "mfa/",
    ],
)
def test_what_allauth_offers_besides_is_not_routed(node: object, address: str) -> None:
    assert Client().get(f"/{address}").status_code == 404


def test_a_closed_account_does_not_pass_the_second_step(alice: User, rachid: User) -> None:
    enrolled(alice)
    client = with_password_only("alice")
    accounts.close_account("alice", reason="left", by=rachid)
    client.post(reverse("mfa_authenticate"), {"code": fresh_code(alice)})
    assert client.get("/inbox/")["Location"].startswith(reverse("sign-in"))
    assert "signed-in" not in verbs("officer:alice")


def test_a_security_key_is_offered_only_where_browsers_let_it_sign(alice: User) -> None:
    from django.test import RequestFactory

    from amana.web.adapters import keys_work

    def at(host: str, *, secure: bool = False) -> bool:
        return keys_work(RequestFactory().get("/", secure=secure, HTTP_HOST=host))

    assert (at("localhost:8440"), at("127.0.0.1:8440"), at("127.0.0.1:8440", secure=True)) == (True, False, False)
    page = signed_in(alice).get(reverse("mfa_add_webauthn"), HTTP_HOST="localhost").content.decode()
    assert "data-options=" in page
    options = json.loads(re.findall(r'data-options="([^"]+)"', page)[0].replace("&quot;", '"'))
    assert options["publicKey"]["rp"]["id"] == "localhost"


def test_an_operator_gives_an_account_and_its_owner_makes_it_theirs(rachid: User) -> None:
    operator = signed_in(rachid)
    given = {"name": "lea", "full_name": "Léa Martin", "roles": ["author"], "clearance": "TLP:AMBER", "reason": "joins"}
    page = operator.post(reverse("person-new"), given)
    password = re.findall(r'class="secret"[^>]*>([a-z0-9-]{17})<', page.content.decode())[0]
    assert page["Cache-Control"].startswith("max-age=0")
    assert password not in operator.get(reverse("person", args=["lea"])).content.decode()
    client = Client()
    client.post(reverse("sign-in"), {"login": "lea", "password": password})
    assert client.get("/inbox/")["Location"] == reverse("own-password")
    assert client.get(reverse("mfa_activate_totp"))["Location"] == reverse("own-password")
    mine = {"old": password, "new": PASSWORD, "again": PASSWORD}
    assert client.post(reverse("own-password"), mine | {"new": password, "again": password}).status_code == 422
    assert client.post(reverse("own-password"), mine).status_code == 302
    assert client.get("/inbox/")["Location"] == reverse("second-factor")


def test_the_administration_shows_people_and_acts_for_a_reason(
    alice: User, rachid: User, salma: User, nadia: User
) -> None:
    window, operator = signed_in(alice), signed_in(rachid)
    page = operator.get(reverse("people")).content.decode()
    assert [name in page for name in ("alice", "rachid", "salma")] == [True] * 3
    seat = sessions.list_seats(alice)[0].number
    address = reverse("person-session", args=["alice", seat])
    assert operator.post(address, {"reason": ""}).status_code == 422
    assert operator.post(reverse("person-session", args=["nadia", seat]), {"reason": "r"}).status_code == 404
    assert window.get("/inbox/").status_code == 200
    assert operator.post(address, {"reason": "laptop left on a train"}).status_code == 302
    assert window.get("/inbox/").status_code == 302
    told = json.loads(LogEntry.objects.order_by("-index")[0].event or "{}")
    assert (told["verb"], told["person"], told["reason"]) == ("session-ended", "rachid", "laptop left on a train")
    assert operator.post(reverse("person-act", args=["alice", "reset-factor"]), {"reason": "lost"}).status_code == 302
    assert not factors.has_factor(alice)
    assert operator.post(reverse("person-act", args=["alice", "promote"]), {"reason": "r"}).status_code == 404


def test_two_officers_change_an_overseers_account_by_the_pages(rachid: User, salma: User, omar: User) -> None:
    officer("idris", "overseer")
    operator, head = signed_in(rachid), signed_in(omar)
    assert operator.post(reverse("person-act", args=["salma", "close"]), {"reason": "<b>leaves</b>"}).status_code == 302
    assert find_officer("salma").is_active
    page = head.get(reverse("people-changes")).content.decode()
    assert "&lt;b&gt;leaves&lt;/b&gt;" in page
    number = accounts.list_waiting(by=omar)[0].pk
    assert operator.post(reverse("people-decide", args=[number, "confirm"])).status_code == 403
    assert head.post(reverse("people-decide", args=[number, "confirm"])).status_code == 302
    assert not find_officer("salma").is_active
    roles = {"roles": [str(Role.OVERSEER)], "clearance": "TLP:RED", "desk": "", "reason": "r"}
    assert operator.post(reverse("person-rights", args=["omar"]), roles).status_code == 302
    assert find_officer("omar").roles == ["head", "releasing-officer"]
