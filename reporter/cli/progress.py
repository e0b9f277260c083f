"""What a person sees while reports are made: a live line on a terminal, nothing where a log is read."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from reporter.outcome import Status
from reporter.plan import PlannedReport

_DOING = {"fetch": "asking the API", "render": "making the document", "deliver": "handing over the mail"}
_DONE = frozenset(status.value for status in Status)


@contextmanager
def progress(total: int, *, hidden: bool) -> Iterator[Callable[[PlannedReport, str], None]]:
    """A function that is told each report's steps; on a terminal they are drawn until the block ends."""
    console = Console(stderr=True)
    if hidden or not console.is_terminal:
        yield lambda _report, _step: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def tell(report: PlannedReport, step: str) -> None:
            name = Text(f"{report.organization.title}: {_DOING.get(step, step)}").markup
            bar.update(task, description=name, advance=1 if step in _DONE else 0, refresh=True)

        yield tell
