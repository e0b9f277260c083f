"""`hyperrep-report template`: create, list, check, and document report templates."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.cli.options import completions
from reporter.domain.errors import RenderError, UsageError
from reporter.rendering.templates import is_stock, names, template_folder

if TYPE_CHECKING:
    from reporter.domain.report import ReportData
    from reporter.rendering.worker import Worker

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_README = """\
# {name}

A template for the reports of hyperrep-report, copied from `{origin}`. In the folder that contains this one:

1. Preview it in a browser, updated whenever a file is saved:
   `hyperrep-report preview --template {name}`
2. Print every error with its file and line, including errors that only unusual figures cause:
   `hyperrep-report template check {name}`
3. Use it, for all reports or in one report's block of `hyperrep-report.toml`; the path is relative to that file:
   `template = "{name}"`

`hyperrep-report template reference` lists every variable and the rules. To keep a file as the software has it, also in
later versions, replace its content by one line: `{{% include "executive/email.html.j2" %}}`. Parts of your own are
included in the same way, by their path in this folder.
"""
_LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><rect width="8" height="8"/></svg>'


@click.group("template")
def command() -> None:
    """Create your own template: a folder of HTML, CSS, and text files, without any Python.

    \b
    Copy a template to start from:     hyperrep-report template new my-template
    Preview it as you save changes:    hyperrep-report preview --template my-template
    Print every error, with its line:  hyperrep-report template check my-template
    """  # noqa: D301 - click wants the character, not its escape


@command.command("new", short_help="Copy a template to start from.")
@click.argument("name")
@click.option(
    "--from",
    "origin",
    metavar="NAME_OR_DIR",
    default="executive",
    show_default=True,
    shell_complete=completions("template"),
    help="Template to copy.",
)
@click.option(
    "--into",
    metavar="DIR",
    default=Path(),
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which to create NAME.  [default: the current folder]",
)
def new(name: str, origin: str, into: Path) -> None:
    """Copy a template into a new folder, NAME, to start from, with a README.md that explains the next steps.

    Existing files are never overwritten.
    """
    from reporter.files import unfinished_name

    source, target = template_folder(origin), into / name
    _check_name(name, target)
    unfinished = into / unfinished_name(name)
    try:
        _copy(source, unfinished)
        (unfinished / "README.md").write_text(_README.format(name=name, origin=origin), "utf-8")
        unfinished.rename(target)
    except OSError as error:
        raise UsageError(
            f"{target} cannot be written ({error.strerror or error}): choose another folder with --into."
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    click.echo("\n".join(sorted(str(path) for path in target.rglob("*") if path.is_file())))


def _check_name(name: str, target: Path) -> None:
    """Raise UsageError for a name that belongs to another template or is in use."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name[:80]}' is not a folder name: use letters, digits, dots, and hyphens; --into names another folder."
        )
    if is_stock(name):
        raise UsageError(f"'{name}' is the name of a template that comes with the software: choose another name.")
    if target.exists() or target.is_symlink():
        raise UsageError(f"{target} exists already and is left unchanged: choose another name.")


def _copy(source: Path, target: Path) -> None:
    """Copy the content alone: an installation may be read-only, hidden files are private, and links lead anywhere."""
    target.mkdir(parents=True)
    for path in source.iterdir():
        if path.name.startswith(".") or path.is_symlink():
            continue
        if path.is_dir():
            _copy(path, target / path.name)
        else:
            (target / path.name).write_bytes(path.read_bytes())


@command.command("list", short_help="List the available templates.")
def list_() -> None:
    """List the available templates: those that come with the software, and those in the current folder."""
    for name in names(Path()):
        click.echo(f"{name}\t{'comes with the software' if is_stock(name) else 'a folder here'}")


