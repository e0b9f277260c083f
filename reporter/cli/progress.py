"""Progress display: a live line on a terminal, nothing elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from reporter.outcome import ReportStatus
from reporter.planning import PlannedReport

_DOING = {"fetch": "asking the API", "render": "making the document", "deliver": "handing over the mail"}
_DONE = frozenset(status.value for status in ReportStatus)


@contextmanager
def progress(total: int, *, hidden: bool) -> Iterator[Callable[[PlannedReport, str], None]]:
    """A callback for each report's steps; a terminal shows them until the block ends."""
    if hidden or not sys.stderr.isatty():
        yield lambda _report, _step: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a terminal
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.text import Text  # noqa: PLC0415

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def tell(report: PlannedReport, step: str) -> None:
            name = Text(f"{report.organization.title}: {_DOING.get(step, step)}").markup
            bar.update(task, description=name, advance=1 if step in _DONE else 0, refresh=True)

        yield tell
