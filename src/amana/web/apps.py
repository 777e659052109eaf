"""The people's door as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages, templates and bundled assets."""

    name = "amana.web"
    label = "web"
