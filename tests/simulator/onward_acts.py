"""What people do in a seed with what another entrusted: ask consent, answer it, pass on, and let it go on.

Invariant: each act that is refused for something kept is refused because something was, and none is let through; the
pages say which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar
from uuid import UUID

from amana.domain.handling import Purpose
from amana.domain.report import State
from amana.exchange.relay import RelayKept
from amana.records.models import Consent, Report
from amana.services import consent_answers, consents, onward, reconciling, releases
from amana.services.consent_answers import ConsentKept
from tests.simulator.actions import action, author, head, one_of, partners_of, write
from tests.simulator.kept import SUBJECTS, Line, Page, draw_page, new_mark
from tests.simulator.watch import require

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

WHY = "they search the same yard"
Step = tuple[Report, str]
"""A held report and to whom it would go on."""


def entrust_with_consent(world: World, originator: SimNode, holder: SimNode, recipient: SimNode) -> None:
    """Let a partner hold a report, with nothing kept, that it may pass on to another: so that something can go on."""
    mark = new_mark(world.rng)
    page = world.kept.write(Page(mark, (Line("s1", SUBJECTS[0], "Person", "name", f"Karim {mark.title()}"),)))
    with originator.awake():
        row = write(world, originator, page, (holder.name,))
        releases.propose_release(row.uid, by=author(originator))
        releases.release_report(row.uid, by=head(originator))
    world.settle()
    with holder.awake():
        asked = consents.ask_consent(row.uid, recipient.name, Purpose.INVESTIGATION, reason=WHY, by=author(holder))
    world.settle()
    with originator.awake():
        consent_answers.answer_consent(asked.pk, grant=True, reason=WHY, by=head(originator))
    world.settle()


def ask_about_the_first(world: World, holder: SimNode, originator: SimNode, recipient: SimNode) -> None:
    """Leave a question of consent about the report with which the originator began."""
    with holder.awake():
        row = Report.objects.filter(originator=originator.name).earliest("pk")
        consents.ask_consent(row.uid, recipient.name, Purpose.INVESTIGATION, reason=WHY, by=author(holder))
    world.settle()


def propose_in_part(world: World, node: SimNode) -> None:
    """Leave a report that waits for its release to all partners, of which something is kept to some of them."""
    partners = partners_of(world, node)
    page = draw_page(world.rng, partners)
    while all(len(page.reaching(to)) == len(page.lines) for to in partners):
        page = draw_page(world.rng, partners)
    with node.awake():
        row = write(world, node, world.kept.write(page), tuple(partners))
        releases.propose_release(row.uid, by=author(node))


def step_onward(world: World, node: SimNode) -> Step | None:
    """A held report and somebody who neither wrote nor brought it."""
    row = one_of(world, node, State.HELD, own=False)
    if row is None:
        return None
    others = [name for name in world.nodes if name not in (node.name, row.originator, row.via, "third")]
    return row, world.rng.choice(others) if others and world.rng.random() < 0.9 else "third"


def kept_here(world: World, node: SimNode, row: Report) -> bool:
    """Whether something in a held report was kept to this node and fewer others than got it."""
    return world.kept.page(row.title).kept_for(row.via or node.name)


def kept_there(world: World, asked: Consent) -> bool:
    """Whether something in the released report that a holder asks about was kept to it and fewer others than got it."""
    released = Report.objects.filter(originator=asked.originator, uid=asked.report_uid, state=State.RELEASED).first()
    return released is not None and world.kept.page(released.title).kept_for(asked.holder)


@action
class AskConsent:
    """The author asks the originator whether its report may go on."""

    name = "ask-consent"
    weight = 1
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Step | None:
        """A held report, and whom it would help."""
        return step_onward(world, node)

    def act(self, world: World, node: SimNode, target: Step) -> str:
        """Ask."""
        row, recipient = target
        consents.ask_consent(row.uid, recipient, Purpose.INVESTIGATION, reason=WHY, by=author(node))
        return f"{row.uid} to {recipient}"


@action
class AnswerConsent:
    """The head answers a holder's question; for what the holder was told alone no consent can be given."""

    name = "answer-consent"
    weight = 4
    refusals = frozenset({"consent-kept", "report-not-released"})

    def target(self, world: World, node: SimNode) -> UUID | None:
        """A question that waits."""
        asked = "SELECT id FROM records_consent WHERE originator = ? AND state = 'asked' ORDER BY id"
        found = node.rows(asked, node.name)
        return UUID(world.rng.choice(found)[0]) if found else None

    def act(self, world: World, node: SimNode, target: UUID) -> str:
        """Grant or refuse it."""
        asked = consent_answers.our_consent(target)
        grant = world.rng.random() < 0.85
        kept = kept_there(world, asked)
        try:
            consent_answers.answer_consent(target, grant=grant, reason=WHY, by=head(node))
        except ConsentKept:
            require(kept, f"{node.name} cannot consent to {asked.report_uid}, of which nothing was kept")
            raise
        require(not (grant and kept), f"{node.name} consented to {asked.report_uid}, of which something was kept")
        return f"{asked.report_uid} {asked.holder} to {asked.recipient} {'granted' if grant else 'refused'}"


