"""Errors in templates are reported with the file and line that their author has to fix."""

import pickle
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reporter.domain.errors import RenderError
from reporter.domain.report import ReportData, ReportSettings
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Period, WeekStart, Window
from reporter.rendering.render import make_pdf, make_view
from reporter.rendering.template_filling import attributed_to, forget, render
from reporter.rendering.templates import MAIL_HTML, MAIL_TEXT, REPORT, STOCK, STYLESHEET, stylesheet
from reporter.rendering.view import NoteView, ReportView

APRIL = Window(Period.MONTH, date(2026, 4, 1), date(2026, 5, 1), "UTC", WeekStart.MONDAY)
DATA = ReportData(
    Organization("o", "Acme"),
    ReportSettings("en_US", ("conversations",)),
    date(2026, 5, 2),
    Snapshot(APRIL),
    Snapshot(APRIL.previous()),
)


@pytest.fixture(scope="module")
def view() -> ReportView:
    """The view of a report of two empty months."""
    return make_view(DATA)


@pytest.fixture
def template(tmp_path: Path) -> Path:
    """A copy of the built-in template."""
    return Path(shutil.copytree(STOCK / "executive", tmp_path / "mine"))


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{{ view.nothing }}", "no attribute 'nothing'"),
        ("{{ view.title + 1 }}", "TypeError"),
        ("{{ 1 / 0 }}", "ZeroDivisionError"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'missing.j2' %}", r"there is no 'missing\.j2' in the template's folder"),
        ("{% extends 'nobody/report.html.j2' %}", "there is no 'nobody/report.html.j2'"),
        ("{{ view.__class__ }}", "access to attribute '__class__' of 'ReportView' object is unsafe"),
    ],
)
def test_a_fault_names_file_and_line(template: Path, view: ReportView, fault: str, said: str) -> None:
    """Any error in a template is reported with its file, line, and reason."""
    (template / MAIL_HTML).write_text(f"<p>one</p>\n<p>two</p>\n{fault}\n")
    forget()
    with pytest.raises(RenderError, match=said) as caught:
        render(str(template), MAIL_HTML, view, "en_US")
    assert (caught.value.file, caught.value.line) == (template / MAIL_HTML, 3)
    assert "mine/email.html.j2, line 3: " in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)).line == 3


@pytest.mark.parametrize("fault", ["{{ view.nothing }}", "{% if %}"])
def test_a_fault_in_an_included_file_names_that_file(template: Path, view: ReportView, fault: str) -> None:
    """An error in an included file is reported with that file's name, not the including one's."""
    (template / "part.j2").write_text(f"\n{fault}\n")
    (template / MAIL_HTML).write_text("one\ntwo\nthree\n{% include 'part.j2' %}\n")
    forget()
    with pytest.raises(RenderError, match=r"part\.j2, line 2") as caught:
        render(str(template), MAIL_HTML, view, "en_US")
    assert (caught.value.file, caught.value.line) == (template / "part.j2", 2)


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ("p { colour: red }", r"mine/report\.css, line 3: Ignored `colour: ?red ?` at 3:5"),
        ("p { width: 3furlongs }", r"mine/report\.css, line 3: Ignored `width: ?3furlongs ?` at 3:5"),
        ("p::nothing { }", r"mine/report\.css, line 3: Invalid or unsupported selector, 'p::nothing"),
    ],
)
def test_a_flaw_of_the_stylesheet_names_it(template: Path, flaw: str, said: str) -> None:
    """A renderer warning about the stylesheet is reported with its name and line."""
    (template / STYLESHEET).write_text(f"\n\n{flaw}\n")
    forget()
    with pytest.raises(RenderError, match=said) as caught:
        make_pdf(replace(DATA, settings=replace(DATA.settings, template=str(template))), make_view(DATA))
    assert (caught.value.file, caught.value.line) == (template / STYLESHEET, 3)


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ('<img src="bundle:nope.png" alt="x"/>', "bundle:nope.png is not part of the document"),
        ('<img src="https://example.com/x.png" alt="x"/>', "https://example.com/x.png is not part of the document"),
        ('<p style="colour: red">x</p>', "Ignored `colour: red` at"),
    ],
)
def test_a_flaw_of_the_pages_names_the_part(template: Path, flaw: str, said: str) -> None:
    """A renderer warning about the pages is reported with the file that contains the cause, even an included one."""
    (template / "parts").mkdir()
    (template / "parts" / "head.html.j2").write_text(f"\n{flaw}\n")
    page = (template / REPORT).read_text("utf-8")
    (template / REPORT).write_text(page.replace("<body>", "<body>{% include 'parts/head.html.j2' %}", 1), "utf-8")
    forget()
    with pytest.raises(RenderError, match=f"mine/parts/head.html.j2, line 2: {said}") as caught:
        make_pdf(replace(DATA, settings=replace(DATA.settings, template=str(template))), make_view(DATA))
    assert (caught.value.file, caught.value.line) == (template / "parts" / "head.html.j2", 2)


