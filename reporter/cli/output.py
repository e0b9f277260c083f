"""What commands print on stdout: text, JSON, and tables."""

import json
import os
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import click

Row = Sequence[str]

_COLORS = {
    "accepted": "green",
    "sent": "green",
    "unknown": "bold red",
    "failed": "red",
    "deferred": "yellow",
}
"""The colors of states in a table."""

_UNLIMITED = 10_000
"""Table width without a terminal, which would limit it."""


def say(text: str) -> None:
    """Print text; a closed pipe, as by `head`, does not change the command or its exit code."""
    try:
        click.echo(text)
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Discard what Python would otherwise flush to a closed pipe at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say_json(document: Mapping[str, Any]) -> None:
    """Print a document as JSON."""
    say(json.dumps(document, ensure_ascii=False, indent=1))


def say_rows(columns: Row, rows: Sequence[Row]) -> None:
    """Print the rows as a table on a terminal, else as tab-separated lines."""
    if lines := table(columns, rows) if sys.stdout.isatty() else ["\t".join(row) for row in rows]:
        say("\n".join(lines))


def table(columns: Row, rows: Sequence[Row], totals: Row = ()) -> Sequence[str]:
    """The lines of a table: as wide as the terminal, with colored states; plain text in columns elsewhere."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(*columns, box=None, header_style="bold", pad_edge=False)
    for row in rows:
        drawn.add_row(*(Text(cell, _COLORS.get(cell, "") if isinstance(cell, StrEnum) else "") for cell in row))
    if totals:
        drawn.add_section()
        drawn.add_row(*(Text(cell, "bold") for cell in totals))
    console = Console(width=None if sys.stdout.isatty() else _UNLIMITED)
    with console.capture() as captured:
        console.print(drawn)
    return [line.rstrip() for line in captured.get().splitlines()]
