"""One seed's world: four nodes, one clock, one network, and a scheduler that draws every next step from the seed.

Invariant: whatever happens follows from the seed alone; the trace of two runs of it is the same.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import timedelta
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import DatabaseError

from amana.domain.errors import AmanaError
from amana.records.models import Report
from amana.services import delivery
from amana.services.delivery import deliver_due
from amana.services.housekeeping import work_once
from amana.services.keys import own_node
from tests.simulator import invariants
from tests.simulator.actions import ACTIONS
from tests.simulator.disk import Fault, PowerCut
from tests.simulator.kept import Kept, Page, secrets_in
from tests.simulator.network import Network, SimClient, Weather
from tests.simulator.tap import Tap
from tests.simulator.watch import Broken, Version, require

if TYPE_CHECKING:
    from tests.simulator.nodes import Clock, SimNode

DISK_FAILS = 0.12
WORKER_TURNS = 0.4
SHARES = (10, 10, 10, 1)  # how often each node's turn comes; nothing happens at Charlie's
HEALING_ROUNDS = 40
LONGER_THAN_ANY_WAIT = timedelta(minutes=11)


@dataclass(slots=True)
class World:
    """The nodes and all that may happen to them."""

    seed: int
    nodes: dict[str, SimNode]
    clock: Clock
    rng: random.Random = field(init=False)
    network: Network = field(init=False)
    tap: Tap = field(init=False)
    marks: dict[str, set[Version]] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept)
    trace: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rng, self.network, self.tap = random.Random(self.seed), Network(self), Tap(self)

    def note(self, line: str) -> None:
        """Write a line into the trace."""
        self.trace.append(line)

    def remember(self, page: Page, row: Report, *, later: int = 0) -> None:
        """Remember that this version, or one so many `later`, says the words of the page."""
        for mark in (page.mark, *sorted(secrets_in(page.lines))):
            self.marks.setdefault(mark, set()).add((row.originator, _hex(row.uid), row.version + later))

    def marks_of(self, row: Report) -> list[str]:
        """The marks that a version says."""
        version = (row.originator, _hex(row.uid), row.version)
        return [mark for mark, versions in self.marks.items() if version in versions]

    def trace_hash(self) -> str:
        """What two runs of one seed have in common."""
        return sha256("\n".join(self.trace).encode()).hexdigest()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Put this world's clock, network and chance in the place of the real ones for a while."""
        chance = random.Random(f"bytes of {self.seed}")
        with pytest.MonkeyPatch.context() as patch, self.clock.ticking():
            patch.setattr(os, "urandom", chance.randbytes)
            patch.setattr(random, "_urandom", chance.randbytes)
            patch.setattr(delivery, "_client", self._client)
            yield

    def _client(self, url: str, _tls_ca: str, _changed: int) -> SimClient:
        to = url.removeprefix("https://").removesuffix(".invalid")
        return SimClient(self.network, self.nodes[own_node()], self.nodes[to])

    def run(self, steps: int) -> None:
        """Live through that many steps of bad weather, then heal, and keep every promise all along."""
        with self.running():
            self.network.weather = draw_weather(self.rng)
            for node in self.nodes.values():
                node.skew = timedelta(seconds=self.rng.uniform(-60, 60))
            for _step in range(steps):
                self.step()
            self.heal()
            invariants.at_the_end(self)

    def step(self) -> None:
        """Let some time pass, let one node do one thing, and look whether every promise still holds."""
        self.clock.advance(draw_pause(self.rng))
        self.network.deliver_late()
        node, victim = self.rng.choices(list(self.nodes.values()), SHARES, k=2)
        if self.rng.random() < DISK_FAILS:
            victim.disk.fail(self.rng.choice(list(Fault)), at=self.rng.randint(1, 14))
        if self.rng.random() < WORKER_TURNS:
            self.attempt(node, "work", partial(work_once, node.rounds))
        else:
            self._act(node)
        for one in self.nodes.values():
            one.disk.mend()
        invariants.always(self)

    def _act(self, node: SimNode) -> None:
        """Let somebody at the node do what can be done there now, drawn by weight."""
        names = list(ACTIONS)
        for _try in range(len(names)):
            action = ACTIONS[self.rng.choices(names, [ACTIONS[name].weight for name in names])[0]]
            with node.awake():
                target = action.target(self, node)
            if target is not None:
                self.attempt(node, action.name, partial(action.act, self, node, target), refusals=action.refusals)
                return

    def attempt(
        self, node: SimNode, what: str, act: Callable[[], object], *, refusals: frozenset[str] = frozenset()
    ) -> None:
        """Do one thing at a node; what may go wrong goes wrong as it would for a person or a worker."""
        try:
            with node.awake():
                done = act()
        except AmanaError as error:
            require(error.code in refusals, f"{node.name} {what}: refused with {error.code}")
            done = error.code
        except DatabaseError as error:
            require(any(one.disk.failed for one in self.nodes.values()), f"{node.name} {what}: {error}")
            done = "disk error"
        except PowerCut:
            node.restart()
            done = "power cut"
        self.note(f"{self.clock.now.isoformat()} {node.name} {what}: {done}")

    def settle(self) -> None:
        """Let all workers carry until nothing waits any more; raises Broken where something waits for ever."""
        for _round in range(HEALING_ROUNDS):
            for node in self.nodes.values():
                if node.waiting():
                    self.attempt(node, "deliver", lambda: deliver_due(batch=50))
            self.network.deliver_late(all_of_it=True)
            if not any(node.waiting() for node in self.nodes.values()):
                return
            self.clock.advance(LONGER_THAN_ANY_WAIT)
        waiting = [node.name for node in self.nodes.values() if node.waiting()]
        raise Broken(f"after healing something still waits at {' and '.join(waiting)}")

    def heal(self) -> None:
        """Mend network and disks, let everything that waits arrive, and let everybody witness everybody."""
        self.note("healing")
        self.network.calm()
        self.clock.advance(LONGER_THAN_ANY_WAIT)
        self.settle()
        for node in self.nodes.values():
            self.attempt(node, "work", partial(work_once, node.rounds))
        invariants.always(self)


def _hex(uid: UUID | str) -> str:
    return str(uid).replace("-", "")


def draw_weather(rng: random.Random) -> Weather:
    """A network as bad as the seed wants: some lose nearly everything, a few lose nothing."""
    return Weather(**{mishap.name: rng.choice((0.0, 0.05, 0.15, 0.4)) for mishap in fields(Weather)})


def draw_pause(rng: random.Random) -> timedelta:
    """Mostly a moment; sometimes minutes or hours; rarely days, so that retention ends and witnesses are missed."""
    kind = rng.random()
    if kind < 0.55:
        return timedelta(seconds=rng.uniform(0.01, 1))
    if kind < 0.85:
        return timedelta(seconds=rng.uniform(1, 60))
    if kind < 0.97:
        return timedelta(minutes=rng.uniform(1, 90))
    return timedelta(days=rng.uniform(0.2, 3))
