"""Implementation of `export`: read the editions one by one and stream their rows."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

import click

from reporter.archive.editions import EditionFilter, find, read_edition
from reporter.domain.errors import ReporterError, UsageError
from reporter.domain.strings import one_line
from reporter.files import unfinished_name
from reporter.rendering.exports.csv import csv_of
from reporter.rendering.exports.figure_rows import FigureRow, Role, rows_of
from reporter.rendering.exports.json_list import json_of


@dataclass(slots=True)
class Table:
    """The requested rows; `editions` and `left_out` are counted during reading."""

    root: Path
    wanted: EditionFilter
    with_history: bool
    editions: int = 0
    left_out: int = 0

    def rows(self) -> Iterator[FigureRow]:
        """The rows of every edition. An unreadable edition is reported and left out."""
        for path in find(self.root, self.wanted):
            self.editions += 1
            try:
                rows = self._of(path)
            except ReporterError as error:
                self._leave_out(path, str(error))
            except Exception as error:  # noqa: BLE001 - altered data can raise anything; only this edition fails
                self._leave_out(path, repr(error))
            else:
                yield from rows

    def _of(self, path: str) -> list[FigureRow]:
        edition = read_edition(self.root, path)
        roles = frozenset(Role) if self.with_history else frozenset({Role.CURRENT})
        return list(rows_of(edition.data, edition.shown, roles))

    def _leave_out(self, path: str, reason: str) -> None:
        self.left_out += 1
        click.echo(f"hyperrep-report: {one_line(f'{path} is left out: {reason}')}", err=True)


def exported(table: Table, form: str, file: Path | None) -> int:
    """Write the table to the file or to stdout, and return the exit code."""
    opened: AbstractContextManager[IO[bytes]] = _file(file) if file else _stdout(form)
    with opened as target:
        if form == "xlsx":
            from reporter.rendering.exports.workbook import write_workbook  # noqa: PLC0415 - only for a workbook

            write_workbook(table.rows(), target)
        else:
            write = json_of if form == "json" else csv_of
            for piece in write(table.rows()):
                target.write(_legible(piece) if target.isatty() else piece)
    if not table.editions:
        click.echo("The archive has no reports of this kind.", err=True)
    return 1 if table.left_out else 0


def _legible(piece: bytes) -> bytes:
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
        raise UsageError("A workbook is nothing for a terminal: name a file with --file, or pass it on.")
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
