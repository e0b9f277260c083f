"""Templates with faults in them: each is told with the file and the line that its author has to look at."""

import pickle
import shutil
from datetime import date
from pathlib import Path

import pytest

from reporter.document.edition import make_view
from reporter.document.templates import MAIL_HTML, STOCK, STYLESHEET, forget, render, stylesheet
from reporter.document.view import ReportView
from reporter.errors import RenderError
from reporter.hyperrep.snapshot import Organization, Snapshot
from reporter.report import ReportData, ReportSettings
from reporter.window import Period, WeekStart, Window


@pytest.fixture(scope="module")
def view() -> ReportView:
    """What a report of two empty months says."""
    window = Window(Period.MONTH, date(2026, 4, 1), date(2026, 5, 1), "UTC", WeekStart.MONDAY)
    settings = ReportSettings("en_US", ("conversations",))
    previous = Snapshot(window.previous())
    return make_view(ReportData(Organization("o", "Acme"), settings, date(2026, 5, 2), Snapshot(window), previous))


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the look that comes with the software."""
    return Path(shutil.copytree(STOCK / "executive", tmp_path / "mine"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{{ view.nothing }}", "no attribute 'nothing'"),
        ("{{ view.title + 1 }}", "TypeError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'missing.j2' %}", "missing.j2"),
    ],
)
def test_a_fault_names_file_and_line(template: Path, view: ReportView, fault: str, said: str) -> None:
    """Whatever goes wrong in a template, the error holds its file, its line and the reason."""
    (template / MAIL_HTML).write_text(f"<p>one</p>\n<p>two</p>\n{fault}\n")
    forget()
    with pytest.raises(RenderError, match=said) as caught:
        render(str(template), MAIL_HTML, view, "en_US")
    assert (caught.value.file, caught.value.line) == (template / MAIL_HTML, 3)
    assert "mine/email.html.j2, line 3: " in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).line == 3


@pytest.mark.parametrize("fault", ["{{ view.nothing }}", "{% if %}"])
def test_a_fault_in_an_included_file_names_that_file(template: Path, view: ReportView, fault: str) -> None:
    """A fault in a part that a template includes is told with the part's name, not with the whole's."""
    (template / "part.j2").write_text(f"\n{fault}\n")
    (template / MAIL_HTML).write_text("one\ntwo\nthree\n{% include 'part.j2' %}\n")
    forget()
    with pytest.raises(RenderError, match=r"part\.j2, line 2") as caught:
        render(str(template), MAIL_HTML, view, "en_US")
    assert (caught.value.file, caught.value.line) == (template / "part.j2", 2)


def test_files_in_another_encoding_are_told(template: Path, view: ReportView) -> None:
    """A template or stylesheet that is not UTF-8 is an error that names it."""
    for file in (MAIL_HTML, STYLESHEET):
        (template / file).write_bytes("Grüße".encode("latin-1"))
    forget()
    with pytest.raises(RenderError, match=r"mine/email\.html\.j2: UnicodeDecodeError"):
        render(str(template), MAIL_HTML, view, "en_US")
    with pytest.raises(RenderError, match=r"mine/report\.css cannot be read"):
        stylesheet(str(template))
