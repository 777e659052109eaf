"""Exercise ATLAS: fictional documents for the demo, the tests and the pages. No person in them exists."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent / "documents"


def document(name: str) -> Path:
    """The path of one exercise document."""
    return FOLDER / name


def documents() -> list[Path]:
    """All exercise documents, by name."""
    return sorted(path for path in FOLDER.iterdir() if path.suffix in {".txt", ".md", ".html", ".eml"})
