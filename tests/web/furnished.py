"""A node on which every page has something to show, in plain words: ours and a partner's, in every state."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from amana.domain.handling import Purpose
from amana.domain.joint import Shelf
from amana.domain.request import Question, Urgency
from amana.exchange.protocol import ConsentRequestBody, RecallBody, Type
from amana.records.models import Report
from amana.services import cases, documents, expertise, holds, meetings, recalls, releases, reports
from tests.counterpart import Counterpart
from tests.services.asking import ask, asks, look
from tests.services.test_exchange import drafted, held
from tests.services.test_joint_work import AREAS, marking
from tests.web.rooms import Cast, Words, furnish

URGENT = Question("His phone was bought in Rabat.", Urgency.LIFE, "A hostage is held.")


@transaction.atomic
def fill(cast: Cast, washington: Counterpart) -> None:
    """Fill the node."""
    words = Words()
    ours(cast)
    joint(cast)
    theirs(cast, washington)
    document = documents.take_in(words.text.encode(), filename="note.txt", viewpoint=look(cast.alice), by=cast.alice)
    documents.decide_suggestions(document, everything=True, by=cast.alice)
    furnish(cast, words)


def ours(cast: Cast) -> None:
    """A draft, one that waits, one released and being corrected, one recalled, and a request that waits."""
    alice, omar = cast.alice, cast.omar
    drafted(alice, "washington", title="A draft")
    releases.propose_release(drafted(alice, "washington", title="It waits").uid, by=alice)
    for title in ("It has gone", "It was corrected", "It was recalled"):
        row = drafted(alice, "washington", title=title)
        releases.propose_release(row.uid, by=alice)
        releases.release_report(row.uid, by=omar)
    recalls.recall_report(row.uid, reason="The wrong vessel", by=omar)
    again = reports.correct_report(titled("It was corrected").uid, reason="The wrong town", by=alice)
    releases.propose_release(again.uid, by=alice)
    releases.release_report(again.uid, by=omar)
    ask(alice, "washington", title="Whose phone is this?", question=URGENT)


def titled(title: str, version: int = 1) -> Report:
    """The report of this title."""
    return Report.objects.get(title=title, version=version)


def joint(cast: Cast) -> None:
    """A case with a task, a meeting with an action, something on each shelf."""
    today = timezone.localdate()
    sheet = cases.open_case("Atlas", handling=marking("washington"), crime_areas=AREAS, by=cast.alice)
    case = UUID(str((sheet.details or {})["case"]))
    cases.add_task(case, "Look at the yards", node="rabat", person="Alice", due=today, by=cast.alice)
    common = {"language": "en", "handling": marking("washington"), "crime_areas": AREAS, "by": cast.alice}
    meetings.draft_meeting(
        "In Rabat",
        place="Rabat",
        starts=timezone.now() + timedelta(days=2),
        agenda=("Ports",),
        participants=("Head of desk",),
        decisions=("Manifests are compared",),
        actions=(meetings.action("Send the list", node="rabat", person="Alice", due=today),),
        **common,  # type: ignore[arg-type]
    )
    for shelf in Shelf:
        more = {"shelf": shelf, "topics": ("ports",), "contact": "Alice"}
        expertise.draft_lesson("How a seal is read", "Look twice.", **more, **common)  # type: ignore[arg-type]


def theirs(cast: Cast, washington: Counterpart) -> None:
    """What Washington entrusted, holds back, recalled, asks, and wants to pass on."""
    row, _ = held(washington, title="Seen in Boston")
    holds.hold_report(row.uid, reason="The court asked for it", by=cast.omar)
    held(washington, title="Seen in Norfolk")
    _, gone = held(washington, title="Seen in Miami")
    washington.send(washington.message(Type.RECALL, RecallBody(gone.report, (1,), "The wrong man")))
    asks(washington, URGENT, title="Who holds this number?")
    washington.fetch()
    uid = str(titled("It has gone").uid)
    wish = ConsentRequestBody(str(uuid4()), uid, 1, "paris", Purpose.INVESTIGATION, "They search the yard.")
    washington.send(washington.message(Type.CONSENT_REQUEST, wish, agreement=""))
