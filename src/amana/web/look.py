"""From where a signed-in person looks: purpose and case are chosen with a reason and kept in the session."""

from __future__ import annotations

from typing import TypeAlias, cast

from django.http import HttpRequest

from amana.domain.handling import Purpose
from amana.domain.viewpoint import Viewpoint
from amana.services.people import User, viewpoint_of

Signed: TypeAlias = User


def officer(request: HttpRequest) -> Signed:
    """The signed-in officer; views are only reached when there is one."""
    return cast(User, request.user)


def purpose(request: HttpRequest) -> Purpose:
    """The purpose chosen for this session."""
    chosen = request.session.get("purpose", "")
    return Purpose(chosen) if chosen in set(Purpose) else Purpose.INVESTIGATION


def case(request: HttpRequest) -> str:
    """The number of the case chosen for this session, or nothing."""
    return str(request.session.get("case", ""))


def viewpoint(request: HttpRequest) -> Viewpoint:
    """The viewpoint of this request. Raises RoleMissing for people who open no content."""
    return viewpoint_of(officer(request), purpose=purpose(request), case=case(request))


def look_from(request: HttpRequest, chosen: Viewpoint) -> None:
    """Look from there from here on, in this session."""
    request.session["purpose"], request.session["case"] = str(chosen.purpose), chosen.case


def is_part(request: HttpRequest) -> bool:
    """Whether a part of a page asks, and not a person for a whole one."""
    return bool(request.htmx) and not request.htmx.history_restore_request  # type: ignore[attr-defined]
