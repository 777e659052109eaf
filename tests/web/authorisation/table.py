"""The oracle: who may GET and POST each address, written by hand from what the roles are for, not from the code.

To add a page: write one `Page` with the name of its address. `get` and `post` are the roles that may (None: the method
does not exist there). `ours` and `theirs` name the object of the scene that stands in the address (`scene.py` lists
them) for our own and for a partner's; an address that cannot work on a partner's object names it in `not_theirs`
instead, and everybody is refused there. `data` is what is posted; a value HELD is the number of a partner's report. An
address with a deed has one row for each deed; a deed that is also the name of a part is written with “=” before it.
The test fails for an address that has no row, and for a row whose address is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

AUTHOR, RELEASING, ANALYST, PORT = "author", "releasing-officer", "analyst", "port-officer"
HEAD, OVERSEER, OPERATOR = "head", "overseer", "operator"
ROLES = (AUTHOR, RELEASING, ANALYST, PORT, HEAD, OVERSEER, OPERATOR)
# People who have not come all the way through the door, and the address that each is sent to.
AT_THE_DOOR = {
    "nobody": "/sign-in/",
    "without-factor": "/sign-in/set-up/",
    "one-time-password": "/my-account/password/",
}

EVERYBODY = frozenset(ROLES)
READERS = EVERYBODY - {OVERSEER, OPERATOR}  # who opens content at all
WRITERS = frozenset({AUTHOR, ANALYST, PORT, HEAD})
SECOND = frozenset({RELEASING, HEAD})  # the second person, who also answers for consent
RECALLERS = frozenset({AUTHOR, RELEASING, HEAD})
KEEPERS = frozenset({HEAD, OPERATOR})  # who keeps the partners
WATCHERS = frozenset({OVERSEER, HEAD, OPERATOR})
ONLY_HEAD = frozenset({HEAD})
ONLY_OPERATOR = frozenset({OPERATOR})
ONLY_OVERSEER = frozenset({OVERSEER})
JUDGES = frozenset({AUTHOR, ANALYST, HEAD})  # who says that two entities are one
SEE_ACCESS = frozenset({OVERSEER, HEAD})  # who sees that somebody asked for access to what is held about them

Data = Mapping[str, Any] | Callable[[], Mapping[str, Any]]
REASON: Mapping[str, Any] = {"reason": "r"}


@dataclass(frozen=True, slots=True)
class Page:
    """One row: an address, who may, on which object, and why so."""

    name: str
    get: frozenset[str] | None
    post: frozenset[str] | None
    why: str
    args: tuple[Any, ...] = ()
    ours: str = ""
    theirs: str = ""
    not_theirs: str = ""
    data: Data = field(default_factory=dict)
    door: frozenset[str] = frozenset()  # who of those at the door may come here nevertheless
    query: str = ""
    leads_to: str = ""  # where it sends everybody, if that is a step of the door
    purpose_binds: bool = (
        True  # False: an act that the role and the clearance decide; reading it again takes the purpose
    )

    def __str__(self) -> str:
        return "-".join([self.name, *map(str, self.args)])


def usual_marking() -> dict[str, Any]:
    """What the form of a draft's marking holds."""
    return {
        "title": "Marked", "kind": "information", "source": "B", "information": "2", "as_of": str(date.today()),
        "tlp": "TLP:GREEN", "codes": ["H0"], "recipients": ["washington"], "purposes": ["investigation"],
        "crime_areas": ["terrorism"], "erase_by": str(date.today() + timedelta(days=200)), "caveats": "",
    }  # fmt: skip


def a_file() -> dict[str, Any]:
    """What the form of a document holds."""
    return {"tlp": "TLP:GREEN", "file": SimpleUploadedFile("note.txt", b"The lorry waited at Casablanca.")}


AT_ANY_STEP = frozenset(AT_THE_DOOR)
SIGNED_IN = frozenset({"without-factor", "one-time-password"})
WITHOUT = frozenset({"without-factor"})


def act(deed: str, who: frozenset[str], ours: str, why: str, **more: Any) -> Page:
    """A button of a report's page."""
    more.setdefault("not_theirs", "held")
    return Page("act", None, who, why, (deed,), ours=ours, data=REASON, purpose_binds=False, **more)


