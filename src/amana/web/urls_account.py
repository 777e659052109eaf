"""The addresses of the door, of one's own account and of the administration of people."""

from __future__ import annotations

from django.urls import path

from amana.web import views_account, views_people
from amana.web.sign_in import AskAgain, SecondStep, SignIn, sign_out

# Names with an underscore are those that allauth asks for; every other address of it is not routed.
urlpatterns = [
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/", SignIn.as_view(), name="account_login"),
    path("sign-in/second-step/", SecondStep.as_view(), name="mfa_authenticate"),
    path("sign-in/again/", AskAgain.as_view(), name="account_reauthenticate"),
    path("sign-in/set-up/", views_account.set_up, name="second-factor"),
    path("sign-out/", sign_out, name="sign-out"),
    path("my-account/", views_account.my_account, name="mfa_index"),
    path("my-account/password/", views_account.own_password, name="own-password"),
    path("my-account/authenticator/", views_account.AddAuthenticator.as_view(), name="mfa_activate_totp"),
    path("my-account/authenticator/remove/", views_account.RemoveAuthenticator.as_view(), name="mfa_deactivate_totp"),
    path("my-account/keys/add/", views_account.AddKey.as_view(), name="mfa_add_webauthn"),
    path("my-account/keys/<int:pk>/remove/", views_account.RemoveKey.as_view(), name="mfa_remove_webauthn"),
    path("my-account/recovery-codes/", views_account.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "my-account/recovery-codes/new/", views_account.NewRecoveryCodes.as_view(), name="mfa_generate_recovery_codes"
    ),
    path("my-account/sessions/end-others/", views_account.end_others, name="end-other-sessions"),
    path("my-account/sessions/<int:number>/end/", views_account.end_session, name="end-session"),
    path("people/", views_people.list_people, name="people"),
    path("people/new/", views_people.new_person, name="person-new"),
    path("people/changes/", views_people.list_changes, name="people-changes"),
    path("people/changes/<int:number>/<str:deed>/", views_people.decide_change, name="people-decide"),
    path("people/person/<str:name>/", views_people.person, name="person"),
    path("people/person/<str:name>/rights/", views_people.change_rights, name="person-rights"),
    path("people/person/<str:name>/password/", views_people.new_password, name="person-password"),
    path("people/person/<str:name>/sessions/<int:number>/end/", views_people.end_session, name="person-session"),
    path("people/person/<str:name>/<str:deed>/", views_people.act_on_person, name="person-act"),
]
