"""Everything that can be set on a node, typed and documented in one place.

Invariant: an unknown `AMANA_…` variable stops the start; a secret may come from a file (`…_FILE`). Nothing here can
switch oversight off.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from amana.domain.errors import BadInput, gettext_noop

PREFIX = "AMANA_"
_FILE = "_FILE"


class SettingUnknown(BadInput):
    """The environment holds a variable that this version does not know."""

    code = "settings-unknown"
    sentence = gettext_noop("There is no setting called %(name)s; see docs/settings.md for those that exist.")


class NodeSettings(BaseSettings):
    """The settings of one node, from the environment and from `node.env` in the node's folder."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(
        default=Path("~/.amana"), description="The node's folder: keys, database, originals. `--home` sets it too."
    )
    database_url: str = Field(
        default="",
        description="Where the memory is: empty for SQLite in the node's folder, or postgresql://user:password@host/name.",
    )
    secret_key: SecretStr = Field(
        default=SecretStr(""),
        description="Signs sessions of the people's door; `amana init` makes one in the node's folder.",
    )
    host: str = Field(default="127.0.0.1", description="The address on which both doors listen.")
    port: int = Field(default=8440, ge=1, le=65535, description="The port of the people's door.")
    partner_port: int = Field(
        default=8441, ge=1, le=65535, description="The port of the partners' door (mutual TLS 1.3)."
    )
    partner_url: str = Field(
        default="",
        description="The address that partners are told in the card; empty means https://HOST:PARTNER_PORT.",
    )
    allowed_hosts: str = Field(
        default="127.0.0.1,localhost", description="Host names under which the people's door answers, comma-separated."
    )
    web_certificate: str = Field(
        default="", description="A PEM file that makes the people's door speak HTTPS by itself; empty for plain HTTP."
    )
    web_certificate_key: str = Field(default="", description="The PEM file with the key of `web_certificate`.")
    language: Literal["en", "de", "fr", "ar"] = Field(
        default="en", description="The language for people who have not chosen one."
    )
    time_zone: str = Field(default="UTC", description="The zone in which times are shown, such as Africa/Casablanca.")
    officer: str = Field(
        default="", description="As whom the command line acts; `--as` sets it too. The log names this person."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="How much the technical log says. It never holds content or names of subjects."
    )
    log_format: Literal["console", "json"] = Field(default="console", description="The form of the technical log.")
    web_threads: int = Field(default=4, ge=1, le=64, description="Threads of each door.")
    batch: int = Field(
        default=100, ge=1, le=500, description="The most messages that travel to a partner in one request."
    )
    pace_ms: int = Field(
        default=50, ge=10, le=60_000, description="How long the worker rests, in milliseconds, when nothing waits."
    )
    spark: str = Field(
        default="",
        description="The cluster of Spark that may be given this node's names (spark://host:7077); empty for none.",
    )
    development: bool = Field(
        default=False, description="Shows the style page and errors in full; never for real data."
    )


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    """Settings whose value stands in a file, as `AMANA_SECRET_KEY_FILE=/run/secrets/key` says."""
    found = {}
    for name, value in environment.items():
        field = name.removeprefix(PREFIX).removesuffix(_FILE).lower()
        if name.startswith(PREFIX) and name.endswith(_FILE) and field in NodeSettings.model_fields:
            found[field] = Path(value).read_text(encoding="utf-8").strip()
    return found


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raise SettingUnknown for the first `AMANA_…` variable that nobody reads."""
    known = {PREFIX + field.upper() for field in NodeSettings.model_fields}
    known |= {name + _FILE for name in known}
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in known:
            raise SettingUnknown(name=name)


def _from_node_env(home: Path) -> dict[str, str]:
    """Settings that the node keeps in its folder; what the environment says goes before."""
    kept = {name: value for name, value in dotenv_values(home / "node.env").items() if value is not None}
    refuse_unknown(kept)
    return {name.removeprefix(PREFIX).lower(): value for name, value in kept.items() if name not in os.environ}


def load_settings() -> NodeSettings:
    """Read the settings of this process; raises SettingUnknown, OSError, pydantic.ValidationError."""
    refuse_unknown(os.environ)
    home = Path(os.environ.get(PREFIX + "HOME") or "~/.amana").expanduser().absolute()
    values: dict[str, Any] = _from_node_env(home) | _from_files(os.environ) | {"home": home}
    key = home / "keys" / "web-secret"
    if "secret_key" not in values and PREFIX + "SECRET_KEY" not in os.environ and key.is_file():
        values["secret_key"] = key.read_text(encoding="ascii").strip()
    return NodeSettings(**values)
