"""Errors of the tree as answers: one table from kind to status, and the sentence in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from amana.domain.errors import AmanaError, BadInput, Conflict, NotAllowed, NotFound, Unavailable
from amana.web.errors import error_page, not_by_get

STATUS: tuple[tuple[type[AmanaError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (Unavailable, 503),
    (BadInput, 422),
)


def status_of(error: AmanaError) -> int:
    """The HTTP status for an error."""
    return next((status for kind, status in STATUS if isinstance(error, kind)), 500)


def sentence_of(error: AmanaError) -> str:
    """The error's sentence in the reader's language."""
    words = _(error.sentence)
    return words % error.params if error.params else words


class AnswerErrors:
    """Turn an error of the tree into a page that says what happened and what to do."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        answer = self.get_response(request)
        if answer.status_code != 405 or answer.content:
            return answer
        page = not_by_get(request)
        page.headers["Allow"] = answer.headers["Allow"]
        return page

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show the error's page; other exceptions are Django's."""
        if not isinstance(error, AmanaError):
            return None
        return error_page(request, status=status_of(error), code=error.code, sentence=sentence_of(error))
