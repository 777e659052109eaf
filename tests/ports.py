"""Ports for the nodes of tests, each given once in a process."""

from __future__ import annotations

import os

from amana.cli.demo_nodes import free_port

BLOCK = 18_000 + os.getpid() % 14 * 1000
"""Where this process looks: beside its neighbours' blocks, and below the ports that a machine gives to callers."""


def a_port() -> int:
    """A free port on the loopback address that nothing else in this process was given. Raises DemoStuck."""
    return free_port(BLOCK)
