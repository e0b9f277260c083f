"""An untrusted template can access no object but the view, no file but its own, and nothing outside the document."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reporter.domain.errors import RenderError
from reporter.rendering.render import mail_html, make_view
from reporter.rendering.template_filling import forget, render
from reporter.rendering.templates import MAIL_HTML, MAIL_TEXT, REPORT, STOCK, STYLESHEET, stylesheet
from tests.tripwire import CANARY, Tripwire, tripwire
from tests.unit.archive.samples import report

DATA = report()
VIEW = make_view(DATA)


@pytest.fixture
def template(tmp_path: Path) -> Iterator[Path]:
    """A custom template."""
    yield Path(shutil.copytree(STOCK / "executive", tmp_path / "look"))
    forget()


@pytest.fixture
def trap(tmp_path: Path) -> Iterator[Tripwire]:
    """A server and a file that must not be accessed."""
    with tripwire(tmp_path) as laid:
        yield laid


def rendered(template: Path, file: str, text: str) -> str:
    """The result of a template file with this content."""
    (template / file).write_text(text)
    forget()
    return render(str(template), file, VIEW, "en_US")


@pytest.mark.parametrize(
    "escape",
    [
        "{{ view.__class__.__mro__[1].__subclasses__() }}",
        "{{ ''.__class__ }}",
        "{{ _.__globals__ }}",
        "{{ _.__self__.__init__.__globals__['os'].environ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ view|attr('__class__') }}",
        "{{ '{0.__class__.__init__.__globals__}'.format(view) }}",
        "{{ '{v.__class__}'|format(v=view) ~ '{v.__class__}'.format_map({'v': view}) }}",
        "{% set x = view.headlines.append('forged') %}",
        "{% for a in range(10 ** 9) %}{% endfor %}",
        "{{ ''.join.__func__ }}",
        "{{ view.shown.__func__.__globals__ }}",
    ],
)
def test_a_template_reaches_the_view_alone(escape: str, template: Path) -> None:
    """No expression accesses Python's own objects from the view, changes what is shown, or counts to a billion."""
    with pytest.raises(RenderError, match=r"look/email\.txt\.j2, line 1: "):
        rendered(template, MAIL_TEXT, escape)


@pytest.mark.parametrize("file", [REPORT, MAIL_HTML, MAIL_TEXT])
@pytest.mark.parametrize(
    "way",
    [
        "{file}",
        "../canary.txt",
        "part/../../canary.txt",
        "executive/../../canary.txt",
        "linked.j2",
        "folder/canary.txt",
        "executive/linked.j2",
    ],
)
def test_a_template_includes_its_own_files_alone(way: str, file: str, template: Path, trap: Tripwire) -> None:
    """Neither a path nor a symbolic link gives access to files outside the template's folder."""
    (template / "linked.j2").symlink_to(trap.file)
    (template / "folder").symlink_to(trap.file.parent)
    (template / "executive").mkdir()
    (template / "executive" / "linked.j2").symlink_to(trap.file)
    with pytest.raises(RenderError) as refused:
        rendered(template, file, f"{{% include '{way.format(file=trap.file)}' %}}")
    assert CANARY not in str(refused.value)


@pytest.mark.parametrize("file", [REPORT, MAIL_HTML, MAIL_TEXT, STYLESHEET])
def test_a_template_that_is_a_link_elsewhere_is_refused(file: str, template: Path, trap: Tripwire) -> None:
    """None of its four files may be a link to a file elsewhere, which could be anybody's."""
    (template / file).unlink()
    (template / file).symlink_to(trap.file)
    forget()
    with pytest.raises(
        RenderError, match="leads out of the template's folder: put a copy of the file there"
    ) as refused:
        stylesheet(str(template)) if file == STYLESHEET else render(str(template), file, VIEW, "en_US")
    assert CANARY not in str(refused.value)


def test_links_inside_a_template_and_to_it_are_followed(template: Path, tmp_path: Path) -> None:
    """A template folder that is a link, and links within it, as in mounted volumes, are followed."""
    (template / "real.j2").write_text("mine")
    (template / "part.j2").symlink_to("real.j2")
    (tmp_path / "mounted").symlink_to(template)
    assert rendered(tmp_path / "mounted", MAIL_TEXT, "{% include 'part.j2' %}") == "mine"


@pytest.mark.parametrize("way", ["{url}/style.css", "file://{file}", "{file}", "canary.txt"])
def test_a_mail_is_dressed_by_nothing_from_elsewhere(
    way: str, template: Path, trap: Tripwire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stylesheet that an email's template links to or imports is not fetched, from neither the web nor the disk."""
    monkeypatch.chdir(trap.file.parent)
    trap.file.write_text(f"p {{ color: red; font-family: '{CANARY}' }}")
    address = way.format(url=trap.url, file=trap.file)
    dressed = f"<link rel='stylesheet' href='{address}'><style>@import url('{address}');</style>"
    (template / MAIL_HTML).write_text(f"<html><head>{dressed}</head><p>a</p></html>")
    forget()
    data = replace(DATA, settings=replace(DATA.settings, template=str(template)))
    assert CANARY not in mail_html(data, make_view(data))
    assert trap.asked == []
