"""What two desks do together, as details of a report: meetings, case sheets, lessons, notices.

Invariant: each is written by one node and belongs to it; what both sides see is the sum of what each released to the
other. People of the services are named here by office, subjects stand in the report's entities.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from amana.domain.form import Form, Json
from amana.domain.times import instant, parse_day, parse_instant

MOST_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody is to do: `node` owes it, `person` there, `due` is a day."""

    id: str
    what: str
    node: str
    person: str
    due: date
    done: bool = False

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "id": self.id,
            "what": self.what,
            "node": self.node,
            "person": self.person,
            "due": self.due.isoformat(),
            "done": self.done,
        }

    @classmethod
    def from_json(cls, data: object) -> Task:
        """Read the form; raises BadInput."""
        with Form(data, "task") as form:
            return cls(
                id=form.text("id", most=100),
                what=form.text("what", most=10_000),
                node=form.text("node", most=40),
                person=form.text("person", most=200),
                due=parse_day(form.text("due")),
                done=form.flag("done"),
            )


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting: where and when, its agenda, who took part (by office), what was decided, and who does what by when."""

    place: str
    starts: datetime
    agenda: tuple[str, ...] = ()
    participants: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()
    actions: tuple[Task, ...] = ()

    def missing(self) -> tuple[str, ...]:
        """What a meeting record still needs before it may leave."""
        lacks = {"place": not self.place.strip(), "participants": not self.participants}
        return tuple(name for name, lacking in lacks.items() if lacking)

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return (self.place, *self.agenda, *self.participants, *self.decisions, *(one.what for one in self.actions))

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "place": self.place,
            "starts": instant(self.starts),
            "agenda": list(self.agenda),
            "participants": list(self.participants),
            "decisions": list(self.decisions),
            "actions": [one.to_json() for one in self.actions],
        }

    @classmethod
    def from_json(cls, data: object) -> Meeting:
        """Read the form; raises BadInput."""
        with Form(data, "meeting") as form:
            return cls(
                place=form.text("place", most=500),
                starts=parse_instant(form.text("starts", most=40)),
                agenda=form.texts("agenda", most=MOST_ITEMS),
                participants=form.texts("participants", most=MOST_ITEMS),
                decisions=form.texts("decisions", most=MOST_ITEMS),
                actions=form.list_of("actions", Task.from_json, most=MOST_ITEMS),
            )


@dataclass(frozen=True, slots=True)
class Member:
    """A report that belongs to a case, named by originator and number only; who does not hold it sees a stub."""

    originator: str
    report: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"originator": self.originator, "report": self.report}

    @classmethod
    def from_json(cls, data: object) -> Member:
        """Read the form; raises BadInput."""
        with Form(data, "member") as form:
            return cls(originator=form.text("originator", most=40), report=form.text("report", most=36))


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """One node's sheet of a joint case: what it brings in and what is to be done. The case is the sum of its sheets."""

    case: str
    node: str
    members: tuple[Member, ...] = ()
    tasks: tuple[Task, ...] = ()
    closed: bool = False

    def missing(self) -> tuple[str, ...]:
        """A sheet may leave as it is."""
        return ()

    def only_for(self, node: str) -> CaseSheet:
        """The sheet as one recipient sees it: it does not learn through it who else works on the case."""
        both = {self.node, node}
        return replace(
            self,
            members=tuple(one for one in self.members if one.originator in both),
            tasks=tuple(one for one in self.tasks if one.node in both),
        )

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return tuple(one.what for one in self.tasks)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "case": self.case,
            "node": self.node,
            "members": [one.to_json() for one in self.members],
            "tasks": [one.to_json() for one in self.tasks],
            "closed": self.closed,
        }

    @classmethod
    def from_json(cls, data: object) -> CaseSheet:
        """Read the form; raises BadInput."""
        with Form(data, "case sheet") as form:
            return cls(
                case=form.text("case", most=36),
                node=form.text("node", most=40),
                members=form.list_of("members", Member.from_json, most=MOST_ITEMS),
                tasks=form.list_of("tasks", Task.from_json, most=MOST_ITEMS),
                closed=form.flag("closed"),
            )


class Shelf(StrEnum):
    """What kind of thing stands on the expertise shelf."""

    LESSON = "lesson"
    METHOD = "method"
    EXPERT = "expert"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Something for the expertise shelf; `topics` are words to find it by, `contact` the office to ask."""

    shelf: Shelf
    topics: tuple[str, ...] = ()
    contact: str = ""

    def missing(self) -> tuple[str, ...]:
        """Who offers an expert says whom to ask."""
        return ("contact",) if self.shelf is Shelf.EXPERT and not self.contact.strip() else ()

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return (*self.topics, self.contact)

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"shelf": str(self.shelf), "topics": list(self.topics), "contact": self.contact}

    @classmethod
    def from_json(cls, data: object) -> Lesson:
        """Read the form; raises BadInput."""
        with Form(data, "lesson") as form:
            return cls(
                shelf=form.choice("shelf", Shelf),
                topics=form.texts("topics", most=MOST_ITEMS),
                contact=form.text("contact", most=1_000),
            )


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the other desk should know; where it tells that a task is done, `report` and `task` say which."""

    report: str = ""
    task: str = ""

    def missing(self) -> tuple[str, ...]:
        """A notice may leave as it is."""
        return ()

    def words(self) -> tuple[str, ...]:
        """What it is found by."""
        return ()

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"report": self.report, "task": self.task}

    @classmethod
    def from_json(cls, data: object) -> Notice:
        """Read the form; raises BadInput."""
        with Form(data, "notice") as form:
            return cls(report=form.text("report", most=36), task=form.text("task", most=100))
