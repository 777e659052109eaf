"""What people at a node may do in a seed. A new act is one class with the mark `@action`; nothing else need change.

Each act first looks for something to do it to (`target`, None where there is nothing), so that the scheduler can draw
another; then it calls the real service as the officer who may.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import CrimeArea
from amana.records.models import Recall, Report, User
from amana.services import recalls, receipts, releases, reports
from amana.services.people import find_officer, viewpoint_of
from tests.simulator.kept import Page, draw_page
from tests.simulator.watch import require

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

FORTNIGHTS = (2, 5, 30, 300)


class Action(Protocol):
    """One kind of act: how often it is drawn, whom it is done to, and which refusals are no surprise."""

    name: ClassVar[str]
    weight: ClassVar[int]
    refusals: ClassVar[frozenset[str]]

    def target(self, world: World, node: SimNode) -> Any:
        """Something at this node that the act can be done to now; None where there is nothing."""

    def act(self, world: World, node: SimNode, target: Any) -> str:
        """Do it, and say in a word what came of it."""


ACTIONS: dict[str, Action] = {}
_Kind = TypeVar("_Kind", bound=type[Any])


def action(kind: _Kind) -> _Kind:
    """Let the scheduler draw this act."""
    ACTIONS[kind.name] = kind()
    return kind


def author(node: SimNode) -> User:
    """Who writes here."""
    return find_officer(node.author)


def head(node: SimNode) -> User:
    """Who releases and recalls here."""
    return find_officer(node.head)


def look(node: SimNode) -> Viewpoint:
    """From where the author reads."""
    return viewpoint_of(author(node))


def partners_of(world: World, node: SimNode) -> list[str]:
    """To whom something may be kept here: all nodes but this one and the one without an agreement."""
    return [name for name in world.nodes if name not in (node.name, "third")]


def one_of(world: World, node: SimNode, *states: State, own: bool) -> Report | None:
    """A report in one of these states, ours or a partner's, drawn from the seed."""
    places = ", ".join("?" * len(states))
    found = node.rows(
        f"SELECT id FROM records_report WHERE state IN ({places}) AND (originator = ?) = ? ORDER BY id",
        *states,
        node.name,
        own,
    )
    return Report.objects.get(pk=world.rng.choice(found)[0]) if found else None


def write(world: World, node: SimNode, page: Page, to: tuple[str, ...], *, built_on: Sequence[Report] = ()) -> Report:
    """Let the author write a page for these partners."""
    today = timezone.now().date()
    grade = Evaluation(Source.B, Information.CORROBORATED, today)
    row = reports.draft_report(
        **page.parts(grade),
        language="en",
        evaluation=grade,
        handling=Handling(
            tlp=Tlp.AMBER,
            releasable_to=frozenset(to),
            purposes=frozenset({Purpose.INVESTIGATION}),
            erase_by=today + timedelta(days=world.rng.choice(FORTNIGHTS)),
        ),
        crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
        built_on=built_on,
        by=author(node),
    )
    world.remember(page, row)
    return row


@action
class Draft:
    """The author writes a report for some of the partners with whom there is an agreement."""

    name = "draft"
    weight = 5
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> tuple[str, ...] | None:
        """Whom it is for."""
        rows = node.rows("SELECT partner_id FROM records_agreement WHERE state = 'in-force' ORDER BY partner_id")
        partners = [str(partner) for (partner,) in rows]
        return tuple(world.rng.sample(partners, world.rng.randint(1, len(partners)))) if partners else None

    def act(self, world: World, node: SimNode, target: tuple[str, ...]) -> str:
        """Write it, some of it kept, now and then resting on something entrusted; mostly propose it at once."""
        page = world.kept.write(draw_page(world.rng, partners_of(world, node)))
        held = one_of(world, node, State.HELD, own=False) if world.rng.random() < 0.15 else None
        if held is not None and world.rng.random() < 0.5:
            target = (held.originator,)
        row = write(world, node, page, target, built_on=[held] if held is not None else [])
        if (held is None or target == (held.originator,)) and world.rng.random() < 0.75:
            releases.propose_release(row.uid, by=author(node))
        return f"{row.uid} for {' '.join(sorted(target))}"


def may_go(world: World, node: SimNode, row: Report, to: str) -> bool:
    """Whether whoever entrusted what a draft rests on gets it back, or consented; never where it kept a part of it.

    Of a version that was replaced its holder cannot tell any more.
    """
    granted = (
        "SELECT id FROM records_consent WHERE originator = ? AND report_uid = ? AND version <= ?"
        " AND holder = ? AND recipient = ? AND state = 'granted'"
    )
    for source in row.built_on.exclude(originator__in=(node.name, to)):
        step = source.originator, source.uid.hex, source.version, node.name, to
        if source.title and world.kept.page(source.title).kept_for(source.via or node.name):
            return False
        if not node.rows(granted, *step):
            return False
    return True


