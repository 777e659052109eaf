"""Words for the domain's stable values, translatable: states, grades, steps, categories, purposes and more."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from amana.services import content_words
from amana.web import words_oversight

STATES = {
    "draft": _("Draft"),
    "awaiting-release": _("Waits for a second person"),
    "released": _("Released"),
    "recalled": _("Recalled"),
    "stopped": _("Stopped"),
    "held": _("Held"),
    "doubted": _("In doubt: its key may be stolen"),
    "withdrawn": _("Withdrawn by its originator"),
    "superseded": _("Superseded by a newer version"),
}
ACTS = {
    "collection": _("collection"),
    "alteration": _("alteration"),
    "consultation": _("consultation"),
    "disclosure": _("disclosure"),
    "combination": _("combination"),
    "erasure": _("erasure"),
    "administration": _("administration"),
    "refusal": _("refusal"),
}
ROLES = {
    "author": _("Author"),
    "releasing-officer": _("Releasing officer"),
    "analyst": _("Analyst"),
    "port-officer": _("Port control officer"),
    "head": _("Head of desk"),
    "overseer": _("Overseer"),
    "operator": _("Operator"),
}
FACTORS = {
    "totp": _("Authenticator app"),
    "webauthn": _("Security key or passkey"),
    "recovery_codes": _("Recovery codes"),
}
PEOPLE_CHANGES = {
    "open": _("Give the account"),
    "change": _("Change roles, clearance or desk"),
    "close": _("Close the account"),
    "reopen": _("Open the account again"),
    "password": _("Make a new one-time password"),
    "factors": _("Reset the second factor"),
    "sessions": _("End the sessions"),
}
SHELVES = {
    "lesson": _("Lesson"),
    "method": _("Method"),
    "expert": _("Expert"),
    "training": _("Training"),
}
STEPS = {
    "queued": _("Released"),
    "sent": _("Sent"),
    "received": _("Received"),
    "read": _("Read"),
    "taken-up": _("Taken up"),
    "feedback-useful": _("Useful"),
    "feedback-led-to": _("Led to something"),
    "feedback-no-value": _("Of no value"),
}
EFFECTS = {
    "withdrawn": _("withdrawn everywhere, and its key destroyed"),
    "restricted": _("restricted"),
    "step-ended": _("passes nothing on any more"),
    "silent": _("has not confirmed yet"),
    "holds-it": _("holds it"),
    "on-its-way": _("on its way"),
    "refused-it": _("refused it"),
    "not-held": _("was not held"),
    "kept-legal-hold": _("kept under a legal hold"),
    "never-sent": _("had never been sent"),
    "": _("has not confirmed yet"),
}
CONSENT_STATES = {
    "asked": _("Waits for the originator's answer"),
    "granted": _("Granted"),
    "refused": _("Refused"),
    "revoked": _("Revoked"),
}
ONWARD_STATES = {
    "proposed": _("Waits for a second person"),
    "released": _("Passed on"),
    "declined": _("Sent back"),
    "stopped": _("Stopped"),
}
CHANGES = {
    "recalled": _("was recalled"),
    "restricted": _("was restricted"),
    "corrected": _("was corrected"),
}
ROSTER_CHANGES = {
    "introduce": _("New partner"),
    "card": _("New card"),
    "suspend": _("Suspend"),
    "resume": _("Resume"),
    "rotate": _("New keys of our own"),
    "compromised": _("A key of our own is compromised"),
}
PARTNER_STATES = {
    "introduced": _("Fingerprint not compared yet"),
    "confirmed": _("Confirmed"),
    "suspended": _("Suspended"),
}
AGREEMENT_STATES = {
    "proposed": _("Waits for a signature"),
    "in-force": _("In force"),
    "declined": _("Declined"),
    "ended": _("Ended"),
}
SUGGESTION_KINDS = {
    "person": _("Person"),
    "organisation": _("Organisation"),
    "place": _("Place"),
    "date": _("Date"),
    "meeting": _("Meeting"),
    "topic": _("Topic"),
    "identifier": _("Identifier"),
    "unknown": _("Unclear"),
}
SUGGESTION_STATES = {"open": _("Open"), "accepted": _("Accepted"), "rejected": _("Rejected")}
MISSING = {
    "title": _("a title"),
    "text-or-statements": _("a text or statements"),
    "crime-area": _("a crime area"),
    "purposes": _("a purpose"),
    "releasable-to": _("at least one recipient"),
    "caveat-for-h3": _("a caveat that says what H3 means here"),
    "details": _("what its kind asks for"),
    "grounds-to-believe": _("why the partner is believed to hold it"),
    "place": _("the place"),
    "participants": _("who took part"),
    "contact": _("the office to ask"),
    "category": _("a category for each person"),
}

REQUEST_STATES = {
    "sent": _("Sent"),
    "open": _("Open"),
    "clarification-asked": _("Asked back"),
    "waiting-for-authorisation": _("Waits for a judicial authorisation"),
    "answered-in-part": _("Answered in part"),
    "answered": _("Answered"),
    "refused": _("Refused"),
    "withdrawn": _("Withdrawn"),
}
PACES = {
    "not-received-yet": _("not received yet"),
    "running": _("in time"),
    "due-soon": _("due soon"),
    "overdue": _("overdue"),
    "ended": _("ended"),
}
COLUMNS = {
    "to-answer": _("To answer"),
    "clarification": _("Clarification"),
    "waiting-for-partner": _("Waiting for the partner"),
    "due-soon": _("Due soon"),
    "overdue": _("Overdue"),
    "done": _("Done"),
}
MAY_GO = {
    "may-go": _("may go to them: the agreement permits it"),
    "they-have-it": _("they have it already"),
    "may-not-go": _("may not go to them"),
    "needs-consent": _("another node's: it does not go on without its consent"),
    "consented": _("another node's, whose consent is here: pass it on from its own page"),
}
OUTCOMES = {
    "full": _("Answered in full"),
    "partial": _("Answered in part"),
    "refused": _("Refused"),
    "clarification-asked": _("Asked back"),
    "extension": _("The clock stops for a judicial authorisation"),
    "clarified": _("Clarified"),
}
REPLIES = {"full": _("Answered in full"), "partial": _("Answered in part")}
URGENCIES = {
    "not-urgent": _("Not urgent"),
    "immediate-serious-threat-to-public-security": _("Immediate and serious threat to public security"),
    "imminent-danger-to-life-or-limb": _("Imminent danger to life or limb"),
    "decision-that-may-keep-restrictive-measures": _("A decision that may keep restrictive measures up to detention"),
    "imminent-loss-of-relevance-of-important-information": _("Important information is about to lose its relevance"),
}
ACCESS = {
    "direct": _("The partner can look it up directly"),
    "indirect": _("The partner must obtain it from others"),
}
GROUNDS = {
    "not-available": _("It is not available"),
    "conditions-not-met": _("The request does not meet the conditions"),
    "judicial-authorisation-refused": _("The judicial authorisation was refused"),
    "categories-not-permitted": _("Personal data outside the permitted categories"),
    "data-wrong-or-outdated": _("The data were found wrong, incomplete or outdated"),
    "essential-national-security": _("An essential interest of national security"),
    "ongoing-investigation-or-safety": _("An ongoing investigation or a person's safety"),
    "protected-interest-of-a-legal-person": _("A protected interest of a legal person"),
    "minor-offence": _("A minor offence"),
    "third-party-has-not-consented": _("A third party has not consented"),
}
GROUPS = {
    "person": _("People"),
    "organisation": _("Organisations"),
    "vessel": _("Vessels"),
    "vehicle": _("Vehicles"),
    "account": _("Accounts and wallets"),
    "phone": _("Phones"),
    "container": _("Containers and consignments"),
    "place": _("Places"),
    "event": _("Events and payments"),
}
VERDICTS = {
    "same": _("The same"),
    "different": _("Not the same"),
    "undecided": _("Cannot be told yet"),
}
RELATIONS = {
    "contradicts": _("contradicts"),
    "agrees": _("agrees"),
    "resembles": _("resembles"),
    "adds": _("adds"),
}
BLIND_GRADES = {
    "": _("not answered yet"),
    "no-hit": _("no hit"),
    "possible": _("possible hit"),
    "ask": _("hit: ask"),
}
STRENGTHS = {"strong": _("strong"), "possible": _("possible"), "weak": _("weak")}

TABLES: dict[str, Mapping[str, object]] = {
    "state": STATES,
    "act": ACTS,
    "shelf": SHELVES,
    "role": ROLES,
    "factor": FACTORS,
    "people_change": PEOPLE_CHANGES,
    "step": STEPS,
    "effect": EFFECTS,
    "consent_state": CONSENT_STATES,
    "onward_state": ONWARD_STATES,
    "change": CHANGES,
    "partner_state": PARTNER_STATES,
    "roster_change": ROSTER_CHANGES,
    "agreement_state": AGREEMENT_STATES,
    "suggestion_kind": SUGGESTION_KINDS,
    "suggestion_state": SUGGESTION_STATES,
    "missing": MISSING,
    "request_state": REQUEST_STATES,
    "pace": PACES,
    "column": COLUMNS,
    "may_go": MAY_GO,
    "outcome": OUTCOMES,
    "reply": REPLIES,
    "urgency": URGENCIES,
    "access": ACCESS,
    "ground": GROUNDS,
    "strength": STRENGTHS,
    "blind_grade": BLIND_GRADES,
    "group": GROUPS,
    "verdict": VERDICTS,
    "relation": RELATIONS,
}  # fmt: skip

TABLES |= words_oversight.TABLES
TABLES |= {name: {value: _(said) for value, said in table.items()} for name, table in content_words.TABLES.items()}


def word(table: str, value: object) -> str:
    """The word for a value, or the value itself where there is none."""
    if table in content_words.TABLES:
        return content_words.word(table, value)
    return str(TABLES[table].get(str(value), value))


def choices(table: str) -> list[tuple[str, object]]:
    """A table as a form's choices."""
    return list(TABLES[table].items())
