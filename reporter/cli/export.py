"""`hyperrep-report export`: the figures of an archive as one table, for further calculations."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

import click

from reporter.cli import options
from reporter.cli.output import discard_output
from reporter.domain.errors import ReporterError, UsageError
from reporter.domain.strings import one_line
from reporter.files import unfinished_name

if TYPE_CHECKING:
    from reporter.archive.archived_reports import EditionFilter
    from reporter.rendering.figure_rows import FigureRow

FORMATS = ("csv", "xlsx", "json")


@click.command("export")
@click.option("--org", "names", multiple=True, metavar="ID_OR_NAME", help="Only this organization (repeatable).")
@options.archived_period
@options.archived_label
@click.option(
    "--history", is_flag=True, help="Include the windows before each reported one, as its report recorded them."
)
@click.option(
    "--format", "form", type=click.Choice(FORMATS), help="Output format.  [default: the suffix of FILE, else csv]"
)
@click.option(
    "--file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Output file.  [default: stdout]"
)
@click.option("--schema", is_flag=True, help="Print the JSON Schema of report.json instead.")
@options.output
@options.config("Configuration file that names the archive.")
def command(
    *,
    names: tuple[str, ...],
    period: str | None,
    label: str | None,
    history: bool,
    form: str | None,
    file: Path | None,
    schema: bool,
    output: str | None,
    config: str | None,
) -> int:
    """Write the figures of archived reports as one table, with a row for each number of each reported window.

    Channels and pipeline are included. Needs no network and no key. Exits with 1 if a report cannot be read; the table
    contains the others. The workbook and docs/archive.md explain the columns.

    \b
    All monthly figures, for analysis:  hyperrep-report export --period month --file figures.xlsx
    One organization's, for a script:   hyperrep-report export --org "Acme Roofing"
    """  # noqa: D301 - click wants the character, not its escape
    if schema:
        click.echo(files("reporter.archive").joinpath("report.schema.json").read_text("utf-8"), nl=False)
        return 0
    from reporter.archive.archived_reports import EditionFilter
    from reporter.cli import setup

    root, _ = setup.archive(output, config)
    figures = _Figures(root, EditionFilter(names, period, label), with_history=history)
    _write(figures, _format(form, file), file)
    if not figures.editions:
        click.echo("The archive has no such report.", err=True)
    return 1 if figures.unreadable else 0


def _format(form: str | None, file: Path | None) -> str:
    """The requested format, or the one given by the file's suffix."""
    ending = file.suffix.removeprefix(".").lower() if file else "csv"
    if form is None and ending not in FORMATS:
        raise UsageError(f"--file {file} does not end in {', '.join(FORMATS)}: name the format with --format.")
    return form or ending


@dataclass(slots=True)
class _Figures:
    """The requested rows; `editions` and `unreadable` are counted during reading."""

    root: Path
    wanted: "EditionFilter"
    with_history: bool
    editions: int = 0
    unreadable: int = 0

    def rows(self) -> "Iterator[FigureRow]":
        """The rows of every edition, read one by one. An unreadable edition is reported and left out."""
        from reporter.archive.archived_reports import find

        for path in find(self.root, self.wanted):
            self.editions += 1
            try:
                rows = self._rows_of(path)
            except ReporterError as error:
                self._leave_out(path, str(error))
            except Exception as error:  # noqa: BLE001 - altered data can raise anything; only this edition fails
                self._leave_out(path, repr(error))
            else:
                yield from rows

    def _rows_of(self, path: str) -> "list[FigureRow]":
        from reporter.archive.archived_reports import read_edition
        from reporter.rendering.figure_rows import Role, rows_of

        edition = read_edition(self.root, path)
        roles = frozenset(Role) if self.with_history else frozenset({Role.CURRENT})
        return list(rows_of(edition.data, edition.shown, roles))

    def _leave_out(self, path: str, reason: str) -> None:
        self.unreadable += 1
        click.echo(f"hyperrep-report: {one_line(f'{path} is left out: {reason}')}", err=True)


def _write(figures: _Figures, form: str, file: Path | None) -> None:
    """Write the figures to the file or to stdout, as they are read."""
    from reporter.rendering.figure_rows import csv_of, json_of

    opened: AbstractContextManager[IO[bytes]] = _file(file) if file else _stdout(form)
    with opened as target:
        if form == "xlsx":
            from reporter.rendering.workbook import write_workbook  # slow

            write_workbook(figures.rows(), target)
        else:
            for piece in (json_of if form == "json" else csv_of)(figures.rows()):
                target.write(_printable(piece) if target.isatty() else piece)


def _printable(piece: bytes) -> bytes:
    """The piece without control characters, which an id or a key could send to the terminal."""
    text = piece.decode("utf-8")
    return "".join(each if each.isprintable() or each in "\r\n" else "?" for each in text).encode("utf-8")


@contextmanager
def _file(file: Path) -> Iterator[IO[bytes]]:
    """A temporary file that replaces the requested one once it is complete."""
    unfinished = file.with_name(unfinished_name(file.name))
    try:
        with unfinished.open("w+b") as target:
            yield target
        unfinished.replace(file)
    except OSError as error:
        raise UsageError(f"{file} cannot be written ({error.strerror}): name another --file.") from error
    finally:
        unfinished.unlink(missing_ok=True)


@contextmanager
def _stdout(form: str) -> Iterator[IO[bytes]]:
    """Stdout; a workbook goes through a temporary file, since it is not written sequentially."""
    stdout = sys.stdout.buffer
    if form == "xlsx" and stdout.isatty():
        raise UsageError("A terminal cannot show a workbook: name a file with --file, or redirect the output.")
    try:
        if form != "xlsx":
            yield stdout
        else:
            with TemporaryFile() as target:
                yield target
                target.seek(0)
                shutil.copyfileobj(target, stdout)
        stdout.flush()
    except BrokenPipeError:  # the consumer stopped reading, as `head` does
        discard_output()
