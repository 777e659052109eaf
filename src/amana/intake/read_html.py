"""HTML: the words a reader of the page sees, block by block.

Invariant: nothing is fetched and no entity of the document's own is expanded; what runs or is hidden is left out
and named in a warning. WHATWG HTML 13.2.3 for the encoding; libxml2's parser through lxml, without network.
"""

from __future__ import annotations

import re

from lxml import etree, html

from amana.intake.decoding import decode
from amana.intake.found import Found, language_code
from amana.intake.limits import Limits
from amana.intake.refusals import BrokenFile, Entities, Nesting, NoText

_SKIPPED = frozenset(
    [
        "script",
        "style",
        "template",
        "noscript",
        "head",
        "svg",
        "math",
        "iframe",
        "object",
        "embed",
        "applet",
        "canvas",
        "select",
        "option",
        "button",
        "textarea",
        "audio",
        "video",
    ]
)
_RUNS = frozenset(["script", "iframe", "object", "embed", "applet"])
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "header",
        "footer",
        "nav",
        "aside",
        "main",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "dl",
        "dt",
        "dd",
        "table",
        "tr",
        "blockquote",
        "pre",
        "figure",
        "figcaption",
        "form",
        "fieldset",
        "address",
        "hr",
        "br",
        "title",
        "body",
        "html",
    ]
)
_CELLS = frozenset({"td", "th"})
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|opacity\s*:\s*0(?![.\d])", re.I
)
_DECLARED = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_:.-]{2,40})", re.I)
_XML_DECLARED = re.compile(rb"\A<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9_:.-]{2,40})", re.I)
_SPACE = re.compile(r"[ \t\r\n\f]+")
_DEEPEST = 200


def sample() -> bytes:
    """A small page that makes everything needed be loaded."""
    return b"<!DOCTYPE html><html><title>A</title><body onload=a><p style='color: red'>A<br>&eacute;</p></html>"


def read_html(data: bytes, limits: Limits) -> Found:
    """The visible text of a page, its title and language. Raises WrongEncoding, Entities, Nesting, NoText."""
    declared = _DECLARED.search(data[:4096]) or _XML_DECLARED.search(data[:400])
    text, warnings = decode(data, declared=declared[1].decode("ascii") if declared else "")
    return read_markup(text, warnings)


def read_markup(source: str, warnings: tuple[str, ...] = ()) -> Found:
    """The visible text of decoded HTML. Raises Entities, Nesting, NoText, BrokenFile."""
    if re.search(r"<!ENTITY|<!DOCTYPE[^>]{0,2000}\[", source, re.I):
        raise Entities
    source = re.sub(r"\A\s*<\?xml[^>]*\?>", "", source).replace("\x00", "")
    parser = html.HTMLParser(no_network=True, huge_tree=False, remove_comments=True, remove_pis=True, encoding="utf-8")
    try:
        root = html.document_fromstring(source.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError as error:
        raise NoText from error
    except etree.XMLSyntaxError as error:
        raise BrokenFile from error
    if any("epth" in entry.message for entry in parser.error_log):
        raise Nesting(limit=_DEEPEST)
    seen: set[str] = set()
    text = _visible(root, seen)
    title = root.findtext(".//title") or ""
    named = [(one.get("name") or one.get("property") or "", one.get("content") or "") for one in root.iter("meta")]
    wanted = {"author", "date", "article:published_time", "og:site_name", "description"}
    return Found(
        text=text,
        title=_SPACE.sub(" ", title).strip() or _heading(root),
        language_hint=language_code(root.get("lang")),
        metadata=tuple((name.casefold(), value) for name, value in named if name.casefold() in wanted and value),
        warnings=(*warnings, *sorted(seen)),
    )


def _heading(root: html.HtmlElement) -> str:
    found = root.find(".//h1")
    return "" if found is None else _SPACE.sub(" ", "".join(found.itertext())).strip()


def _visible(root: html.HtmlElement, seen: set[str]) -> str:
    """Walk without recursion, so that depth costs no stack."""
    parts: list[str] = []
    skipping: etree._Element | None = None
    preformatted = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = element.tag if isinstance(element.tag, str) else ""
        if event == "start":
            if skipping is None and _left_out(element, name, seen):
                skipping = element
            if skipping is not None:
                continue
            preformatted += name == "pre"
            parts.append(_before(name))
            parts.append(_words(element.text, preformatted))
        else:
            if skipping is None:
                preformatted -= name == "pre"
                parts.append("\n" if name in _BLOCKS and name != "br" else "")
            if skipping is element:
                skipping = None
            if skipping is None:
                parts.append(_words(element.tail, preformatted))
    lines = [re.sub(r" {2,}", " ", line).strip(" \t") for line in "".join(parts).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _left_out(element: etree._Element, name: str, seen: set[str]) -> bool:
    if any(key.startswith("on") for key in element.attrib) or "javascript:" in (element.get("href") or "").casefold():
        seen.add("scripts-left-out")
    if name in _RUNS:
        seen.add("scripts-left-out")
    hidden = element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style") or ""))
    if hidden and name not in _SKIPPED and "".join(element.itertext()).strip():
        seen.add("hidden-text-left-out")
    return hidden or name in _SKIPPED or (name == "input" and element.get("type") == "hidden")


def _before(name: str) -> str:
    if name in _BLOCKS:
        return "\n\n" if name in {"p", "h1", "h2", "h3", "table", "blockquote"} else "\n"
    return "\t" if name in _CELLS else ""


def _words(text: str | None, preformatted: int) -> str:
    return (text or "") if preformatted else _SPACE.sub(" ", text or "")
