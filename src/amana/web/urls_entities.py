"""The addresses of the entities' room and of the evidence behind a statement."""

from __future__ import annotations

from django.urls import path

from amana.web import views_entities as views

urlpatterns = [
    path("match/", views.search, name="match"),
    path("entities/", views.search, name="entities"),
    path("entities/<int:number>/", views.show, name="entity"),
    path("entities/<int:number>/leads/", views.leads, name="entity-leads"),
    path("entities/<int:number>/beside/<int:other>/", views.beside, name="entity-beside"),
    path("entities/<int:number>/judgements/<uuid:judgement>/undo/", views.undo, name="judgement-undo"),
    path("statements/<uuid:report>/<path:statement>/evidence/", views.evidence, name="evidence"),
]
