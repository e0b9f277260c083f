"""The documentation's links to headings are valid."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
DOCUMENTS = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").glob("*.md")])
LINK = re.compile(r"\]\(([^)#:\s]*)#([^)\s]+)\)")
FENCE = re.compile(r"(?ms)^```.*?^```$")


def anchors(document: Path) -> Iterator[str]:
    """The anchor of each heading, as GitHub derives it: lower case, no punctuation, hyphens for spaces."""
    for heading in re.findall(r"(?m)^#+ (.+)$", FENCE.sub("", document.read_text("utf-8"))):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_anchor_is_a_heading(document: Path) -> None:
    """Each link to a heading, in this document or another, has an existing target."""
    links = LINK.findall(document.read_text("utf-8"))
    broken = [
        f"{file}#{anchor}"
        for file, anchor in links
        if anchor not in anchors((document.parent / file) if file else document)
    ]
    assert broken == []


def test_links_to_headings_are_found() -> None:
    """The documents contain such links, and a heading with code and punctuation has the same anchor as on GitHub."""
    assert sum(len(LINK.findall(document.read_text("utf-8"))) for document in DOCUMENTS) > 10
    assert "the-document-of---json" in anchors(PROJECT / "docs" / "command-line.md")
