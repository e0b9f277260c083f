"""The files under test, each rendered when the first test asks for it."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path

import pytest

from reporter.domain.errors import RenderError
from reporter.rendering.rendered_report import RenderedReport, make_document
from reporter.rendering.worker import Worker
from tests.pdf.editions import EDITIONS, Edition
from tests.pdf.layout import Layout
from tests.pdf.tree import Tagged
from tests.tiers import by_language


class Library:
    """The editions' documents and their files in `folder`; rendering runs in a separate process.

    An edition that cannot be rendered raises RenderError in each test that asks for it.
    """

    def __init__(self, folder: Path, worker: Worker) -> None:
        self.folder = folder
        self._worker = worker
        self.document = cache(self._render)
        self.tags = cache(lambda edition: Tagged(self.path(edition)))
        self.layouts = cache(lambda edition: Layout(self.path(edition)))

    def every_path(self) -> Sequence[Path]:
        """Render all editions and return the files of those that can be rendered."""
        paths = []
        for edition in EDITIONS:
            with suppress(RenderError):
                paths.append(self.path(edition))
        return paths

    def path(self, edition: Edition) -> Path:
        """Return the path of the edition's PDF."""
        self.document(edition)
        return self.folder / f"{edition}.pdf"

    def _render(self, edition: Edition) -> RenderedReport:
        document = self._worker.run(make_document, edition.data())
        (self.folder / f"{edition}.pdf").write_bytes(document.pdf)
        return document


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Every edition."""
    with Worker() as worker:
        yield Library(tmp_path_factory.mktemp("editions"), worker)


@pytest.fixture(params=by_language(EDITIONS, lambda edition: edition.locale), ids=str)
def edition(request: pytest.FixtureRequest) -> Edition:
    """Each edition; the fast tests examine those in four languages."""
    chosen: Edition = request.param
    return chosen


@pytest.fixture
def path(library: Library, edition: Edition) -> Path:
    """The edition's file."""
    return library.path(edition)


@pytest.fixture
def document(library: Library, edition: Edition) -> RenderedReport:
    """The edition's document."""
    return library.document(edition)


@pytest.fixture
def tagged(library: Library, edition: Edition) -> Tagged:
    """The edition's file as a screen reader reads it."""
    return library.tags(edition)


@pytest.fixture
def layout(library: Library, edition: Edition) -> Layout:
    """The edition's file as it is seen."""
    return library.layouts(edition)
