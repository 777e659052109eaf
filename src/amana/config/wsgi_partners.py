"""The partners' door as a WSGI application, with the TLS context its server asks for at each connection."""

from __future__ import annotations

import os
from importlib import import_module

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amana.config.settings")
django.setup()

# The door reads tables, so it can only be imported once Django is awake.
partners = import_module("amana.wire.app").partners
partners_context = import_module("amana.wire.tls").partners_context
