"""What people at a node may do in a seed. A new act is one class with the mark `@action`; nothing else need change.

Each act first looks for something to do it to (`target`, None where there is nothing), so that the scheduler can draw
another; then it calls the real service as the officer who may.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from django.utils import timezone

from amana.domain.evaluation import Evaluation, Information, Source
from amana.domain.handling import Handling, Purpose, Tlp
from amana.domain.report import State
from amana.domain.statement import Entity, Nature, Statement
from amana.domain.viewpoint import Viewpoint
from amana.domain.vocabulary import Category, CrimeArea
from amana.records.models import Recall, Report, User
from amana.services import recalls, receipts, releases, reports
from amana.services.people import find_officer, viewpoint_of
from tests.simulator.watch import require

if TYPE_CHECKING:
    from tests.simulator.nodes import SimNode
    from tests.simulator.world import World

FORTNIGHTS = (2, 5, 30, 300)
SUBJECTS = ("e1", "e2", "e3")


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


def new_mark(world: World) -> str:
    """A word that stands in one version of one report and nowhere else."""
    return "zq" + "".join(world.rng.choices("abcdefghijklmnop", k=10))


def words_of(mark: str, *, subject: str, grade: Evaluation) -> dict[str, Any]:
    """The parts of a report that say the mark: title, text, and a name of a subject that other reports speak of too."""
    name = f"Karim {mark.title()}"
    return {
        "title": f"Container {mark}",
        "text": f"{name} was seen at the yard.",
        "entities": (Entity(subject, "Person", Category.SUSPECT),),
        "statements": (Statement("s1", subject, "Person", "name", name, Nature.FACT, grade, "en", (0, len(name))),),
    }


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
        """Write it, now and then on the ground of something entrusted; mostly propose it at once."""
        mark, today = new_mark(world), timezone.now().date()
        grade = Evaluation(Source.B, Information.CORROBORATED, today)
        held = one_of(world, node, State.HELD, own=False) if world.rng.random() < 0.15 else None
        row = reports.draft_report(
            **words_of(mark, subject=world.rng.choice(SUBJECTS), grade=grade),
            language="en",
            evaluation=grade,
            handling=Handling(
                tlp=Tlp.AMBER,
                releasable_to=frozenset(target),
                purposes=frozenset({Purpose.INVESTIGATION}),
                erase_by=today + timedelta(days=world.rng.choice(FORTNIGHTS)),
            ),
            crime_areas=frozenset({CrimeArea.DRUG_TRAFFICKING}),
            built_on=[held] if held is not None else [],
            by=author(node),
        )
        world.remember(mark, row)
        if held is None and world.rng.random() < 0.75:
            releases.propose_release(row.uid, by=author(node))
        return f"{row.uid} for {' '.join(sorted(target))}"


@action
class Propose:
    """The author proposes a draft; what rests on a partner's report may go back to that partner, and not on."""

    name = "propose"
    weight = 3
    refusals = frozenset({"release-third-party", "release-forbidden"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A draft."""
        return one_of(world, node, State.DRAFT, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Propose it."""
        recipients = Handling.from_json(target.handling).releasable_to
        sources = target.built_on.exclude(originator=node.name).values_list("originator", flat=True)
        foreign = any(recipient != source for source in sources for recipient in recipients)
        row = releases.propose_release(target.uid, by=author(node))
        require(not foreign, f"{node.name} proposed {row.uid}, which rests on what a partner entrusted")
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
    refusals = frozenset({"witness-missing", "release-forbidden"})

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
    """The author begins a new version with other words."""

    name = "correct"
    weight = 4
    refusals = frozenset({"report-not-released"})

    def target(self, world: World, node: SimNode) -> Report | None:
        """A released report."""
        return one_of(world, node, State.RELEASED, own=True)

    def act(self, world: World, node: SimNode, target: Report) -> str:
        """Begin the version, and write its words."""
        try:
            row = reports.correct_report(target.uid, reason="wrong name", by=author(node))
            mark, grade = new_mark(world), Evaluation.from_json(row.evaluation)
            words = words_of(mark, subject=row.entity_links.get().entity.uid, grade=grade)
            world.remember(mark, reports.change_draft(row.uid, by=author(node), **words))
        except BaseException:
            # A version may have been begun before the power went; it still says what the old one said.
            for old in world.marks_of(target):
                world.remember(old, target, later=1)
            raise
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
