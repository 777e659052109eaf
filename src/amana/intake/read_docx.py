"""DOCX: the words of the body with tables, text boxes and notes, in the order of the document.

Invariant: the archive's table was checked before (`archive.py`); here no part may declare entities, load a template
or hold an object that runs. ECMA-376 part 1, 17 (WordprocessingML) and part 2 (packages).
"""

from __future__ import annotations

import io
import re
import zipfile

import docx
import docx.document
from lxml import etree

from amana.intake.found import Found, language_code
from amana.intake.limits import Limits
from amana.intake.refusals import ActiveContent, BrokenFile, Entities, Macros, NoText

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DECLARES = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.I)
_EXTERNAL = re.compile(rb"<Relationship\b[^>]*TargetMode\s*=\s*[\"']External[\"'][^>]*>", re.I)
_HARMLESS = re.compile(rb"Type\s*=\s*[\"'][^\"']*/hyperlink[\"']", re.I)
_MACRO_TYPES = re.compile(rb"macroEnabled|vbaProject", re.I)
_NOTES = ("/word/footnotes.xml", "/word/endnotes.xml")
_SPACES = frozenset({_W + "tab", _W + "br", _W + "cr"})  # a tab stop has a value, a tab in a run has none
_LEFT_OUT = frozenset({_W + "del", _W + "moveFrom", _W + "instrText", _FALLBACK})


def sample() -> bytes:
    """A small document that makes everything needed be loaded."""
    document = docx.Document()
    document.add_paragraph("A")
    document.add_table(1, 1)
    written = io.BytesIO()
    document.save(written)
    return written.getvalue()


def read_docx(data: bytes, _limits: Limits) -> Found:
    """The text, one paragraph a line. Raises Entities, Macros, ActiveContent, BrokenFile, NoText."""
    names = _check_parts(data)
    try:
        document = docx.Document(io.BytesIO(data))
    except (KeyError, ValueError, etree.XMLSyntaxError, zipfile.BadZipFile) as error:
        raise BrokenFile from error
    seen: set[str] = set()
    lines = _paragraphs(document.element.body, seen)
    for part in document.part.package.iter_parts():
        if str(part.partname) in _NOTES:
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
            lines += _paragraphs(etree.fromstring(part.blob, parser), seen)
    if not any(sign.isalnum() for line in lines for sign in line):
        raise NoText
    if "word/comments.xml" in names:
        seen.add("comments-not-read")
    core = document.core_properties
    made = [("author", core.author), ("subject", core.subject), ("keywords", core.keywords)]
    return Found(
        text="\n".join(lines),
        title=core.title or next((line for line in lines if line.strip()), "")[:160],
        language_hint=language_code(core.language),
        metadata=tuple((name, value) for name, value in made if value),
        warnings=tuple(sorted(seen)),
    )


def _check_parts(data: bytes) -> set[str]:
    """No part declares entities, carries macros or loads from outside; returns the names of the parts."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = set(archive.namelist())
        for name in archive.namelist():
            lowered = name.casefold()
            if lowered.startswith(("word/embeddings/", "word/activex/")) and not lowered.endswith("/"):
                raise ActiveContent(what="an embedded object")
            if not lowered.endswith((".xml", ".rels")):
                continue
            _check_xml(archive.read(name), lowered)
    return names


def _check_xml(part: bytes, name: str) -> None:
    if b"\x00" in part:
        raise BrokenFile  # UTF-16 would hide a declaration from the next check; Word writes UTF-8
    if _DECLARES.search(part):
        raise Entities
    if name == "[content_types].xml" and _MACRO_TYPES.search(part):
        raise Macros
    if name.endswith(".rels"):
        for relation in _EXTERNAL.findall(part):
            if not _HARMLESS.search(relation):
                raise ActiveContent(what="a remote file")


def _paragraphs(root: etree._Element, seen: set[str]) -> list[str]:
    """Lines of text in document order, walked without recursion."""
    lines: list[str] = []
    parts: list[str] = []
    skipping: etree._Element | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if event == "start" and skipping is None:
            if tag in _LEFT_OUT:
                skipping = element
                seen.update({"deleted-text-left-out"} if tag in {_W + "del", _W + "moveFrom"} else ())
            elif tag == _W + "r" and element.find(f"{_W}rPr/{_W}vanish") is not None:
                skipping = element
                seen.add("hidden-text-left-out")
            elif tag == _W + "t":
                parts.append(element.text or "")
            elif tag in _SPACES and element.get(_W + "val") is None:
                parts.append("\t" if tag == _W + "tab" else "\n")
        elif event == "end":
            if skipping is element:
                skipping = None
            elif tag == _W + "p":
                lines.append("".join(parts))
                parts = []
    return lines
