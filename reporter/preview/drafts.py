"""The documents of one report, rendered with the current template and cached until it changes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from reporter.codec import encode
from reporter.domain.report import ReportData
from reporter.rendering import templates
from reporter.rendering.brand import assets
from reporter.rendering.render import mail_html, mail_text, make_pdf, make_view, page_html
from reporter.rendering.template_filling import forget
from reporter.rendering.view import ReportView
from reporter.rendering.worker import Worker

Made = TypeVar("Made")


class Drafts:
    """Every document of the report in `data`; thread-safe, rendering one document at a time.

    The `worker` renders them, so that a template with an endless loop is stopped and the preview continues.

    Documents that cannot be rendered raise RenderError, or UsageError if the template lacks a file. `version` counts
    the template's changes. If the report `is_locked`, its email says that the PDF needs a password; the PDF shown here
    does not.
    """

    def __init__(self, data: ReportData, worker: Worker, *, is_locked: bool) -> None:
        self.data = data
        self._worker = worker
        self.view = make_view(data)
        self._mailed = replace(self.view, locked=is_locked)
        self.version = 0
        self._lock = Lock()
        self._made: dict[Callable[[ReportData, ReportView], Any], Any] = {}

    @property
    def folder(self) -> Path:
        """The template's folder."""
        return templates.template_folder(self.data.settings.template)

    def renew(self) -> None:
        """Discard all documents, to render them again with the current template."""
        with self._lock:
            self._made.clear()
            self.version += 1

    def pdf(self) -> bytes:
        """The PDF."""
        return self._once(make_pdf, self.view)

    def page(self) -> str:
        """The pages as HTML, before layout."""
        return self._once(page_html, self.view)

    def stylesheet(self) -> str:
        """The stylesheet of the pages."""
        return templates.stylesheet(self.data.settings.template)

    def asset(self, name: str) -> bytes | None:
        """An image of the pages by its name; None if there is none."""
        return assets(self.data.settings.brand).get(name)

    def mail(self) -> str:
        """The HTML body of the email."""
        return self._once(mail_html, self._mailed)

    def text(self) -> str:
        """The text body of the email."""
        return self._once(mail_text, self._mailed)

    def facts(self) -> Mapping[str, Any]:
        """The content of `report.json`: all figures and headlines, the report's settings, and the API's answers."""
        return {"figures": self.view.shown(), "headlines": list(self.view.headlines), **encode(self.data)}

    def _once(self, make: Callable[[ReportData, ReportView], Made], view: ReportView) -> Made:
        with self._lock:
            if make not in self._made:
                self._made[make] = self._worker.run(_anew, make, self.data, view)
            made: Made = self._made[make]
            return made


def _anew(make: Callable[[ReportData, ReportView], Made], data: ReportData, view: ReportView) -> Made:
    """Render with the current template, in a process that may have cached an earlier version."""
    forget()
    return make(data, view)
