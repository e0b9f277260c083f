"""The files that are examined: made once, all at a time, on every core."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

from reporter.document.rendered import Document
from reporter.errors import RenderError
from tests.pdf.editions import EDITIONS, Edition, made
from tests.pdf.layout import Layout
from tests.pdf.tree import Tagged


class Library:
    """Every edition's document and file, which lie in `folder`.

    One that could not be made raises the reason where it is asked for.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._documents: Mapping[Edition, Document | RenderError] = made(folder)
        self.tags = cache(lambda edition: Tagged(self.path(edition)))
        self.layouts = cache(lambda edition: Layout(self.path(edition)))

    @property
    def paths(self) -> list[Path]:
        """The files there are."""
        return sorted(self.folder.glob("*.pdf"))

    def document(self, edition: Edition) -> Document:
        """What was made."""
        document = self._documents[edition]
        if isinstance(document, RenderError):
            raise document
        return document

    def path(self, edition: Edition) -> Path:
        """Where its PDF lies."""
        self.document(edition)
        return self.folder / f"{edition}.pdf"


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Every edition."""
    return Library(tmp_path_factory.mktemp("editions"))


@pytest.fixture(params=EDITIONS, ids=str)
def edition(request: pytest.FixtureRequest) -> Edition:
    """Each edition."""
    chosen: Edition = request.param
    return chosen


@pytest.fixture
def path(library: Library, edition: Edition) -> Path:
    """The edition's file."""
    return library.path(edition)


@pytest.fixture
def document(library: Library, edition: Edition) -> Document:
    """The edition's document."""
    return library.document(edition)


@pytest.fixture
def tagged(library: Library, edition: Edition) -> Tagged:
    """The edition's file as it is read out."""
    return library.tags(edition)


@pytest.fixture
def layout(library: Library, edition: Edition) -> Layout:
    """The edition's file as it is seen."""
    return library.layouts(edition)
