"""The memory as a Django app."""

from __future__ import annotations

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """One app for all tables, so that foreign keys and migrations run in one line."""

    name = "amana.records"
    label = "records"
    default_auto_field = "django.db.models.BigAutoField"