@action
class Propose:
    """The author proposes a draft; what rests on a partner's report may go back to it, and on with its consent only."""

    name = "propose"
    weight = 3
    refusals = frozenset({"release-third-party", "release-marking-laxer", "release-forbidden"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A draft."""
        return one_of(world, node, State.DRAFT, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Propose it."""
        stopped = [
            to for to in Handling.from_json(target.handling).releasable_to if not may_go(world, node, target, to)
        ]
        row = releases.propose_release(target.uid, by=author(node))
        require(not stopped, f"{node.name} proposed {row.uid}, which rests on what a partner entrusted, to {stopped}")
        return str(row.uid)


@action
class ProposeToStranger:
    """Somebody wants to send a draft to the node without an agreement."""

    name = "propose-to-stranger"
    weight = 1
    refusals = frozenset({"agreement-none", "release-third-party"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A draft."""
        return one_of(world, node, State.DRAFT, own=True) if node.name != "third" else None

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Try, in vain."""
        releases.propose_release(target.uid, recipients=["third"], by=author(node))
        require(False, f"{node.name} may propose {target.uid} to a node without an agreement")
        return ""


@action
class Release:
    """The second person lets a proposed report go."""

    name = "release"
    weight = 12
    refusals = frozenset({"witness-missing", "release-forbidden", "release-third-party"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A proposed report."""
        return one_of(world, node, State.AWAITING_RELEASE, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Release it."""
        return f"{target.uid} as {len(releases.release_report(target.uid, by=head(node)))} messages"


@action
class ReleaseAlone:
    """The author tries to release what is their own."""

    name = "release-alone"
    weight = 1
    refusals = frozenset({"role-missing", "release-second-person"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A proposed report."""
        return one_of(world, node, State.AWAITING_RELEASE, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Try, in vain."""
        releases.release_report(target.uid, by=author(node))
        require(False, f"{node.name} released {target.uid} without a second person")
        return ""


@action
class Decline:
    """The second person sends a proposal back."""

    name = "decline"
    weight = 1
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Report | None:
        """A proposed report."""
        return one_of(world, node, State.AWAITING_RELEASE, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Decline it."""
        return str(releases.decline_release(target.uid, reason="not yet", by=head(node)).uid)


@action
class Correct:
    """The author begins a new version with other words, of which more or less is kept."""

    name = "correct"
    weight = 4
    refusals = frozenset({"report-not-released"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A released report."""
        return one_of(world, node, State.RELEASED, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Begin the version, write its words, and mostly propose it at once."""
        try:
            row = reports.correct_report(target.uid, reason="wrong name", by=author(node))
            old, grade = world.kept.page(row.title), Evaluation.from_json(row.evaluation)
            page = world.kept.write(draw_page(world.rng, partners_of(world, node), old=old))
            world.remember(page, reports.change_draft(row.uid, by=author(node), **page.parts(grade)))
        except BaseException:
            # A version may have been begun before the power went; it still says what the old one said.
            world.remember(world.kept.page(target.title), target, later=1)
            raise
        if not row.built_on.exists() and world.rng.random() < 0.6:
            releases.propose_release(row.uid, by=author(node))
        return f"{row.uid} v{row.version}"


@action
class RecallReport:
    """The head takes a released report back from all who hold it."""

    name = "recall"
    weight = 4
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Report | None:
        """A released report, or one whose correction is out."""
        return one_of(world, node, State.RELEASED, State.SUPERSEDED, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Recall it."""
        recall: Recall = recalls.recall_report(target.uid, reason="source withdrawn", by=head(node))
        return f"{target.uid} versions {recall.versions}"


@action
class Read:
    """The author opens a held report, and its originator is told."""

    name = "read"
    weight = 5
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Report | None:
        """A held report."""
        return one_of(world, node, State.HELD, own=False)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Open it and tell."""
        shown = reports.show_report(target.uid, version=target.version, viewpoint=look(node))
        require(shown.content is not None, f"{node.name} cannot open {target.uid}, which it holds")
        told = receipts.tell_step(target, receipts.Step.READ, by=author(node))
        return f"{target.uid} {'told' if told else 'told before'}"


@action
class Feedback:
    """The author says what a held report was good for."""

    name = "feedback"
    weight = 3
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Report | None:
        """A held report, or one that was replaced."""
        return one_of(world, node, State.HELD, State.SUPERSEDED, own=False)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Say it."""
        step = receipts.Step(world.rng.choice(receipts.TELLABLE))
        return f"{target.uid} {step} {receipts.tell_step(target, step, note='noted', by=author(node))}"


@action
class UseWithdrawn:
    """The author tries to read, find and export what was taken back."""

    name = "use-withdrawn"
    weight = 2
    refusals: ClassVar[frozenset[str]] = frozenset()

    def target(self, world: World, node: SimNode) -> Report | None:
        """A withdrawn report."""
        return one_of(world, node, State.WITHDRAWN, own=False)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Try each way, in vain."""
        shown = reports.show_report(target.uid, version=target.version, viewpoint=look(node))
        require(shown.content is None, f"{node.name} can still open {target.uid}")
        for mark in world.marks_of(target):
            found = reports.list_reports(viewpoint=look(node), words=mark)
            require(not found, f"{node.name} still finds the words of {target.uid}")
        try:
            reports.export_ftm(shown, viewpoint=look(node))
        except reports.ReportUnknown:
            return str(target.uid)
        require(False, f"{node.name} can still export {target.uid}")
        return ""
