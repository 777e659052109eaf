"""Pages for what Django itself refuses or what broke."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Nothing lives at this address."""
    sentence = _("There is no page at this address.")
    return render(request, "pages/error.html", {"code": "page-unknown", "sentence": sentence}, status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """A fault of ours; nothing was lost."""
    sentence = _("Something went wrong inside Amana; nothing was lost.")
    return render(request, "pages/error.html", {"code": "amana", "sentence": sentence}, status=500)


def no_csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere."""
    sentence = _("This form is too old or came from another page; go back, load the page anew and try again.")
    return render(request, "pages/error.html", {"code": "form-stale", "sentence": sentence}, status=403)