PAGES = (
    # The door and one's own account.
    Page("sign-in", EVERYBODY, EVERYBODY, "the door; who is in is sent on", door=AT_ANY_STEP),
    Page("account_login", EVERYBODY, EVERYBODY, "the same address", door=AT_ANY_STEP),
    Page("mfa_authenticate", EVERYBODY, EVERYBODY, "only within a sign-in; sent on otherwise", door=AT_ANY_STEP),
    Page("account_reauthenticate", EVERYBODY, EVERYBODY, "one's own password", data={"password": "x"}, door=WITHOUT),
    Page("second-factor", EVERYBODY, None, "one's own", door=WITHOUT),
    Page("sign-out", None, EVERYBODY, "everybody may leave", door=SIGNED_IN, leads_to="/sign-in/"),
    Page("language", None, EVERYBODY, "a language is no secret", data={"language": "de"}, door=AT_ANY_STEP),
    Page(
        "viewpoint",
        READERS,
        READERS,
        "for who reads content: it names cases",
        data={"purpose": "prosecution", "reason": "r"},
    ),
    Page("keys", EVERYBODY, None, "the keys of the keyboard are no secret"),
    Page("find", EVERYBODY, EVERYBODY, "finds for each what each may open", data={"words": "e"}),
    Page("home", EVERYBODY, EVERYBODY, "leads everybody to their first page"),
    Page("mfa_index", EVERYBODY, None, "one's own account"),
    Page("own-password", EVERYBODY, EVERYBODY, "one's own", door=frozenset({"one-time-password"})),
    Page("mfa_activate_totp", EVERYBODY, EVERYBODY, "one's own", data={"code": "0"}, door=WITHOUT),
    Page("mfa_deactivate_totp", EVERYBODY, EVERYBODY, "one's own; the last one stays"),
    Page("mfa_add_webauthn", EVERYBODY, EVERYBODY, "one's own", data={"credential": "{}"}, door=WITHOUT),
    Page("mfa_remove_webauthn", frozenset(), frozenset(), "somebody else's key", ("key",)),
    Page("mfa_view_recovery_codes", frozenset(), None, "nobody here has any yet: not there"),
    Page("mfa_generate_recovery_codes", EVERYBODY, EVERYBODY, "one's own"),
    Page("end-other-sessions", None, EVERYBODY, "one's own"),
    Page("end-session", None, frozenset(), "somebody else's session", ("session",)),
    # Administration.
    Page("people", ONLY_OPERATOR, None, "the operator gives accounts"),
    Page("person-new", ONLY_OPERATOR, ONLY_OPERATOR, "the operator gives accounts"),
    Page("people-changes", WATCHERS, None, "the second person for an account: operator, head or overseer"),
    Page("people-decide", None, WATCHERS, "the second person", ("change", "confirm")),
    Page("people-decide", None, WATCHERS, "the second person", ("change", "decline")),
    Page("person", ONLY_OPERATOR, None, "no content, and only for who gives accounts", ("person",)),
    Page("person-rights", None, ONLY_OPERATOR, "nobody gives themselves a role", ("person",)),
    Page("person-password", None, ONLY_OPERATOR, "or they would sign in as another", ("person",), data=REASON),
    Page("person-session", None, ONLY_OPERATOR, "ends another's session", ("person", "session"), data=REASON),
    *(
        Page("person-act", None, ONLY_OPERATOR, "an act on another's account", ("person", deed), data=REASON)
        for deed in ("close", "reopen", "reset-factor", "end-sessions")
    ),
    # Reading.
    Page("desk", READERS, None, "content"),
    Page("desk-lines", READERS, None, "figures of what may be read"),
    Page("inbox", READERS, None, "content"),
    Page("reports", READERS, None, "content"),
    Page("report", READERS, None, "content", ours="draft", theirs="held"),
    Page("report-version", READERS, None, "content", (1,), ours="draft", theirs="held"),
    Page("preview", READERS, None, "what would leave is content", ours="proposed", not_theirs="held"),
    Page("compare", READERS, None, "content", ours="draft", theirs="held"),
    Page(
        "letter",
        READERS,
        None,
        "the report on paper, for who may read it",
        (1,),
        ours="released",
        not_theirs="held",
        query="to=washington",
    ),
    Page("original", READERS, None, "content as it came", (1, "sha256"), ours="composed"),
    Page("evidence", READERS, None, "content", ("statement",), ours="draft"),
    Page("requests", READERS, None, "content"),
    Page("request", READERS, None, "content", theirs="request", not_theirs="held"),
    Page("cases", READERS, None, "content"),
    Page("case", READERS, None, "content", ours="case"),
    Page("tasks", READERS, None, "content"),
    Page("meetings", READERS, None, "content"),
    Page("briefing", READERS, None, "content", ("washington",)),
    Page("expertise", READERS, None, "content"),
    Page("documents", READERS, None, "content"),
    Page("document", READERS, None, "content; a document has a marking and no purpose", ours="document"),
    Page("consents", READERS, None, "names reports"),
    Page("match", READERS, READERS, "a search in content", data={"q": "Karim Belkadi"}),
    Page("entities", READERS, READERS, "a search in content", data={"q": "Karim Belkadi"}),
    Page("entity", READERS, None, "content", ours="entity"),
    Page("entity-leads", READERS, None, "content", ours="entity"),
    Page(
        "entity-beside",
        READERS,
        JUDGES,
        "content; a judgement changes how all see it",
        ("other",),
        ours="entity",
        data={"verdict": "undecided", "reason": "r"},
    ),
    Page("judgement-undo", None, JUDGES, "as judging", ("judgement",), ours="entity", data=REASON),
    Page(
        "blind",
        READERS,
        WRITERS,
        "asking is writing to a partner",
        data=lambda: {
            "partner": "washington",
            "case": "c",
            "ground": "g",
            "name": "Ali",
            "category": "suspect",
            "born": "1980-05-17",
        },
    ),
    Page("partners", EVERYBODY, None, "with whom we work is no secret in the house"),
    Page("cooperation", READERS, None, "figures of what may be read"),
    Page("partner", EVERYBODY, None, "with whom we work is no secret in the house", ("paris",)),
    *(
        Page("partner-change", None, KEEPERS, "who keeps the partners, two of them", (node, deed), data=REASON)
        for node, deed in (
            ("paris", "suspend"),
            ("oslo", "confirm-suspend"),
            ("oslo", "decline"),
            ("bern", "resume"),
            ("lima", "confirm-resume"),
            ("rome", "confirm-card"),
        )
    ),
    Page("log", WATCHERS, None, "who did what is for who watches"),
    # Oversight.
    Page("oversight", ONLY_OVERSEER, None, "whoever answers for the node does not inspect it"),
    Page("oversight-desk", EVERYBODY, None, "what an overseer asks of oneself; the rest for who watches"),
    Page("oversight-log", ONLY_OVERSEER, None, "the overseer's room"),
    Page("oversight-bundle", None, ONLY_OVERSEER, "the overseer's room"),
    Page("oversight-entry", ONLY_OVERSEER, None, "the overseer's room", (0,)),
    Page("oversight-proof", None, ONLY_OVERSEER, "the overseer's room", (0,)),
    Page(
        "oversight-checks",
        ONLY_OVERSEER,
        ONLY_OVERSEER,
        "only who is checked by nobody here draws",
        data={"what": "releases", "wanted": "3", "number": "17"},
    ),
    Page("oversight-check", ONLY_OVERSEER, None, "what was drawn", ("check",)),
    Page(
        "oversight-finding",
        None,
        ONLY_OVERSEER,
        "what was found",
        ("check", 1),
        data={"finding": "in-order"},
    ),
    Page("oversight-answer", None, frozenset(), "a question to somebody else", ("check", 2), data=REASON),
    Page("oversight-content", None, frozenset(), "no overseer here has a mandate", ours="released", theirs="held"),
    Page(
        "oversight-mandates",
        None,
        KEEPERS,
        "never the overseer's own",
        data=lambda: {"name": "watcher", "ground": "g", "until": str(date.today() + timedelta(days=9))},
    ),
    Page("oversight-mandate", None, KEEPERS, "the second person", ("mandate",)),
    Page(
        "oversight-access-list",
        SEE_ACCESS,
        ONLY_OVERSEER,
        "a person's request is for the overseer, and the head answers for the node",
        data=lambda: {"name": "Ali Saleh", "asked_on": str(date.today()), "identity": "passport"},
    ),
    Page("oversight-access", SEE_ACCESS, None, "as the list", ("access",)),
    *(
        Page("oversight-access-act", None, who, why, ("access", deed), data=data)
        for deed, who, why, data in (
            ("search", frozenset(), "no overseer here has a mandate", REASON),
            ("extend", ONLY_OVERSEER, "the overseer's clock", REASON),
            ("ask", ONLY_HEAD, "a notice is writing, by who sees the request", {"report": "HELD"}),
            ("note", ONLY_OVERSEER, "the overseer's file", {"report": "HELD", "reason": "r", "consented": "yes"}),
            (
                "decide",
                ONLY_OVERSEER,
                "the overseer decides",
                {"outcome": "refused", "ground": "identity-not-shown", "reason": "r"},
            ),
        )
    ),
    Page("oversight-retention", ONLY_OVERSEER, None, "the overseer's room"),
    Page(
        "oversight-orders",
        ONLY_OVERSEER,
        ONLY_OVERSEER,
        "only an overseer orders",
        data={"what": "stop", "partner": "paris", "ground": "unlawful-processing", "addressee": "a", "reason": "r"},
    ),
    Page("oversight-lift", None, ONLY_OVERSEER, "only an overseer lifts", ("order",), data=REASON),
    Page("oversight-register", ONLY_OVERSEER, None, "the overseer's room"),
    # Writing.
    Page("compose", WRITERS, WRITERS, "writing", data={"tlp": "TLP:GREEN", "text": "The lorry waited."}),
    Page(
        "compose-draft",
        WRITERS,
        WRITERS,
        "a page to write on",
        ours="draft",
        not_theirs="held",
        data=usual_marking,
    ),
    Page("compose-known", WRITERS, None, "what it names is held here", ours="draft", not_theirs="held"),
    Page("compose-from", None, WRITERS, "writing", ours="document"),
    *(
        Page(
            "case-act", None, WRITERS, "a sheet is writing", (f"={deed}",), ours="case", data=data, purpose_binds=binds
        )
        for deed, data, binds in (
            ("join", {}, True),
            ("close", {}, False),
            ("report", {"report": "HELD"}, False),
            ("task", {"what": "t", "node": "rabat", "person": "Alice", "due": "2030-01-01"}, False),
        )
    ),
    Page(
        "categorise",
        None,
        WRITERS,
        "writing",
        ours="draft",
        not_theirs="held",
        data={"category-e-fits-draft": "contact"},
        purpose_binds=False,
    ),
    Page("assess", None, WRITERS, "writing", ("statement",), ours="draft", not_theirs="held"),
    Page("tell", None, READERS, "who reads says so", ours="draft", theirs="held", data={"step": "read"}),
    Page("open-case", None, WRITERS, "writing", ours="draft", theirs="held", purpose_binds=False),
    Page("communique", None, WRITERS, "writing", ours="meeting", not_theirs="held", purpose_binds=False),
    Page("task-done", None, WRITERS, "writing", ("task",), ours="meeting", data=REASON, purpose_binds=False),
    Page(
        "see-flag",
        None,
        WRITERS,
        "who writes it has seen what it rests on",
        ("flag",),
        ours="draft",
        purpose_binds=False,
    ),
    Page("take-in", None, WRITERS, "writing", data=a_file),
    Page("decide", None, WRITERS, "writing", ours="document", data={"decide": "all"}),
    Page("draw", None, WRITERS, "writing", ours="document", data=usual_marking),
    Page("ask", WRITERS, WRITERS, "a request is writing"),
    *(
        Page("answer", None, WRITERS, "an answer is writing", (deed,), theirs="request", data=data)
        for deed, data in (
            ("reply", {"text": "t", "full": "full"}),
            ("refuse", {"text": "t", "ground": "minor-offence"}),
            ("extend", {"text": "t", "hours": "24"}),
            ("clarify", {"text": "t", "partner": "washington"}),
        )
    ),
    Page("blind-request", None, frozenset(), "no hit is there", ("question", 9), data={"crime_area": "terrorism"}),
    Page("blind-alarms", None, KEEPERS, "a partner's conduct is for who keeps partners", ("washington",)),
    # Leaving the house.
    act("propose", WRITERS, "draft", "writers propose"),
    act("release", SECOND, "proposed", "the second person"),
    act("decline", SECOND, "proposed", "the second person"),
    act("recall", RECALLERS, "released", "who wrote or released it, or heads the desk"),
    act("correct", WRITERS, "released", "a new version is writing"),
    Page(
        "restrict",
        None,
        RECALLERS,
        "as recall",
        ours="released",
        not_theirs="held",
        data={"tlp": "TLP:AMBER", "codes": ["H0"], "purposes": ["investigation"], "reason": "r"},
    ),
    Page(
        "ask-consent",
        None,
        WRITERS,
        "writing to a partner",
        theirs="held",
        data={"recipient": "paris", "purpose": "investigation", "reason": "r"},
        purpose_binds=False,
    ),
    Page(
        "pass-on",
        None,
        WRITERS,
        "writers propose",
        ("propose",),
        theirs="held",
        data={"recipient": "paris"},
        purpose_binds=False,
    ),
    Page("pass-on", None, SECOND, "the second person", ("release",), theirs="held", purpose_binds=False),
    Page("pass-on", None, SECOND, "the second person", ("decline",), theirs="held", data=REASON, purpose_binds=False),
    Page(
        "hold", None, ONLY_HEAD, "a legal hold is the head's", ("lay",), theirs="held", data=REASON, purpose_binds=False
    ),
    Page(
        "hold",
        None,
        ONLY_HEAD,
        "a legal hold is the head's",
        ("lift",),
        theirs="held",
        data=REASON,
        purpose_binds=False,
    ),
    Page(
        "answer-consent",
        None,
        SECOND,
        "the originator's word",
        ours="consent",
        data={"deed": "grant", "reason": "r"},
        purpose_binds=False,
    ),
    Page("accept", None, ONLY_HEAD, "the head signs for the agency", ("agreement",)),
)