@command.command("check", short_help="Check a template and print each error, file and line first.")
@click.argument("template", metavar="NAME_OR_DIR", shell_complete=completions("template"))
def check(template: str) -> int:
    """Render reports with a template and print each error, file and line first.

    The reports are from the built-in sandbox: with usual figures, with none yet, with hostile names, with a logo,
    without tables, revised, and from right to left if a language is written that way. Exits with 0 if there are no
    errors, 1 if there are any.
    """
    import asyncio

    from reporter.cli import setup
    from reporter.rendering.worker import Worker

    template_folder(template)
    cases = list(_cases())
    errors: dict[str, list[str]] = {}
    with Worker() as worker:
        for case, data in zip(cases, asyncio.run(_data(cases, template, setup.clock())), strict=True):
            for error in _errors(data, worker):
                errors.setdefault(error, []).append(case.name)
    for error, found_in in errors.items():
        click.echo(f"{error} ({', '.join(dict.fromkeys(found_in))})")
    if not errors:
        click.echo(f"{template}: no errors in {', '.join(case.name for case in cases)}")
    return 1 if errors else 0


@dataclass(frozen=True, slots=True)
class _Case:
    """A kind of report that a template must handle: its label, and its data."""

    name: str
    organization: str = "Acme Roofing"
    period: str = "month"
    locale: str = "en_US"
    change: "Callable[[ReportData], ReportData]" = lambda data: data


def _cases() -> Iterator[_Case]:
    from reporter.rendering.translation import languages, parse_locale
    from reporter.sandbox.organizations import ORGANIZATIONS

    yield _Case("usual figures")
    yield _Case("no figures yet", "Not Yet Open GmbH", "week", "de_DE")
    yield _Case("hostile names", next(each.name for each in ORGANIZATIONS if each.name.startswith("<")), locale="fr_FR")
    yield _Case("a revision with a logo and targets", change=_with_logo_and_targets)
    yield _Case("no tables", change=lambda data: replace(data, settings=replace(data.settings, sections=())))
    for locale in sorted(languages()):
        if parse_locale(locale).text_direction == "rtl":
            yield _Case("right to left", locale=locale)
            return


def _with_logo_and_targets(data: "ReportData") -> "ReportData":
    from decimal import Decimal

    from reporter.domain.report import Brand, Revision

    brand = Brand("Acme & Sons", "#0b5fff", "Acme & Sons, 1 Main Street", _LOGO, "svg")
    settings = replace(data.settings, brand=brand, targets={"response_rate": Decimal("0.8")})
    return replace(data, settings=settings, stamp=Revision(2, "late answers are in"))


async def _data(cases: list[_Case], template: str, now: datetime) -> "list[ReportData]":
    """The data of each case, from the sandbox."""
    from reporter.cli import setup
    from reporter.config.settings import Overrides
    from reporter.fetch import fetch
    from reporter.planning import Directory, PlannedReport
    from reporter.sandbox.source import SandboxSource

    data = []
    sandbox = SandboxSource(now)
    directory = Directory(await sandbox.organizations())
    for case in cases:
        overrides = Overrides(template=template, period=case.period, locale=case.locale)
        report = setup.demo_configuration(overrides, None).sound().defaults
        window = setup.window(report, now)
        planned = PlannedReport(directory.find(case.organization), report, window)
        data.append(case.change(await fetch(sandbox, planned, window.until)))
    return data


def _errors(data: "ReportData", worker: "Worker") -> Iterator[str]:
    from reporter.rendering.render import mail_html, mail_text, make_pdf, make_view

    view = make_view(data)
    for render in (make_pdf, mail_html, mail_text):
        try:
            worker.run(render, data, view)
        except RenderError as error:
            yield str(error)


@command.command("reference", short_help="Print every variable and the rules.")
def reference() -> None:
    """Print the template reference in Markdown: the files, the rules, and every variable with its meaning."""
    package = Path(__file__).parents[1]
    places = (package / "_docs" / "templates.md", package.parent / "docs" / "templates.md")  # in a wheel, a checkout
    click.echo(next(file for file in places if file.is_file()).read_text("utf-8"))
