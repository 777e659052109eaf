"""Making a node: its folder, keys, card, memory and log."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime
from pathlib import Path
from secrets import token_urlsafe

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from amana.domain.errors import BadInput, Conflict, gettext_noop
from amana.domain.folding import fold
from amana.domain.vocabulary import ValueRefused, clean
from amana.exchange.identity import NodeSecrets, finish, new_identity, save
from amana.records.models import LogEntry
from amana.services.journal import Act, record
from amana.services.keys import holds_node, home, keys_folder

EXERCISE = "exercise"


class NodeExists(Conflict):
    """The folder already holds a node."""

    code = "node-exists"
    sentence = gettext_noop("This folder already holds a node; choose another with --home.")


class CountryUnknown(BadInput):
    """The code names no country."""

    code = "node-country"
    sentence = gettext_noop("There is no country of this code; write two letters of ISO 3166-1, such as MA.")


def node_name(agency: str, country: str) -> str:
    """A node's name from agency and country, such as `dgst-ma`."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(agency).encode("ascii", "ignore").decode()).strip("-")
    return f"{words[:32].strip('-') or 'node'}-{country.lower()}"


def _country(given: str) -> str:
    try:
        code = clean("Organization", "country", given).upper()
    except ValueRefused as error:
        raise CountryUnknown from error
    if len(code) != 2:
        raise CountryUnknown
    return code


def partner_url() -> str:
    """The address that the card tells partners."""
    return settings.AMANA.partner_url or f"https://{settings.AMANA.host}:{settings.AMANA.partner_port}"


def write_private(path: Path, text: str) -> None:
    """Write a small file that only its owner may read."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def migrate() -> None:
    """Bring the memory's tables to this version; does nothing where they are there already."""
    steps = MigrationExecutor(connection)
    if steps.migration_plan(steps.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def init_node(
    *, agency: str, country: str, name: str | None = None, exercise: bool = False, now: datetime | None = None
) -> NodeSecrets:
    """Make a node in the folder of the settings: tables, the first log entry, and only then keys and card.

    A node made for an exercise says so in its first log entry, and never becomes another. Raises NodeExists,
    CountryUnknown; a folder in which the making was broken off can be made again.
    """
    now = now or timezone.now()
    finish(keys_folder())
    if holds_node():
        raise NodeExists
    country = _country(country)
    for folder in (home(), keys_folder(), home() / "originals"):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_private(keys_folder() / "web-secret", token_urlsafe(50))
    write_node_env()
    migrate()
    made = new_identity(
        node=name or node_name(agency, country), agency=agency, country=country, urls=(partner_url(),), now=now
    )
    with transaction.atomic():
        reason = EXERCISE if exercise else "init"
        record(Act.ADMINISTRATION, "node-made", f"node:{made.card.node}", by="operator", reason=reason, at=now)
    save(made, keys_folder())
    return made


def is_exercise() -> bool:
    """Whether this node was made for an exercise, as its first log entry says."""
    first = LogEntry.objects.filter(index=0).values_list("event", flat=True).first()
    return bool(first) and json.loads(first or "{}").get("reason") == EXERCISE


def write_node_env() -> None:
    """Keep the settings that this node was made with, so that later commands need only its folder."""
    kept = {
        "AMANA_DATABASE_URL": settings.AMANA.database_url,
        "AMANA_HOST": settings.AMANA.host,
        "AMANA_PORT": str(settings.AMANA.port),
        "AMANA_PARTNER_PORT": str(settings.AMANA.partner_port),
        "AMANA_PARTNER_URL": settings.AMANA.partner_url,
        "AMANA_LANGUAGE": settings.AMANA.language,
        "AMANA_TIME_ZONE": settings.AMANA.time_zone,
    }
    lines = [f"{name}={value}\n" for name, value in kept.items() if value]
    write_private(home() / "node.env", "".join(lines))
