"""Answers that explain themselves: a decision carries its reasons.

Invariant: a refusal always names at least one reason; a reason has a stable code and one sentence,
and holds no content.
"""

from __future__ import annotations

from dataclasses import dataclass

from amana.domain.form import Form, Json


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something is so: a stable code, one translatable sentence and the values for its places."""

    code: str
    sentence: str
    params: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return self.sentence % dict(self.params) if self.params else self.sentence

    def to_json(self) -> dict[str, Json]:
        """The form in which it is kept, to be read in another language later."""
        return {"code": self.code, "sentence": self.sentence, "params": dict(self.params)}

    @classmethod
    def from_json(cls, data: object) -> Reason:
        """Read the form; raises BadInput."""
        with Form(data, "reason") as form:
            code, sentence = form.text("code", most=100), form.text("sentence", most=1000)
            params = form.part("params", lambda given: given)
            if not isinstance(params, dict):
                raise form.wrong("params")
            return cls(code, sentence, tuple((str(name), str(value)) for name, value in params.items()))


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether something is allowed, and because of what."""

    allowed: bool
    because: tuple[Reason, ...] = ()

    def __post_init__(self) -> None:
        if not self.allowed and not self.because:
            raise ValueError("a refusal needs a reason")

    @classmethod
    def from_objections(cls, objections: list[Reason]) -> Decision:
        """Allowed where nothing objects; refused with all objections otherwise."""
        return cls(allowed=not objections, because=tuple(objections))
