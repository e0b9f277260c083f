"""`hyperrep-report export`: the figures of an archive as one table, for further calculations."""

from pathlib import Path

import click

from reporter.cli.command import PERIODS
from reporter.domain.errors import UsageError

FORMATS = ("csv", "xlsx", "json")


@click.command("export")
@click.option("--org", "names", multiple=True, metavar="ID_OR_NAME", help="Only this organization (repeatable).")
@click.option("--period", type=click.Choice((*PERIODS, "custom")), help="Only reports for this period.")
@click.option("--label", metavar="LABEL", help="Only this window, by its folder name in the archive, e.g. 2026-04.")
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
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path), help="Archive folder.  [default: ./reports]")
@click.option(
    "--config", metavar="FILE", type=click.Path(path_type=Path), help="Configuration file that names the archive."
)
def command(
    *,
    names: tuple[str, ...],
    period: str | None,
    label: str | None,
    history: bool,
    form: str | None,
    file: Path | None,
    schema: bool,
    output: Path | None,
    config: Path | None,
) -> int:
    """Write the figures of archived reports as one table, with a row for each number of each reported window.

    Channels and pipeline are included. Needs no network and no key. Exits with 1 if a report cannot be read; the table
    contains the others. The workbook and docs/archive.md explain the columns.

    \b
    All monthly figures, for analysis:  hyperrep-report export --period month --file figures.xlsx
    One organization's, for a script:   hyperrep-report export --org "Acme Roofing"
    """  # noqa: D301 - click wants the character, not its escape
    if schema:
        from reporter.archive.report_schema import published  # noqa: PLC0415 - only for `--schema`

        click.echo(published(), nl=False)
        return 0
    # Slow imports, loaded late so that `--help` and usage errors stay fast.
    from reporter.archive.editions import EditionFilter  # noqa: PLC0415
    from reporter.cli import setup  # noqa: PLC0415
    from reporter.cli.export_table import Table, exported  # noqa: PLC0415

    root, _ = setup.archive(output, config)
    return exported(Table(root, EditionFilter(names, period, label), with_history=history), _form(form, file), file)


def _form(form: str | None, file: Path | None) -> str:
    """The requested format, or the one given by the file's suffix."""
    ending = file.suffix.removeprefix(".").lower() if file else "csv"
    if form is None and ending not in FORMATS:
        raise UsageError(f"--file {file} does not end in {', '.join(FORMATS)}: say which with --format.")
    return form or ending
