"""The documents of one report, rendered with the current template and cached until it changes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from watchfiles import awatch

from reporter.codec import encode
from reporter.domain.report import ReportData
from reporter.rendering.render import mail_html, mail_text, make_view
from reporter.rendering.template_filling import forget
from reporter.rendering.templates import template_folder
from reporter.rendering.view import ReportView
from reporter.rendering.worker import Worker

Document = TypeVar("Document")
Render = Callable[[ReportData, ReportView], Document]


class Drafts:
    """Every document of the report in `data`; thread-safe, rendering one document at a time.

    The `worker` renders them, so that a template with an endless loop is stopped and the preview continues.

    `version` counts the template's changes. If the report `is_locked`, its email says that the PDF needs a password;
    the PDF shown here does not.
    """

    def __init__(self, data: ReportData, worker: Worker, *, is_locked: bool) -> None:
        self.data = data
        self.view = make_view(data)
        self.version = 0
        self._worker = worker
        self._email_view = replace(self.view, locked=is_locked)
        self._lock = Lock()
        self._rendered: dict[Render[Any], Any] = {}
        self._changed = asyncio.Event()
        self._is_closed = False

    @property
    def folder(self) -> Path:
        """The template's folder."""
        return template_folder(self.data.settings.template)

    def render(self, render: Render[Document]) -> Document:
        """The document that this function renders. Raises RenderError, or UsageError if the template lacks a file."""
        view = self._email_view if render in {mail_html, mail_text} else self.view
        with self._lock:
            if render not in self._rendered:
                self._rendered[render] = self._worker.run(_render_again, render, self.data, view)
            document: Document = self._rendered[render]
            return document

    def facts(self) -> Mapping[str, Any]:
        """The content of `report.json`: all figures and headlines, the report's settings, and the API's answers."""
        return {"figures": self.view.shown(), "headlines": list(self.view.headlines), **encode(self.data)}

    async def watch(self) -> None:
        """Discard all documents after every change of the template's files, until canceled."""
        async for _ in _saved(self.folder):
            await asyncio.to_thread(self._discard)
            self._notify()

    async def versions(self) -> AsyncIterator[int]:
        """Yield the version at once, and again after each change."""
        while not self._is_closed:
            changed = self._changed
            yield self.version
            await changed.wait()

    def close(self) -> None:
        """End all iterations of `versions`, since a server waits for them on shutdown."""
        self._is_closed = True
        self._notify()

    def _discard(self) -> None:
        with self._lock:
            self._rendered.clear()
            self.version += 1

    def _notify(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


def _render_again(render: Render[Document], data: ReportData, view: ReportView) -> Document:
    """Render with the current template, in a process that may have cached an earlier version."""
    forget()
    return render(data, view)


async def _saved(folder: Path) -> AsyncIterator[None]:
    """Yield whenever a file in the folder is saved; falls back to polling if file events are unavailable."""
    try:
        async for _ in awatch(folder):
            yield
    except OSError:  # the user's limit of watched files is reached
        async for _ in awatch(folder, force_polling=True):
            yield
