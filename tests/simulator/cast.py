"""The four nodes as every seed finds them: made once, joined over real messages, and copied for each seed.

Rabat, Washington and Paris have agreements with each other. Charlie's third node is everybody's confirmed partner and
witness without any agreement: nothing may ever come to lie there.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations, permutations
from pathlib import Path

from django.core.management import call_command
from django.test import override_settings

from amana.domain.handling import Purpose, Tlp
from amana.domain.viewpoint import Role
from amana.domain.vocabulary import CrimeArea
from amana.services.agreements import accept_agreement, propose_agreement
from amana.services.node import init_node
from amana.services.partners import own_fingerprint, show_card
from amana.services.people import add_officer, find_officer
from amana.services.roster import confirm_partner, introduce_partner
from amana.services.terms import usual_terms
from tests import blank
from tests.simulator.actions import ACTIONS
from tests.simulator.kept import Kept
from tests.simulator.nodes import MEMORY, Clock, SimNode
from tests.simulator.onward_acts import ask_about_the_first, entrust_with_consent, propose_in_part
from tests.simulator.tap import Acknowledged
from tests.simulator.watch import Version
from tests.simulator.world import World

START = datetime(2026, 9, 24, 9, 0, tzinfo=UTC)
PEOPLE = {
    "rabat": ("MA", "alice", "omar"),
    "washington": ("US", "bob", "grace"),
    "paris": ("FR", "claire", "denis"),
    "third": ("ES", "charlie", "diego"),
}
AGREED = ("rabat", "washington", "paris")
OPERATOR = "rachid"  # brings the cards of every node
FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # nobody signs in here


@dataclass(frozen=True, slots=True)
class Cast:
    """The folders of the nodes, and their databases when they had joined at `at`."""

    folder: Path
    databases: dict[str, sqlite3.Connection]
    acknowledged: list[Acknowledged]
    marks: dict[str, set[Version]]
    kept: Kept
    at: datetime

    def world(self, seed: int, *, files: Path | None = None) -> World:
        """A world of fresh copies of all nodes: in memory, or with their databases as files in a folder."""
        clock = Clock(self.at)
        nodes = {}
        for name, template in self.databases.items():
            nodes[name] = _node(name, self.folder, clock, MEMORY if files is None else files / f"{name}.sqlite3")
            template.backup(nodes[name].raw)
        world = World(seed, nodes, clock)
        world.tap.acknowledged += self.acknowledged
        world.marks |= {mark: set(versions) for mark, versions in self.marks.items()}
        world.kept = self.kept.copy()
        return world


def make_cast(folder: Path) -> Cast:
    """Make the four nodes and join them, without any fault."""
    clock = Clock(START)
    nodes = {name: _node(name, folder, clock) for name in PEOPLE}
    world = World(0, nodes, clock)
    with world.running():
        tables = _blank(nodes["rabat"])
    # Chance begins anew: migrating draws from it, and a copy of the suite's tables does not.
    with world.running(), override_settings(PASSWORD_HASHERS=FAST):
        for node in nodes.values():
            with node.awake():
                tables.backup(node.raw)
                _settle_in(node)
        for one, other in permutations(nodes.values(), 2):
            _introduce(one, other)
        agreed = [nodes[name] for name in AGREED]
        for one, other in combinations(agreed, 2):
            _agree(world, one, other)
        for node in agreed:
            _begin(world, node)
        for at, node in enumerate(agreed):
            entrust_with_consent(world, node, agreed[at - 2], agreed[at - 1])
            ask_about_the_first(world, agreed[at - 2], node, agreed[at - 1])
            propose_in_part(world, node)
    databases = {name: copy_of(node.raw) for name, node in nodes.items()}
    return Cast(folder, databases, world.tap.acknowledged, world.marks, world.kept, clock.now)


def copy_of(database: sqlite3.Connection) -> sqlite3.Connection:
    """A copy in memory."""
    copy = sqlite3.connect(MEMORY)
    database.backup(copy)
    return copy


def _node(name: str, folder: Path, clock: Clock, database: Path | str = MEMORY) -> SimNode:
    _, author, head = PEOPLE[name]
    return SimNode(name, folder / name, clock, author, head, database=database)


def _blank(node: SimNode) -> sqlite3.Connection:
    """All tables, and nothing in them: those of the suite, or migrated once."""
    if file := blank.file():
        return sqlite3.connect(file)
    with node.awake():
        call_command("migrate", interactive=False, verbosity=0)
    return copy_of(node.raw)


def _settle_in(node: SimNode) -> None:
    country, author, head = PEOPLE[node.name]
    init_node(agency=f"Agency of {node.name}", country=country, name=node.name)
    people = ((author, [Role.AUTHOR, Role.ANALYST]), (head, [Role.RELEASING_OFFICER, Role.HEAD]))
    for name, roles in (*people, (OPERATOR, [Role.OPERATOR])):
        add_officer(name=name, password="a-long-passphrase-7", roles=roles, clearance=Tlp.RED, by="operator")


def _introduce(one: SimNode, other: SimNode) -> None:
    with other.awake():
        card, fingerprint = show_card(), own_fingerprint()
    with one.awake():
        introduce_partner(card, by=find_officer(OPERATOR))
        partner = confirm_partner(other.name, fingerprint, by=find_officer(one.head))
        partner.url = f"https://{other.name}.invalid"
        partner.save(update_fields=["url"])


def _agree(world: World, one: SimNode, other: SimNode) -> None:
    with one.awake():
        terms = usual_terms(
            other.name,
            purposes=frozenset(Purpose),
            crime_areas=frozenset(CrimeArea),
            strictest=Tlp.AMBER_STRICT,
            retention_days=1095,
            valid_days=365,
            overseers=(),
        )
        number = propose_agreement(terms, partner=other.name, by=find_officer(one.head)).pk
    world.settle()
    with other.awake():
        accept_agreement(number, by=find_officer(other.head))
    world.settle()


def _begin(world: World, node: SimNode) -> None:
    """Let every partner hold a report of this node, so that there is something to read, to correct and to recall."""
    partners = tuple(name for name in AGREED if name != node.name)
    with node.awake():
        ACTIONS["draft"].act(world, node, partners)
        for name in ("propose", "release"):
            target = ACTIONS[name].target(world, node)
            if target is not None:
                ACTIONS[name].act(world, node, target)
    world.settle()
