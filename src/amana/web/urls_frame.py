"""Addresses of the frame: the desk, the viewpoint, the search for anything, and the page to read before a meeting."""

from __future__ import annotations

from django.urls import path

from amana.web import views_desk, views_joint, views_requests

urlpatterns = [
    path("desk/", views_desk.desk, name="desk"),
    path("desk/lines/", views_desk.lines, name="desk-lines"),
    path("inbox/", views_desk.inbox, name="inbox"),
    path("viewpoint/", views_desk.change_viewpoint, name="viewpoint"),
    path("find/", views_desk.find, name="find"),
    path("keys/", views_desk.keys, name="keys"),
    path("requests/<uuid:uid>/", views_requests.show, name="request"),
    path("cases/<uuid:number>/<str:deed>/", views_joint.change_case, name="case-act"),
    path("meetings/", views_joint.list_meetings, name="meetings"),
    path("partners/<str:partner>/briefing/", views_joint.briefing, name="briefing"),
]
