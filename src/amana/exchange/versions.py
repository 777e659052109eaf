"""Versions of the protocol: what this node speaks, and the one that two nodes have in common.

Invariant: a link uses the highest version that both cards name; where there is none, nothing is agreed or released.
"""

from __future__ import annotations

from collections.abc import Iterable

from amana.domain.errors import NotAllowed, gettext_noop

SPOKEN = (1,)


class NoCommonVersion(NotAllowed):
    """Two nodes have no version of the protocol in common."""

    code = "protocol-no-common-version"
    sentence = gettext_noop(
        "“%(node)s” speaks the protocol's versions %(theirs)s, this node %(ours)s; one of the two must be upgraded."
    )


def common_version(node: str, theirs: Iterable[int], ours: Iterable[int] = SPOKEN) -> int:
    """The highest version that both speak; raises NoCommonVersion."""
    both = set(theirs) & set(ours)
    if not both:
        raise NoCommonVersion(
            node=node, theirs=", ".join(map(str, sorted(theirs))), ours=", ".join(map(str, sorted(ours)))
        )
    return max(both)
