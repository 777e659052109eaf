"""What a choice means, said where one chooses: grades, markings, handling codes; and where each lack is mended."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SOURCES = {
    "A": _("We have never had reason to doubt this source."),
    "B": _("What it said was right most of the time."),
    "C": _("What it said was wrong most of the time."),
    "X": _("We do not know the source well enough to say; the honest choice when in doubt."),
}
INFORMATION = {
    "1": _("Seen, measured or recorded: nobody doubts it."),
    "2": _("The source saw or did it itself; we were not there."),
    "3": _("The source heard it from others, and something else we hold says the same."),
    "4": _("The source heard it from others, and nothing else says so yet."),
}
TLPS = {
    "TLP:RED": _("Only for those who are named, and for nobody else in their agency."),
    "TLP:AMBER+STRICT": _("Inside the recipient's agency, for those who need it, and nowhere else."),
    "TLP:AMBER": _("Inside the recipient's agency and to those who work for it, as far as they need it."),
    "TLP:GREEN": _("To partners of the same community; not in public."),
    "TLP:CLEAR": _("To anybody, also in public."),
}
CODES = {
    "H0": _("Police may work with it, and nobody may use it for anything else."),
    "H1": _("It must not turn up in a court's file or be said by a witness before we agreed."),
    "H2": _("The recipient must ask us before anybody else gets it."),
    "H3": _("There are other conditions: write them below as caveats."),
}
ERASE = _("On this day every holder erases it by itself. Agreements set the latest day.")
EXPLAINED = {"source": SOURCES, "information": INFORMATION, "tlp": TLPS, "codes": CODES}

# Where on the compose page a lack is mended, by its code: the id of a field or of a part.
MENDED_AT = {
    "title": "id_title",
    "text-or-statements": "text",
    "crime-area": "crime_areas",
    "content-no-crime-area": "crime_areas",
    "agreement-crime-area": "crime_areas",
    "purposes": "purposes",
    "agreement-purpose": "purposes",
    "releasable-to": "recipients",
    "agreement-none": "recipients",
    "agreement-not-valid": "recipients",
    "agreement-party": "recipients",
    "release-third-party": "recipients",
    "release-marking-laxer": "tlp",
    "agreement-marking": "tlp",
    "second-person": "tlp",
    "agreement-kind": "kind",
    "agreement-retention": "erase_by",
    "caveat-for-h3": "id_caveats",
    "category": "people",
    "agreement-category": "people",
    "category-hit-no-hit-only": "people",
    "minor-hit-no-hit-only": "statements",
}


def mended_at(code: str) -> str:
    """The id of the part of the page where a lack of that code is mended."""
    return MENDED_AT.get(code, "recipients" if code.startswith(("partner", "link", "protocol")) else "marking")
