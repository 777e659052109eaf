"""The addresses of the overseer's room and of a partner's page."""

from __future__ import annotations

from django.urls import path

from amana.web import views_checks, views_oversight, views_partners

oversight_urls = [
    path("oversight/", views_oversight.room, name="oversight"),
    path("oversight/desk/", views_checks.desk, name="oversight-desk"),
    path("oversight/log/", views_oversight.log, name="oversight-log"),
    path("oversight/log/bundle/", views_oversight.bundle, name="oversight-bundle"),
    path("oversight/log/<int:index>/", views_oversight.entry, name="oversight-entry"),
    path("oversight/log/<int:index>/proof/", views_oversight.proof, name="oversight-proof"),
    path("oversight/checks/", views_checks.list_checks, name="oversight-checks"),
    path("oversight/checks/<int:number>/", views_checks.check, name="oversight-check"),
    path("oversight/checks/<int:number>/<int:place>/", views_checks.find, name="oversight-finding"),
    path("oversight/checks/<int:number>/<int:place>/answer/", views_checks.answer, name="oversight-answer"),
    path("oversight/content/<uuid:uid>/", views_checks.content, name="oversight-content"),
    path("oversight/mandates/", views_checks.give_mandate, name="oversight-mandates"),
    path("oversight/mandates/<int:number>/", views_checks.confirm_mandate, name="oversight-mandate"),
    path("oversight/access/", views_oversight.list_access, name="oversight-access-list"),
    path("oversight/access/<int:number>/", views_oversight.access, name="oversight-access"),
    path("oversight/access/<int:number>/<str:deed>/", views_oversight.access_act, name="oversight-access-act"),
    path("oversight/retention/", views_oversight.retained, name="oversight-retention"),
    path("oversight/orders/", views_checks.list_orders, name="oversight-orders"),
    path("oversight/orders/<int:number>/lift/", views_checks.lift, name="oversight-lift"),
    path("oversight/register/", views_oversight.registered, name="oversight-register"),
    path("partners/<str:node>/", views_partners.partner, name="partner"),
    path("partners/<str:node>/<str:deed>/", views_partners.change, name="partner-change"),
]
