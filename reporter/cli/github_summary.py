"""Summary of the run for a GitHub Actions step, appended to the file that the environment names, if any."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import structlog

from reporter.cli.overview import COLUMNS, rows, totals
from reporter.outcome import RunOutcome

log = structlog.get_logger(__name__)

VARIABLE = "GITHUB_STEP_SUMMARY"
_MOST_ROWS = 1000
"""Row limit: GitHub accepts summaries of up to one megabyte. The worst reports come last."""

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


def summarize(outcome: RunOutcome) -> None:
    """Append the run to the step summary. A write error is logged and does not fail the run."""
    file = os.environ.get(VARIABLE)
    if not file or not outcome.reports:
        return
    text = "\n".join(_markdown(outcome)) + "\n\n"
    try:
        with Path(file).open("a", encoding="utf-8", errors="replace") as summary:
            summary.write(text)
    except OSError as error:
        log.error("step_summary.unwritten", reason=error.strerror)  # noqa: TRY400 - the reason is enough


def _markdown(outcome: RunOutcome) -> Iterator[str]:
    every = rows(outcome)
    yield from ("### hyperrep-report", "", _line(COLUMNS), _line(["---"] * len(COLUMNS)))
    yield from (_line(_escaped(row)) for row in every[-_MOST_ROWS:])
    yield _line(_escaped(totals(outcome)))
    if len(every) > _MOST_ROWS:
        yield f"\nOnly the worst {_MOST_ROWS} reports are listed, and all of them counted."
    yield f"\nExit code {outcome.exit_code}."


def _escaped(cells: Sequence[str]) -> Sequence[str]:
    """The cells as plain text: no markup, HTML, links, or cell separators."""
    return [_PUNCTUATION.sub(r"\\\1", cell) for cell in cells]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