@action
class PassOn:
    """The author proposes to pass a held report on, mostly where there is a consent; what was kept never goes."""

    name = "pass-on"
    weight = 3
    refusals = frozenset(
        {"consent-missing", "consent-expired", "relay-kept", "agreement-none", "onward-twice", "release-forbidden"}
    )

    def target(self, world: World, node: SimNode) -> Step | None:
        """A held report, and to whom."""
        granted = (
            "SELECT r.id, c.recipient FROM records_consent c JOIN records_report r"
            " ON r.originator = c.originator AND r.uid = c.report_uid AND r.state = 'held'"
            " WHERE c.holder = ? AND c.state = 'granted' ORDER BY c.id"
        )
        found = node.rows(granted, node.name)
        if not found or world.rng.random() < 0.2:
            return step_onward(world, node)
        key, recipient = world.rng.choice(found)
        return Report.objects.get(pk=key), recipient

    def act(self, world: World, node: SimNode, target: Step) -> str:
        """Propose it."""
        row, recipient = target
        kept = kept_here(world, node, row)
        try:
            onward.propose_onward(row.uid, recipient, by=author(node))
        except RelayKept:
            require(kept, f"{node.name} cannot pass {row.uid} on, of which nothing was kept")
            raise
        require(not kept, f"{node.name} may pass {row.uid} on, of which something was kept")
        return f"{row.uid} v{row.version} to {recipient}"


@action
class ReleaseOnward:
    """The second person lets a held report go on."""

    name = "release-onward"
    weight = 12
    refusals = frozenset({"witness-missing", "consent-expired"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A held report that waits for it."""
        waiting = (
            "SELECT DISTINCT r.id FROM records_report r JOIN records_release rel ON rel.report_id = r.id"
            " WHERE r.originator != ? AND r.state = 'held' AND rel.state = 'proposed' ORDER BY r.id"
        )
        found = node.rows(waiting, node.name)
        return Report.objects.get(pk=world.rng.choice(found)[0]) if found else None

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Let it go."""
        return f"{target.uid} as {len(onward.release_onward(target.uid, by=head(node)))} messages"


@action
class Reconcile:
    """The head lets both sides of a line say what they hold, and sends again what the other lacks."""

    name = "reconcile"
    weight = 1
    refusals = frozenset({"exchange-unreachable", "exchange-answer"})

    def target(self, world: World, node: SimNode) -> str:
        """With whom."""
        return world.rng.choice([name for name in world.nodes if name != node.name])

    def act(self, world: World, node: SimNode, target: str) -> str:
        """Compare and mend."""
        done = reconciling.reconcile(target, by=head(node))
        return f"{target} agreed={done.agreed} mended={done.mended}"
