"""People in Latin script, with the role that the text gives them.

Invariant: nobody is suggested for being written in capitals alone: a title or office stands before the name, or its
first word is a given name of the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cache

from amana.domain.folding import fold
from amana.intake.mentions import find_mentions, latin_forms
from amana.intake.spans import Pairs, Span, Taken, plain, suggestion
from amana.intake.suggestion import Kind, Suggestion
from amana.intake.tables import LATIN, any_of, given_names, months, titles, word_list

_PARTICLE = (
    r"(?:[Ee]l|[Aa]l|[Bb]en|[Bb]in|[Ii]bn|[Oo]uld|[Aa]bu|[Aa]bou|[Aa][iï]t|[Oo]uled|de|del|della|di|"
    r"da|dos|du|la|van|von|der|den|zu|y)"
)
_CAP = (
    r"(?:[A-ZÀ-ÖØ-Þ]\.(?=\s)|[A-ZÀ-ÖØ-ÞŠŽ][\w'’]*(?:-[A-Za-zÀ-ÿ][\w'’]*)*|[Ee]l-[A-Z]\w+|[Aa]l-[A-Z]\w+|d['’][A-Z]\w+)"
)
# A name may run over a wrapped line, never over a short one such as a heading or a line of a mail's head.
_SPACE = r"(?:[ \u00a0]+|(?<=[^\n]{50})\n(?=[^\n]))"
_RUN = re.compile(rf"(?<![\w@./-]){_CAP}(?:{_SPACE}(?:{_PARTICLE}{_SPACE}){{0,3}}{_CAP}){{0,5}}(?![\w@])")
_TOKEN = re.compile(r"\S+")
_STREET = re.compile(
    r"(?:\b(?:rue|avenue|av\.|boulevard|bd|place|calle|avenida|plaza|paseo|street|road|square|"
    r"aéroport|airport|aeropuerto|"
    r"Flughafen|Université|university|hôpital|mosquée)|stra(?:ße|sse)|platz)(?:\s+(?:de|du|la|le))*\s+$",
    re.I,
)
# Offices that nobody writes with a capital before an ordinary word, as in "General Public License".
_RANKS = word_list("rank-before-name")
_LINK = (
    r"(?:für|der|des|von|vom|am|im|in|beim|bei|zur|zum|aus|de|du|des|d['’]|à|au|aux|en|chargée?|of|"
    r"for|to|at|the|and|with|del|para|ante|und|et|y|[a-zà-ÿ]+(?:ière|ier|aire|ale?|elle?|ique|aine?|"
    r"oise?|ienne?|ive|aria|ario|ic[ao]|an[ao]|esa|és)\b)"
)
_IS = re.compile(r"\s+(?:est|ist|is|es|era|was|war|était)\s*$")
_REACH = 120
_LEAST_SURNAME = 4


@dataclass(frozen=True, slots=True)
class _Named:
    span: Span
    value: str
    surname: str
    role: str
    reason: str


def find_persons(
    text: str, taken: Iterable[Span] = (), not_names: Iterable[str] = (), *, language: str = ""
) -> list[Suggestion]:
    """People of a text; `taken` are places that are something else, `not_names` words that are no family names."""
    blocked, words = Taken(taken), {fold(word) for word in not_names} | {fold(month) for month in months()}
    # A title makes a name of an unknown word, so only the titles of the text's own language count ("D.", "M.").
    spoken = (language,) if language in LATIN else LATIN
    named = [
        one for run in _RUN.finditer(text) for one in _in_run(text, run, words, spoken) if not blocked.touches(one.span)
    ]
    for one in named:
        blocked.add(one.span)
    kunyas = [one for one in _by_kunya(text) if not blocked.touches(one.span)]
    for one in kunyas:
        blocked.add(one.span)
    named = _completed([*named, *kunyas])
    found = [_suggestion(text, one) for one in named]
    full = [(one.surname, one.value) for one in named if len(one.value.split()) > len(one.surname.split())]
    return found + find_mentions(text, (one for one in full if len(one[0]) >= _LEAST_SURNAME), blocked, latin_forms)


def _in_run(text: str, run: re.Match[str], not_names: set[str], spoken: tuple[str, ...]) -> list[_Named]:
    """The names within one run of capitalised words."""
    tokens = [(one.start() + run.start(), one.end() + run.start(), one[0]) for one in _TOKEN.finditer(run[0])]
    given = given_names("latin") | given_names("spanish")
    named, behind = [], 0
    for first, (start, _end, word) in enumerate(tokens):
        if first < behind or fold(word.rstrip(".")) not in given or _STREET.search(text[max(0, start - 30) : start]):
            continue
        last = _last_token(tokens, first, given, not_names)
        if last is not None:
            named.append(_with_role(text, (start, _stop(tokens[last])), tokens[last][2], "given-name"))
            behind = last + 1
    return named or _titled(text, tokens, not_names, spoken)


def _last_token(
    tokens: list[tuple[int, int, str]], first: int, given: frozenset[str], not_names: set[str]
) -> int | None:
    """Where a name that begins with a given name ends: given names, particles, then one family name (Spanish: two)."""
    surnames, wanted = 0, 2 if fold(tokens[first][2]) in given_names("spanish") else 1
    last = None
    for place in range(first + 1, len(tokens)):
        word = tokens[place][2].rstrip(".,")
        if re.fullmatch(_PARTICLE, word):
            continue
        if (
            fold(word) in not_names
            or re.fullmatch(r"[IVX]+|[A-Z]{2,5}-\w+", word)
            or (tokens[place - 1][2].endswith((",", ".")) and len(tokens[place - 1][2]) > 2)
        ):
            break
        last = place
        if fold(word) in given and place == first + 1 and place + 1 < len(tokens):
            continue
        if len(word) > 1:
            surnames += 1
        if surnames >= wanted:
            break
    return last


def _titled(
    text: str, tokens: list[tuple[int, int, str]], not_names: set[str], spoken: tuple[str, ...]
) -> list[_Named]:
    """A name without a known given name, that stands directly after a title or an office."""
    for first, (start, _end, word) in enumerate(tokens):
        title = _before(text, start, spoken)
        if title is None or fold(word) in not_names or len(word) < 3 or _is_head(word):
            continue
        last = first
        while last + 1 < len(tokens) and last < first + 2 and fold(tokens[last + 1][2]) not in not_names:
            last += 1
        if "," in title[0] and not (last > first and text[_stop(tokens[last]) :][:1] in {",", ".", ")", ";"}):
            continue
        if title[1] == "title" or fold(title[0]).split()[-1] in _RANKS or (last > first and title[2]):
            named = _with_role(text, (start, _stop(tokens[last])), tokens[last][2], "title-before-name")
            return [named]
    return []


def _stop(token: tuple[int, int, str]) -> int:
    start, _end, word = token
    return start + len(re.sub(r"(?<=\w\w)[.,]+$|['’]s$", "", word).rstrip(","))


def _before(text: str, start: int, spoken: tuple[str, ...]) -> tuple[str, str, bool] | None:
    """The title or office directly before a place, which of the two it is, and whether it is no German noun."""
    found = _title_pattern(*spoken).search(text[max(0, start - 60) : start])
    if found is None:
        return None
    word = found["word"] + (found["comma"] or "")
    return word, "title" if found["title"] else "head", word[0].islower() or bool(found["comma"])


def _is_head(word: str) -> bool:
    return bool(_head_pattern().fullmatch(word))


def _with_role(text: str, span: Span, surname: str, reason: str) -> _Named:
    value = plain(text[span[0] : span[1]]).replace("’", "'")
    role = _role_before(text, span[0]) or _role_after(text, span[1])
    if role and reason == "given-name":
        reason = "title-before-name" if _role_before(text, span[0]) else "title-after-name"
    particle = re.search(rf"((?:{_PARTICLE}\s+)*){re.escape(surname.rstrip('.,'))}$", value)
    return _Named(span, value, plain((particle[1] if particle else "") + surname.rstrip(".,")), role, reason)


def _role_before(text: str, start: int) -> str:
    """The office before a name, with what continues it: "Generaldirektor für nationale Sicherheit …"."""
    before = text[max(0, start - _REACH) : start]
    before = re.split(r"[.;:!?()\n](?:\s|$)|\n\s*\n", re.sub(r"(?<=\b[A-Z])\.|(?<=\bM)\.", "\u2024", before))[-1]
    before = re.sub(
        (
            r"(?:\s+(?:Herrn?|Frau|M\u2024|MM\u2024|Mme|Monsieur|Madame|Mrs?|Ms|Sra?|D\u2024|don|doña|Don|"
            r"Doña|señora?|Dr))+\s*$"
        ),
        "",
        before,
    )
    whole = before.rstrip(" \u00a0,")
    for found in reversed(list(_head_pattern().finditer(before))):
        rest = whole[found.end() :]
        if _IS.fullmatch(rest + " "):
            return plain(found[0])
        linked = re.match(rf"\s+{_LINK}", rest) if rest.strip() else True
        if (
            linked
            and "," not in rest
            and not re.search(r"\s(?:und|and|et|y|e)\s+(?:der|die|den|dem|le|la|the|el)?\s*$", before[found.end() :])
        ):
            return plain(whole[found.start() :])
        if not rest.strip():
            break
    return ""


def _role_after(text: str, end: int) -> str:
    """The office after a name: "David Fischer, US-Botschafter in Marokko,"."""
    found = _after_pattern().match(text, end)
    return plain(found["role"]) if found else ""


@cache
def _title_pattern(*spoken: str) -> re.Pattern[str]:
    title, head = any_of(titles("title", *spoken)), any_of(titles("head", *spoken))
    return re.compile(rf"(?<![\w-])(?P<word>(?P<title>{title})|(?P<head>[\w-]*?(?:{head})))(?P<comma>,)?\s+$")


@cache
def _head_pattern() -> re.Pattern[str]:
    german, others = titles("head", "de"), titles("head", "fr", "en", "es")
    compound = any_of([word.casefold() for word in german])
    return re.compile(
        rf"(?<![\w-])(?:[A-ZÄÖÜ][\w-]*?(?:-(?:{any_of(german)})|{compound})(?:e?s|n|en)?|"
        rf"(?:US-)?(?:{any_of([*german, *others])})(?:e?s|n|en)?)(?![\w-])"
    )


@cache
def _after_pattern() -> re.Pattern[str]:
    more = (
        r"(?:\s+(?:(?!\b(?:hat|war|ist|wurde|sagte|a|est|was|is|said|has|fue|dijo|es|qui|who|que|der|"
        r"die)\b)[\w'’-]+)){0,7}"
    )
    return re.compile(
        r"\s*(?:,\s+|\s\(|\(|–\s+)(?:(?:der|die|le|la|l['’]|the|el|an?|eine?|une?|una|ancien|ancienne)\s+)?(?P<role>"
        + _head_pattern().pattern
        + more
        + r")(?=\s*[,.;)–\n]|$)"
    )


def _by_kunya(text: str) -> list[_Named]:
    """Names of war and by-names: "Abu Talha", "Abou Walid al-Sahraoui"."""
    found = re.finditer(
        (
            r"(?<![\w-])(?:Abu|Abou|Abû|Umm|Oum)[ -](?!Dhabi|Dabi|Simbel)[A-Z]\w+(?: (?:al|el|Al|"
            r"El)-[A-Z]\w+)?"
        ),
        text,
    )
    return [_with_role(text, one.span(), one[0], "kunya") for one in found]


def _completed(named: list[_Named]) -> list[_Named]:
    """ "Frau Benkirane" is Salma Benkirane where the text names only one person of that family name."""
    full: dict[str, set[str]] = {}
    for one in named:
        if one.value != one.surname:
            full.setdefault(fold(one.surname), set()).add(one.value)
    return [
        replace(one, value=next(iter(full[fold(one.value)]))) if len(full.get(fold(one.value), ())) == 1 else one
        for one in named
    ]


def _suggestion(text: str, one: _Named) -> Suggestion:
    said: Pairs = (("name", one.value),) + ((("position", one.role),) if one.role else ())
    return suggestion(
        text, one.span, Kind.PERSON, one.value, reason=one.reason, role=one.role, schema="Person", said=said
    )
