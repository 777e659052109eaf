"""The addresses of the report's room: composing, comparing, originals, the letter."""

from __future__ import annotations

from django.urls import path

from amana.web import views_compose, views_papers, views_preview

urlpatterns = [
    path("compose/", views_compose.start, name="compose"),
    path("compose/<uuid:uid>/", views_compose.draft, name="compose-draft"),
    path("compose/<uuid:uid>/known/", views_compose.known, name="compose-known"),
    path("compose/from/<uuid:number>/", views_compose.from_document, name="compose-from"),
    path("reports/<uuid:uid>/preview/", views_preview.preview, name="preview"),
    path("reports/<uuid:uid>/compare/", views_papers.compare, name="compare"),
    path("reports/<uuid:uid>/v<int:version>/originals/<str:sha256>/", views_papers.original, name="original"),
    path("reports/<uuid:uid>/v<int:version>/letter/", views_papers.letter, name="letter"),
]
