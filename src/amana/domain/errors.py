"""The one error tree: every refusal has a stable code and one human sentence.

Invariant: a class below `AmanaError` that can be raised carries its own `code` and `sentence`; codes are never
reused. There is no HTTP here: the doors hold the table code → status, and translate `sentence` before they show it.
"""

from __future__ import annotations

from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark a sentence for translation and return it as it is (the domain knows no framework)."""
    return text


class AmanaError(Exception):
    """Something was refused or failed; says what in one sentence, with a code that never changes.

    `params` fill the `%(name)s` places of the sentence. They are for people and must hold no content of a report:
    names of fields, limits, ids, counts.
    """

    code: ClassVar[str] = "amana"
    sentence: ClassVar[str] = gettext_noop("Something went wrong inside Amana; nothing was lost.")

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(f"{self.code}: {self}")

    def __str__(self) -> str:
        return self.sentence % self.params if self.params else self.sentence


# What a person or a partner gave us is not in order.
class BadInput(AmanaError):
    """The input is not in order; nothing was changed."""

    code = "input"
    sentence = gettext_noop("The input is not in order; nothing was changed.")


class NotAllowed(AmanaError):
    """The rules forbid it, for this person, purpose, agreement or marking."""

    code = "not-allowed"
    sentence = gettext_noop("The rules do not allow this; nothing was changed.")


class NotFound(AmanaError):
    """It is not here, or the asker may not know that it is: the answer is the same."""

    code = "not-found"
    sentence = gettext_noop("There is nothing here under this name that you may see.")


class Conflict(AmanaError):
    """The thing changed meanwhile or is in a state in which this cannot be done."""

    code = "conflict"
    sentence = gettext_noop("This changed in the meantime; look again before you go on.")


class Unavailable(AmanaError):
    """Something this needs is not reachable now; it may be tried again."""

    code = "unavailable"
    sentence = gettext_noop("This cannot be done right now; nothing was lost, please try again.")