def test_a_flaw_that_stands_nowhere_names_the_pages(template: Path) -> None:
    """A warning about an expression's result names the pages; one with a cause outside the template names no file."""
    page = (template / REPORT).read_text("utf-8")
    (template / REPORT).write_text(page.replace("<body>", "<body style=\"{{ 'col' ~ 'our: red' }}\">", 1), "utf-8")
    forget()
    with pytest.raises(RenderError, match=r"mine/report\.html\.j2: Ignored `colour: red`") as caught:
        make_pdf(replace(DATA, settings=replace(DATA.settings, template=str(template))), make_view(DATA))
    assert (caught.value.file, caught.value.line) == (template / REPORT, None)
    with pytest.raises(RenderError, match=r"^The disk is full\.$"), attributed_to(str(template)):
        raise RenderError("The disk is full.")


def test_a_template_is_made_of_parts(template: Path, view: ReportView) -> None:
    """Included files are in the template's folder or below, and are escaped by their own extension; macros work too."""
    (template / "parts").mkdir()
    (template / "parts" / "head.html.j2").write_text("<b>{{ view.title }}</b>")
    (template / "parts" / "head.txt.j2").write_text("{{ view.title }}\n")
    (template / "parts" / "macros.html.j2").write_text("{% macro loud(text) %}<i>{{ text }}!</i>{% endmacro %}")
    (template / MAIL_HTML).write_text(
        "{% include 'parts/head.html.j2' %}{% import 'parts/macros.html.j2' as my %}{{ my.loud(view.organization) }}"
    )
    (template / MAIL_TEXT).write_text("{% include 'parts/head.txt.j2' %}")
    forget()
    odd = replace(view, title="A & B", organization="<Acme>")
    assert render(str(template), MAIL_HTML, odd, "en_US") == "<b>A &amp; B</b><i>&lt;Acme&gt;!</i>"
    assert render(str(template), MAIL_TEXT, odd, "en_US") == "A & B\n"


def test_a_template_takes_what_comes_with_the_software(template: Path, view: ReportView) -> None:
    """A file includes or extends the built-in one to keep it; a template's folder of the same name takes precedence."""
    (template / MAIL_TEXT).write_text("Hello!\n{% include 'executive/email.txt.j2' %}")
    (template / MAIL_HTML).write_text("{% extends 'executive/email.html.j2' %}")
    forget()
    assert render(str(template), MAIL_TEXT, view, "en_US") == "Hello!\n" + render("executive", MAIL_TEXT, view, "en_US")
    assert render(str(template), MAIL_HTML, view, "en_US") == render("executive", MAIL_HTML, view, "en_US")
    (template / "executive").mkdir()
    (template / "executive" / MAIL_HTML).write_text("mine")
    forget()
    assert render(str(template), MAIL_HTML, view, "en_US") == "mine"


def test_a_template_replaces_a_block_of_the_stock_pages(template: Path, view: ReportView) -> None:
    """Other blocks stay identical; a replaced one has its own content, with the original if it is requested."""
    (template / REPORT).write_text(
        "{% extends 'executive/report.html.j2' %}{% block headlines %}<p>Mine</p>{% endblock %}"
        "{% block notes %}{{ super() }}<p>Confidential</p>{% endblock %}"
    )
    forget()
    stock, mine = (render(name, REPORT, view, "en_US") for name in ("executive", str(template)))
    before, _, rest = stock.partition('\n<h2 class="section first')
    between = rest[rest.index("</ul>") + len("</ul>") :]
    assert mine == f"{before}<p>Mine</p>{between}".replace("\n</body>", "<p>Confidential</p>\n</body>")


@pytest.mark.parametrize("file", [MAIL_HTML, MAIL_TEXT])
@pytest.mark.parametrize("block", ["head", "headlines", "figures", "notes", "attached", "imprint"])
def test_a_template_replaces_a_block_of_the_stock_mail(template: Path, view: ReportView, file: str, block: str) -> None:
    """A replaced block has the template's text, the rest is identical to the byte; `super()` restores the original."""
    told = replace(view, restated=("Seventy before.",), headlines=("Rose.",), lead=NoteView("Rose.", ""))
    told = replace(told, brand=replace(view.brand, footer="End"))
    texts = {}
    for name, content in {"without": "", "mine": "MINE", "both": "MINE{{ super() }}"}.items():
        extended = f"{{% extends 'executive/{file}' %}}{{% block {block} %}}{content}{{% endblock %}}"
        (template / file).write_text(extended)
        forget()
        texts[name] = render(str(template), file, told, "en_US")
    stock = render("executive", file, told, "en_US")
    before, after = texts["mine"].split("MINE")
    assert before + after == texts["without"]
    assert stock.startswith(before)
    assert stock.endswith(after)
    own = stock[len(before) : len(stock) - len(after)]
    assert texts["both"] == f"{before}MINE{own}{after}"
    holds = {
        "head": view.kind,
        "headlines": "Rose.",
        "figures": "Conversations",
        "notes": "Seventy before.",
        "attached": view.filename,
        "imprint": "End",
    }
    assert [name for name, text in holds.items() if text in own] == [block]


def test_files_in_another_encoding_are_told(template: Path, view: ReportView) -> None:
    """A template or stylesheet that is not UTF-8 is an error with its name."""
    for file in (MAIL_HTML, STYLESHEET):
        (template / file).write_bytes("Grüße".encode("latin-1"))
    forget()
    with pytest.raises(RenderError, match=r"mine/email\.html\.j2: UnicodeDecodeError"):
        render(str(template), MAIL_HTML, view, "en_US")
    with pytest.raises(RenderError, match=r"mine/report\.css cannot be read"):
        stylesheet(str(template))
