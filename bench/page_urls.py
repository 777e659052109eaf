"""The addresses of the people's door, and beside them the trivial page that the others are compared with."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import path

from amana.web import urls
from amana.web.urls import handler404, handler500

__all__ = ["handler404", "handler500", "urlpatterns"]


@login_required
def trivial(request: HttpRequest) -> HttpResponse:
    """Two letters for whoever is signed in."""
    return HttpResponse(f"ok{request.user.pk or ''}")


urlpatterns = [path("bench-trivial/", trivial, name="bench-trivial"), *urls.urlpatterns]
