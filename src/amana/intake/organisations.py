"""Organisations: agencies by short and full name, companies by legal form, ministries and embassies, named groups.

Invariant: short and full name of a known agency give the same value, so that both fold into one entity.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from amana.intake.spans import Pairs, Taken, plain, spans_of, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import Agency, agencies, any_of

_CAP = r"[A-ZÀ-ÖØ-ÞŠŽ0-9][\w&'’-]*"
_FORMS = (
    r"GmbH(?: & Co\. KG)?|KG|AG|UG|SARL|S\.A\.R\.L\.|SARLAU|SAS|S\.A\.|SA|S\.L\.U?\.?|SL|Ltd\.?|LLC|"
    r"L\.L\.C\.|Inc\.?|PLC|B\.V\.|BV|N\.V\.|S\.p\.A\.|FZE|FZCO"
)
_COMPANY = re.compile(
    rf"(?<![\w-])(?P<name>{_CAP}(?:[ \u00a0](?:&|y|et|und|del?|des|du|dos|la|las|los|für|of|the|"
    rf"{_CAP})){{0,5}}[ \u00a0](?:{_FORMS}))(?!\w)"
)
_QUOTED = r"[„“«\"‹‘»]\s?(?P<name>[^„“”«»\"\n]{2,60}?)\s?[“”»\"›’«]"
_GROUP = re.compile(
    r"(?<!\w)(?:[Kk]atiba|كتيبة|بكتيبة|[Bb]rigade|[Gg]ruppe|[Gg]ruppierung|Zelle|Netzwerk(?:s|es)?|"
    r"Kartell|[Gg]roupe|[Cc]ellule|[Rr]éseau|[Cc]artel|"
    r"[Gg]roup|[Cc]ell|[Nn]etwork|[Gg]rupo|[Cc]élula|[Rr]ed|مجموعة|جماعة|خلية|شبكة|"
    r"تنظيم)(?:\s+(?:namens|appelée?|dite?|called|named|llamad[oa]|denominad[oa]|تسمى|المسماة|"
    r"تدعى))?\s+" + _QUOTED
)
_KATIBA = re.compile(rf"(?<!\w)[Kk]atiba\s+(?P<name>{_CAP}(?:[ -]{_CAP}){{0,2}})")
_COMPANY_WORD = re.compile(
    (
        r"(?<!\w)(?:[Ff]irma|[Uu]nternehmen|[Ss]pedition|[Rr]eederei|[Ss]ociété|[Ee]ntreprise|[Cc]ompany|"
        r"[Ee]mpresa|[Ss]ociedad|[Nn]aviera|[وفبل]?(?:ل|ال)?شركة)\s+"
    )
    + _QUOTED
)
_ARABIC_COMPANY = re.compile(
    "(?<!\\w)[وفبل]?(?:شركة|"
    "لشركة)\\s+(?P<name>[\u0621-\u064a]{2,}(?:\\s+[\u0621-\u064a]{2,}){0,3}?)(?=\\s*[،.(]|\\s+(?:في|"
    "التي|ب|من|الكائنة|المسجلة)\\b)"
)
_PUBLIC = re.compile(
    r"(?<![\w-])(?:"
    r"(?P<embassy>(?:US|EU)-Botschaft|[Aa]mbassade (?:des|du|de la|de|d['’]) ?[A-ZÉ][\w-]+|US "
    r"Embassy|U\.S\. Embassy|[Ee]mbajada de (?:los )?[A-ZÉ]\w+(?: Unidos)?)"
    r"|(?P<ministry>(?:[A-ZÄÖÜ][a-zäöüß]+)ministerium(?=s?\b)"
    r"|[Mm]inistère (?:de la |de l['’]|du |des |de )[A-ZÉÎa-zéî]\w+|Ministry of (?:the )?[A-Z]\w+|"
    r"Ministerio (?:del |de la |de )[A-ZÉ]\w+)"
    r"|(?P<authority>Hafenbehörde(?: (?:von )?(?=[A-Z])[\w-]+(?: Med)?)?|[Aa]utorité portuaire|"
    r"[Pp]ort [Aa]uthority|[Aa]utoridad [Pp]ortuaria)"
    r"|(?P<arabic>[وفبل]?(?:وزارة|سفارة)\s+(?:الولايات المتحدة|[\u0621-\u064a]+))"
    r")(?!\w)"
)
_DEFINED = re.compile(
    r"(?<![\w'’-])(?P<name>(?:[^\W\d_][\w'’-]+ ){1,9}[^\W\d_][\w'’-]+)\s+\((?P<short>[A-Z][A-Z0-9-]{1,9})\)"
)
_OF_BODY = re.compile(
    r"\b(?:\w*(?:direktion|behörde|stelle|dienst|dienstes|amt|amts|amtes)|Direction|Directorate|"
    r"Office|Bureau|Agence|Agency|Service|Unit|Unité|Cellule|Dirección|Oficina|Unidad|"
    r"Centre|Center|Centro|Zentrum|Zentralstelle)\b",
    re.I,
)


def find_organisations(text: str) -> list[Suggestion]:
    """All organisations of a text; of overlapping ones the earlier rule wins."""
    found: list[Suggestion] = []
    for finder in (_named_agencies, _companies, _groups, _public_bodies, _defined):
        taken = Taken(spans_of(found))
        found += [one for one in finder(text) if not taken.touches((one.start, one.end))]
    return found


def _named_agencies(text: str) -> Iterator[Suggestion]:
    shorts, names, by_name = _agency_patterns()
    taken = Taken()
    for pattern, reason in ((names, "agency-full-name"), (shorts, "agency-short-name")):
        for one in pattern.finditer(text):
            span = one.span("name")
            if taken.touches(span):
                continue
            taken.add(span)
            agency = by_name[plain(one["name"]).casefold().replace("’", "'")]
            role = _described(text, span) if reason == "agency-short-name" else ""
            yield suggestion(
                text,
                span,
                Kind.ORGANISATION,
                agency.short,
                reason=reason,
                role=role,
                schema=agency.schema,
                said=_said(agency),
            )


def _said(agency: Agency) -> Pairs:
    said: Pairs = (("name", agency.name),)
    if agency.short != agency.name:
        said += (("abbreviation", agency.short),)
    return said + ((("country", agency.country),) if agency.country else ())


def _described(text: str, span: tuple[int, int]) -> str:
    """What the text calls an agency whose short name stands in brackets: "Inlandgeheimdienstes (DGSN)"."""
    if text[span[0] - 1 : span[0]] != "(":
        return ""
    found = re.search(r"(?:^|[\s(])([A-ZÄÖÜ][\w-]{3,60})\s*\($", text[max(0, span[0] - 70) : span[0]])
    return found[1] if found else ""


@cache
def _agency_patterns() -> tuple[re.Pattern[str], re.Pattern[str], dict[str, Agency]]:
    by_name: dict[str, Agency] = {}
    shorts: list[str] = []
    names: list[str] = []
    for agency in agencies():
        for name in (agency.short, agency.name, *agency.others):
            by_name.setdefault(name.casefold().replace("’", "'"), agency)
            (names if " " in name or not name.isascii() else shorts).append(name)
    return (
        re.compile(rf"(?<![\w-])(?P<name>{any_of(shorts)})(?=s\b|-[A-ZÄÖÜ]|\b)(?!-\d)"),
        re.compile(rf"(?<!\w)[وف]?[بكل]?(?P<name>{any_of(names)})(?!\w)", re.I),
        by_name,
    )


def _companies(text: str) -> Iterator[Suggestion]:
    for pattern, reason in (
        (_COMPANY, "legal-form"),
        (_COMPANY_WORD, "word-before-company"),
        (_ARABIC_COMPANY, "word-before-company"),
    ):
        for one in pattern.finditer(text):
            name = plain(one["name"])
            yield suggestion(
                text,
                one.span("name"),
                Kind.ORGANISATION,
                name,
                reason=reason,
                schema="Organization",
                said=(("name", name),),
            )


def _groups(text: str) -> Iterator[Suggestion]:
    for pattern in (_GROUP, _KATIBA):
        for one in pattern.finditer(text):
            name = plain(one["name"])
            yield suggestion(
                text,
                one.span("name"),
                Kind.ORGANISATION,
                name,
                reason="word-before-group",
                schema="Organization",
                said=(("name", name),),
            )


def _public_bodies(text: str) -> Iterator[Suggestion]:
    for one in _PUBLIC.finditer(text):
        start = one.start() + (len(one[0]) - len(one[0].lstrip("وفبل")) if one["arabic"] else 0)
        name = plain(text[start : one.end()])
        yield suggestion(
            text,
            (start, one.end()),
            Kind.ORGANISATION,
            name,
            reason="word-of-public-body",
            schema="PublicBody",
            said=(("name", name),),
        )


def _defined(text: str) -> Iterator[Suggestion]:
    """A body that the text itself introduces with its short name in brackets."""
    for one in _DEFINED.finditer(text):
        body = _OF_BODY.search(one["name"])
        if body is None or one["short"].casefold() in _agency_patterns()[2] or " " not in one["name"][body.start() :]:
            continue
        span = (one.start("name") + body.start(), one.end("name"))
        name = plain(text[span[0] : span[1]])
        said = (("name", name), ("abbreviation", one["short"]))
        yield suggestion(
            text, span, Kind.ORGANISATION, one["short"], reason="defined-in-text", schema="PublicBody", said=said
        )
