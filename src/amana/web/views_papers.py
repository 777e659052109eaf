"""What a report leaves behind on paper: two versions side by side, the originals, the letter of transmission."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.http import require_safe

from amana.services import comparing, letters, originals, reports
from amana.web.look import viewpoint
from amana.web.numbers import number_in


def attached(data: bytes, name: str, media_type: str = "application/octet-stream") -> HttpResponse:
    """Bytes to be saved under a name; nothing in them is shown or run by the browser."""
    answer = HttpResponse(data, content_type=media_type)
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in name)
    answer["Content-Disposition"] = f'attachment; filename="{plain[:150] or "file"}"'
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cache-Control"] = "no-store"
    return answer


@login_required
@require_safe
def original(request: HttpRequest, uid: UUID, version: int, sha256: str) -> HttpResponse:
    """An original as it came, to be saved; never rendered here."""
    look = viewpoint(request)
    shown = reports.show_report(uid, version=version, viewpoint=look, reason="original")
    file, data = originals.hand_out_original(shown, sha256, viewpoint=look)
    return attached(data, file.filename)


@login_required
@require_safe
def compare(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Two versions side by side; where none are named, the newest two."""
    look = viewpoint(request)
    asked = (number_in(request.GET.get(name, "")) for name in ("old", "new"))
    numbers = [one for one in asked if one is not None]
    if len(numbers) != 2:
        shown = reports.show_report(uid, viewpoint=look, reason="comparing")
        numbers = [max(1, shown.row.version - 1), shown.row.version]
    if numbers[0] == numbers[1]:
        return redirect("report", uid=uid)
    found = comparing.compare_versions(uid, numbers[0], numbers[1], viewpoint=look)
    context = {
        "found": found,
        "row": found.new.row,
        "versions": reports.versions_of(found.new.row, viewpoint=look),
        "sides": (found.old, found.new),
        "changed": [one for one in found.statements if one.state != comparing.SAME],
        "same": [one for one in found.statements if one.state == comparing.SAME],
    }
    return render(request, "pages/compare.html", context)


@login_required
@require_safe
def letter(request: HttpRequest, uid: UUID, version: int) -> HttpResponse:
    """The letter of transmission for one recipient, as a PDF in the reader's language and the recipient's."""
    look = viewpoint(request)
    shown = reports.show_report(uid, version=version, viewpoint=look, reason="letter")
    to, theirs = request.GET.get("to", ""), request.GET.get("language", "")
    own = translation.get_language() or "en"
    data = letters.write_transmission(shown, to, own=own, theirs=theirs, viewpoint=look)
    return attached(data, f"{shown.row.originator}-{str(uid)[:8]}-v{version}-{to}.pdf", "application/pdf")
