"""The viewpoint: who looks, with which clearance, for which purpose and case. Every read takes one.

Invariant: there is no viewpoint without a person and a purpose; nobody sees more through a case than without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from amana.domain.handling import Handling, Purpose, Tlp


class Role(StrEnum):
    """What a person may do on a node."""

    AUTHOR = "author"
    RELEASING_OFFICER = "releasing-officer"
    ANALYST = "analyst"
    PORT_OFFICER = "port-officer"
    HEAD = "head"
    OVERSEER = "overseer"
    OPERATOR = "operator"


# Desks, the second person, who answers for both, who runs the node, who watches them all.
_RANK = {
    Role.AUTHOR: 1,
    Role.ANALYST: 1,
    Role.PORT_OFFICER: 1,
    Role.RELEASING_OFFICER: 2,
    Role.HEAD: 3,
    Role.OPERATOR: 4,
    Role.OVERSEER: 5,
}


def rank_of(roles: Iterable[Role]) -> int:
    """How high an account stands: as high as the highest of its roles; 0 without any.

    The order is that of what an account's loss would undo. Desks answer to the releasing officer and both to the head;
    the operator stands above them because accounts are given and taken there; the overseer stands highest because
    whoever could close or weaken the overseer's account would choose by whom they are watched. Nobody acts alone on an
    account of equal or higher rank, so an operator neither removes a colleague nor the oversight, nor makes either.
    """
    return max((_RANK[role] for role in roles), default=0)


READS_CONTENT = frozenset({Role.AUTHOR, Role.RELEASING_OFFICER, Role.ANALYST, Role.PORT_OFFICER, Role.HEAD})


@dataclass(frozen=True, slots=True)
class Viewpoint:
    """One person looking: `clearance` is the strictest marking they may read.

    `mandate` names the check for which an overseer looks under a mandate; nobody else has one.
    """

    officer: str
    node: str
    roles: frozenset[Role]
    clearance: Tlp
    purpose: Purpose
    case: str = ""
    mandate: str = ""

    @property
    def reads_content(self) -> bool:
        """Whether any of the roles opens reports at all; operator and overseer do not, but for a mandate's check."""
        return bool(self.roles & READS_CONTENT or self.mandate)

    @property
    def in_log(self) -> tuple[tuple[str, str], ...]:
        """How it stands in the log entry of every read: the purpose, and the case where one was named."""
        said = (("purpose", str(self.purpose)),)
        return (*said, ("case", self.case)) if self.case else said

    def clears(self, handling: Handling) -> bool:
        """Whether the marking may be read from here: role, clearance, and the purpose it was given for."""
        if not self.reads_content or handling.tlp.strictness > self.clearance.strictness:
            return False
        return not handling.purposes or self.purpose in handling.purposes
