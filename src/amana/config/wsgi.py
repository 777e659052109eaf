"""The people's door as a WSGI application."""

from __future__ import annotations

import gc
import os
from typing import Any

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")


def plan_for_the_values(connection: Any, **_signal: Any) -> None:
    """Let PostgreSQL plan each question for its values: what may be seen, and of which days, decides how it is read."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET plan_cache_mode = force_custom_plan")
            cursor.execute("SET random_page_cost = 1.1")  # what it holds lies in memory or on a disk without a head


connection_created.connect(plan_for_the_values, dispatch_uid="amana-plan-for-the-values")
people = get_wsgi_application()

# What is loaded now stays as long as the process; the collector need not walk it while somebody waits for a page.
assert get_resolver().url_patterns
gc.collect()
gc.freeze()
# A page makes some ten thousand values and lets nearly all go by itself: looking for the rest 70 times finds little.
gc.set_threshold(50_000, 20, 50)
