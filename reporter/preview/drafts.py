"""The documents of one report as its template makes them now, each made once until the template changes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from reporter.codec import encode
from reporter.domain.report import ReportData
from reporter.rendering import templates
from reporter.rendering.email_bodies import mail_html, mail_text
from reporter.rendering.render import make_pdf, make_view, page_html
from reporter.rendering.report_inputs import assets
from reporter.rendering.template_filling import forget
from reporter.rendering.view import ReportView
from reporter.rendering.worker import Worker

Made = TypeVar("Made")


class Drafts:
    """Every document of the report in `data`; several threads may ask at once, and wait for each other.

    They are made by the `worker`, so that a template without an end ends all the same, and the preview goes on.

    What cannot be made raises RenderError, or UsageError where the template lacks a file. `version` counts the
    changes of the template. The mail of one that `is_locked` says that its PDF asks for a password, which the PDF
    shown here does not.
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
        """Where the template lies."""
        return templates.template_folder(self.data.settings.template)

    def renew(self) -> None:
        """Make everything anew from the template as it is now."""
        with self._lock:
            self._made.clear()
            self.version += 1

    def pdf(self) -> bytes:
        """The PDF."""
        return self._once(make_pdf, self.view)

    def page(self) -> str:
        """The pages as HTML, before they are laid out."""
        return self._once(page_html, self.view)

    def stylesheet(self) -> str:
        """What the pages are dressed by."""
        return templates.stylesheet(self.data.settings.template)

    def asset(self, name: str) -> bytes | None:
        """A picture of the pages by its name."""
        return assets(self.data).get(name)

    def mail(self) -> str:
        """The mail's HTML body."""
        return self._once(mail_html, self._mailed)

    def text(self) -> str:
        """The mail's text body."""
        return self._once(mail_text, self._mailed)

    def facts(self) -> Mapping[str, Any]:
        """What `report.json` holds: every figure and headline, then the report's settings and the API's answers."""
        return {"figures": self.view.shown(), "headlines": list(self.view.headlines), **encode(self.data)}

    def _once(self, make: Callable[[ReportData, ReportView], Made], view: ReportView) -> Made:
        with self._lock:
            if make not in self._made:
                self._made[make] = self._worker.run(_anew, make, self.data, view)
            made: Made = self._made[make]
            return made


def _anew(make: Callable[[ReportData, ReportView], Made], data: ReportData, view: ReportView) -> Made:
    """What is made of the template as it is now, in a process that may have seen it before it was changed."""
    forget()
    return make(data, view)
