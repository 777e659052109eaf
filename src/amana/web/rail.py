"""The rooms of the desk in their order: for the rail, the palette's commands, and the keys that lead to them.

Invariant: a room is offered only to whom its page opens, and only when its page is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from amana.domain.folding import fold
from amana.services.rights import Deed, may
from amana.web.look import officer


@dataclass(frozen=True, slots=True)
class Room:
    """One room: the name of its address, its icon, the letter after “g”, and who may enter.

    `narrow` are the five on a narrow screen. It is found `under` other addresses too; `unless` names a page that takes
    its place.
    """

    name: str
    icon: str
    words: str | Promise
    key: str = ""
    deed: Deed = Deed.READ
    narrow: bool = False
    under: tuple[str, ...] = ()
    unless: str = ""


ROOMS = (
    Room("desk", "inbox", _("Desk"), "d", narrow=True, under=("/inbox/",)),
    Room("reports", "file-text", _("Reports"), "r", narrow=True),
    Room("compose", "pencil", _("Compose"), "n", Deed.WRITE),
    Room("requests", "help-circle", _("Requests"), "q", narrow=True),
    Room("entities", "users", _("Entities"), "e", narrow=True),
    Room("match", "search", _("Who is it?"), "w", unless="entities"),
    Room("blind", "fingerprint", _("Hit or no hit"), "h"),
    Room("cases", "folder", _("Cases"), "c", narrow=True),
    Room("meetings", "calendar-event", _("Meetings"), "m"),
    Room("tasks", "checklist", _("To do"), "t"),
    Room("expertise", "school", _("Expertise"), "x"),
    Room("documents", "upload", _("Documents"), "u"),
    Room("consents", "check", _("Consents"), "k"),
    Room("partners", "building-bank", _("Partners"), "p", Deed.SEE_PARTNERS),
    Room("oversight", "shield-check", _("Oversight"), "o", Deed.OVERSEE),
    Room("log", "list-check", _("Log"), "l", Deed.OVERSEE),
    Room("people", "settings", _("Administration"), "a", Deed.MANAGE_PEOPLE),
)
# What can be begun: the name of the address, its icon and words.
BEGINNINGS = (
    ("compose", "pencil", _("Write a report"), Deed.WRITE),
    ("ask", "help-circle", _("Ask a partner"), Deed.WRITE),
    ("blind", "fingerprint", _("Ask blindly"), Deed.WRITE),
    ("documents", "upload", _("Take in a document"), Deed.WRITE),
    ("viewpoint", "eye", _("Change the viewpoint"), Deed.READ),
    ("keys", "keyboard", _("Keys of the keyboard"), Deed.SEE_PARTNERS),
)


@dataclass(frozen=True, slots=True)
class Place:
    """A room as one person sees it now."""

    room: Room
    address: str
    current: bool
    count: int = 0


def address_of(name: str) -> str:
    """The address of a page by its name, or nothing where there is no such page."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def rail_of(request: HttpRequest, counts: dict[str, int]) -> list[Place]:
    """The rooms that this person may enter, in order, with what waits in each."""
    person, found = officer(request), []
    for room in ROOMS:
        address = address_of(room.name) if may(person, room.deed) else ""
        if address and not (room.unless and address_of(room.unless)):
            inside = any(request.path.startswith(start) for start in (address, *room.under))
            found.append(Place(room, address, inside, counts.get(room.name, 0)))
    return found


def commands(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """What can be gone to or begun, as far as its words hold all that was typed."""
    person, folded = officer(request), fold(words).split()
    rooms = [(room.name, room.icon, room.words, room.deed, room.key) for room in ROOMS]
    begun = [(*one, "") for one in BEGINNINGS]
    found = []
    for group, rows in (("begin", begun), ("go", rooms)):
        for name, icon, label, deed, key in rows:
            address = address_of(name) if may(person, deed) else ""
            if address and all(word in fold(str(label)) for word in folded):
                found.append({"address": address, "icon": icon, "words": label, "key": key, "group": group})
    return found
