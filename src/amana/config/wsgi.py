"""The people's door as a WSGI application."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")

people = get_wsgi_application()

# What is loaded now stays as long as the process; the collector need not walk it while somebody waits for a page.
assert get_resolver().url_patterns
gc.collect()
gc.freeze()
