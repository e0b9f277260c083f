"""The content of the golden files: page and emails of one report, normalized by a single rule."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from reporter import __version__
from reporter.domain.report import ReportData
from reporter.rendering.render import mail_html, mail_text, make_view, page_html
from tests.golden.editions import KEPT, LOCALES, STAMPED, Case

FOLDER = Path(__file__).parent / "files"


@dataclass(frozen=True, slots=True)
class Edition:
    """A report with golden files, whose names begin with its own; `stamp` is a key of `STAMPED`, or empty."""

    case: Case
    locale: str
    stamp: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (str(self.case), self.stamp))) + f".{self.locale}"

    def data(self) -> ReportData:
        """The report's data."""
        return replace(self.case.data(self.locale), stamp=STAMPED.get(self.stamp))


EDITIONS = (
    *(Edition(case, locale) for case in KEPT for locale in LOCALES),
    *(Edition(KEPT[0], "de_DE", stamp) for stamp in STAMPED),
)


def golden() -> Iterator[tuple[Path, str]]:
    """Every golden file with its expected text."""
    for edition in EDITIONS:
        for name, text in made(edition.data()).items():
            yield FOLDER / f"{edition}.{name}", normalized(text)


def made(data: ReportData) -> Mapping[str, str]:
    """The texts of a report, by the suffix of their golden file's name."""
    view = make_view(data)
    return {"page.html": page_html(data, view), "mail.html": mail_html(data, view), "mail.txt": mail_text(data, view)}


def normalized(text: str) -> str:
    """The text without the version, which every release changes, and with one newline at its end."""
    return text.replace(f"hyperrep-report {__version__}", "hyperrep-report VERSION").rstrip() + "\n"
