"""The documents of one report as its template makes them now, each made once until the template changes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

from reporter.codec import encode
from reporter.document import templates
from reporter.document.edition import assets, make_pdf, make_view, page_html
from reporter.document.mail import mail_html, mail_text
from reporter.report import ReportData

Made = TypeVar("Made")


class Drafts:
    """Every document of the report in `data`; several threads may ask at once, and wait for each other.

    What cannot be made raises RenderError, or UsageError where the template lacks a file. `version` counts the
    changes of the template.
    """

    def __init__(self, data: ReportData) -> None:
        self.data = data
        self.view = make_view(data)
        self.version = 0
        self._lock = Lock()
        self._made: dict[str, Any] = {}

    @property
    def folder(self) -> Path:
        """Where the template lies."""
        return templates.template_folder(self.data.settings.template)

    def renew(self) -> None:
        """Make everything anew from the template as it is now."""
        with self._lock:
            templates.forget()
            self._made.clear()
            self.version += 1

    def pdf(self) -> bytes:
        """The PDF."""
        return self._once("pdf", lambda: make_pdf(self.data, self.view))

    def page(self) -> str:
        """The pages as HTML, before they are laid out."""
        return self._once("page", lambda: page_html(self.data, self.view))

    def stylesheet(self) -> str:
        """What the pages are dressed by."""
        return templates.stylesheet(self.data.settings.template)

    def asset(self, name: str) -> bytes | None:
        """A picture of the pages by its name."""
        return assets(self.data).get(name)

    def mail(self) -> str:
        """The mail's HTML body."""
        return self._once("mail", lambda: mail_html(self.data, self.view))

    def text(self) -> str:
        """The mail's text body."""
        return self._once("text", lambda: mail_text(self.data, self.view))

    def facts(self) -> Mapping[str, Any]:
        """What `report.json` holds: every figure and headline, then the report's settings and the API's answers."""
        return {"figures": self.view.shown(), "headlines": list(self.view.headlines), **encode(self.data)}

    def _once(self, name: str, make: Callable[[], Made]) -> Made:
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            made: Made = self._made[name]
            return made
