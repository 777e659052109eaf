"""Pages for what was refused or broke: what happened, that nothing was lost, and what to do.

Invariant: the page comes even when the database does not; then it is shown without the frame.
"""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HEADINGS: dict[int, str | Promise] = {
    404: gettext_lazy("Nothing is here that you may see"),
    500: gettext_lazy("Something broke inside Amana"),
    503: gettext_lazy("Not possible just now"),
}
ADVICE: dict[int, str | Promise] = {
    403: gettext_lazy("Ask a colleague whose role includes it, or the operator about your own roles."),
    404: gettext_lazy(
        "It may have been taken back, or your clearance or purpose does not reach it. Search for it, or change from "
        "where you look."
    ),
    405: gettext_lazy("This address only takes what a form sends. Go back to the page and use its button."),
    409: gettext_lazy("Somebody was quicker, or it has moved on. Look at how it stands now, then decide again."),
    413: gettext_lazy("Take in a smaller file, or one part at a time: up to 50 MB each."),
    422: gettext_lazy("Go back: what you typed is still in the form. Mend what the sentence names and send it again."),
    429: gettext_lazy("Wait a quarter of an hour, then try again. Nobody can shorten that."),
    500: gettext_lazy("Try it once more. If it happens again, tell the operator the code and the time."),
    503: gettext_lazy("Wait a moment and try again; what had been begun was undone as a whole."),
}


def error_page(request: HttpRequest, *, status: int, code: str, sentence: str) -> HttpResponse:
    """The page that says it, with the status; its frame does not count what waits."""
    request.uncounted = True  # type: ignore[attr-defined]
    context = {
        "code": code,
        "sentence": sentence,
        "heading": HEADINGS.get(status, _("This was not done")),
        "advice": "" if code == "form-stale" else ADVICE.get(status, ""),
        "back": _back(request),
        "status": status,
    }
    if status < 500:
        return render(request, "pages/error.html", context, status=status)
    try:
        return render(request, "pages/error.html", context, status=status)
    except Exception:
        return HttpResponse(render_to_string("pages/error.html", context), status=status)


def _back(request: HttpRequest) -> str:
    """The page from which a form was sent, within this node; nothing where that is this very address."""
    came = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(came, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return came if safe and came != request.build_absolute_uri() else ""


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What was sent could not be read, or was too much."""
    if isinstance(exception, RequestDataTooBig):
        return error_page(request, status=413, code="too-large", sentence=_("What was sent is too large to be taken."))
    return error_page(request, status=400, code="malformed", sentence=_("What was sent could not be read."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """This person may not."""
    return error_page(request, status=403, code="not-allowed", sentence=_("Your roles do not include this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing lives at this address."""
    return error_page(request, status=404, code="page-unknown", sentence=_("There is no page at this address."))


def not_by_get(request: HttpRequest) -> HttpResponse:
    """The address takes only what a form sends."""
    sentence = _("Opening this address does nothing, so nothing was done.")
    return error_page(request, status=405, code="not-by-address", sentence=sentence)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; nothing was lost."""
    sentence = _("Something went wrong inside Amana; nothing was lost.")
    return error_page(request, status=500, code="amana", sentence=sentence)


def no_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere."""
    sentence = _("This form is too old or came from another page; go back, load the page anew and try again.")
    return error_page(request, status=403, code="form-stale", sentence=sentence)
