"""What is said about a step onward: consent asked and answered, a late restriction, and a signed message relayed.

Invariant: a relay carries its originator's message as that node signed it, byte for byte; it adds nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from amana.domain.form import Form, Json
from amana.domain.handling import Handling, Purpose
from amana.domain.report import LAST_VERSION
from amana.exchange.canonical import LARGEST
from amana.exchange.fields import id_field, versions_field

MOST_RESTRICTIONS = 100


@dataclass(frozen=True, slots=True)
class ConsentRequestBody:
    """A holder asks the originator: may this version of your report go to that node, for that purpose, because of this?

    `consent` is the number under which it is asked, answered, used and revoked.
    """

    consent: str
    report: str
    version: int
    recipient: str
    purpose: Purpose
    reason: str

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "consent": self.consent,
            "report": self.report,
            "version": self.version,
            "recipient": self.recipient,
            "purpose": str(self.purpose),
            "reason": self.reason,
        }

    @classmethod
    def from_json(cls, data: object) -> ConsentRequestBody:
        """Read the form; raises BadInput. Whoever asks says why."""
        with Form(data, "consent request body") as form:
            body = cls(
                consent=id_field(form, "consent"),
                report=id_field(form, "report"),
                version=form.number("version", least=1, most=LAST_VERSION),
                recipient=form.text("recipient", most=40),
                purpose=form.choice("purpose", Purpose),
                reason=form.text("reason", most=10_000),
            )
            if not body.reason.strip():
                raise form.wrong("reason")
            return body


@dataclass(frozen=True, slots=True)
class ConsentBody:
    """The originator's answer to a request for consent: where it is granted, `token` is the signed consent."""

    consent: str
    granted: bool
    reason: str
    token: str = ""

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"consent": self.consent, "granted": self.granted, "reason": self.reason, "token": self.token}

    @classmethod
    def from_json(cls, data: object) -> ConsentBody:
        """Read the form; raises BadInput. A token stands with a granted consent and with no other."""
        with Form(data, "consent body") as form:
            body = cls(
                consent=id_field(form, "consent"),
                granted=form.flag("granted"),
                reason=form.text("reason", most=10_000),
                token=form.text("token", most=10_000),
            )
            if bool(body.token) != body.granted:
                raise form.wrong("token")
            return body


@dataclass(frozen=True, slots=True)
class RestrictionBody:
    """The originator narrows what it entrusted: the `handling` of versions, or, with `consent`, one consented step.

    A holder's marking becomes the meet of its own and this. Releasability is not in it, so that no holder learns of
    another: to take a report from a node is a recall, to take it from an onward holder ends the consent.
    """

    report: str
    versions: tuple[int, ...]
    reason: str
    handling: Handling | None = None
    consent: str = ""

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {
            "report": self.report,
            "versions": list(self.versions),
            "reason": self.reason,
            "handling": self.handling.to_json() if self.handling else None,
            "consent": self.consent,
        }

    @classmethod
    def from_json(cls, data: object) -> RestrictionBody:
        """Read the form; raises BadInput. It is about a handling or about a consent."""
        with Form(data, "restriction body") as form:
            body = cls(
                report=id_field(form, "report"),
                versions=versions_field(form),
                reason=form.text("reason", most=10_000),
                handling=form.maybe_part("handling", Handling.from_json),
                consent=form.text("consent", most=36),
            )
            if (body.handling is None) != bool(body.consent):
                raise form.wrong("consent")
            if body.handling is not None and body.handling.releasable_to:
                raise form.wrong("handling")
            return body


@dataclass(frozen=True, slots=True)
class RelayBody:
    """Another node's signed message, passed on: `message` is its compact JWS exactly as it was signed.

    `token` is the originator's consent, empty where none is needed; `restrictions` are the originator's signed
    restrictions of the report, so that they cannot come after it.
    """

    message: str
    token: str = ""
    restrictions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        """The form that crosses the wire."""
        return {"message": self.message, "token": self.token, "restrictions": list(self.restrictions)}

    @classmethod
    def from_json(cls, data: object) -> RelayBody:
        """Read the form; raises BadInput. What is inside is proved by `relay.read_relay`."""
        with Form(data, "relay body") as form:
            return cls(
                message=form.text("message", most=LARGEST),
                token=form.text("token", most=10_000),
                restrictions=form.texts("restrictions", most=MOST_RESTRICTIONS),
            )
