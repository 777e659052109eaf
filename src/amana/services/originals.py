"""The files that reports were drawn from, as far as this node keeps them: named, and handed out as they came.

Invariant: an original is handed out only through a report or document that names it and that the viewpoint may read,
only when its bytes still have their hash, and each time it stands in the log. It is never rendered.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.db import transaction

from amana.domain.errors import NotFound, Unavailable, gettext_noop
from amana.domain.viewpoint import Viewpoint
from amana.records.models import OriginalFile
from amana.records.queries.reports import visible_documents
from amana.services.journal import Act, record
from amana.services.keys import home
from amana.services.reports import Shown


class OriginalUnknown(NotFound):
    """This node keeps no such original that may be seen from here."""

    code = "original-unknown"
    sentence = gettext_noop("This node keeps no such original that you may see.")


class OriginalDamaged(Unavailable):
    """The kept file is missing or no longer has its hash."""

    code = "original-damaged"
    sentence = gettext_noop("The kept file is missing or no longer has its hash; the operator must look at it.")


@dataclass(frozen=True, slots=True)
class Attachment:
    """An original that a report names; `filename` is empty where this node does not keep the file, or not for you."""

    sha256: str
    size: int
    media_type: str
    filename: str = ""


def attachments_of(shown: Shown, *, viewpoint: Viewpoint) -> list[Attachment]:
    """The originals of an opened report, with the names of those that this node keeps and the viewpoint may read."""
    if shown.content is None or not shown.content.originals:
        return []
    named = [one.sha256 for one in shown.content.originals]
    kept = dict(
        visible_documents(viewpoint=viewpoint)
        .filter(original__in=named)
        .values_list("original_id", "original__filename")
    )
    return [
        Attachment(one.sha256, one.size, one.media_type, kept.get(one.sha256, "")) for one in shown.content.originals
    ]


@transaction.atomic
def hand_out_original(shown: Shown, sha256: str, *, viewpoint: Viewpoint) -> tuple[OriginalFile, bytes]:
    """The bytes of an original that an opened report names. Raises OriginalUnknown, OriginalDamaged."""
    found = [one for one in attachments_of(shown, viewpoint=viewpoint) if one.sha256 == sha256 and one.filename]
    if not found:
        raise OriginalUnknown
    path = home() / "originals" / sha256[:2] / sha256
    try:
        data = path.read_bytes()
    except OSError as error:
        raise OriginalDamaged from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise OriginalDamaged
    record(
        Act.CONSULTATION,
        "original-handed-out",
        f"report:{shown.row.uid}:{shown.row.version}",
        by=viewpoint.officer,
        reason="reading",
        details=[("sha256", sha256), *viewpoint.in_log],
    )
    return OriginalFile.objects.get(pk=sha256), data
