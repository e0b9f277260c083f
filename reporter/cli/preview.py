"""`hyperrep-report preview`: show one report in a browser, rendered again whenever its template changes."""

from datetime import date

import click

from reporter.cli.command import PERIODS, LocalDate, completions


@click.command("preview")
@click.option(
    "--org", "name", metavar="ID_OR_NAME", help="Organization to show.  [default: that of the first configured report]"
)
@click.option(
    "--period", type=click.Choice(PERIODS), help="Use the last complete period before today.  [default: week]"
)
@click.option("--as-of", type=LocalDate(), metavar="DATE", help="Use DATE as today.")
@click.option(
    "--locale", metavar="LOCALE", shell_complete=completions("locale"), help="Locale, e.g. en_US, de_DE, fr_FR."
)
@click.option(
    "--timezone", metavar="ZONE", shell_complete=completions("timezone"), help="Time zone, e.g. America/New_York."
)
@click.option(
    "--currency", metavar="CODE", shell_complete=completions("currency"), help="Currency (ISO 4217), e.g. USD."
)
@click.option(
    "--template",
    metavar="NAME_OR_DIR",
    shell_complete=completions("template"),
    help="Report template.  [default: executive]",
)
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(),
    help="Configuration file.  [default: ./hyperrep-report.toml if it exists]",
)
@click.option("--demo", is_flag=True, help="Show the built-in sandbox's figures (the default when no API key is set).")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; if not local, others can see the report.",
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8766,
    show_default=True,
    help="Port to listen on; 0 picks a free one.",
)
@click.option("--no-open", is_flag=True, help="Print the URL without opening a browser.")
def command(
    *,
    name: str | None,
    period: str | None,
    as_of: date | None,
    locale: str | None,
    timezone: str | None,
    currency: str | None,
    template: str | None,
    config: str | None,
    host: str,
    port: int,
    demo: bool,
    no_open: bool,
) -> None:
    """Show report, email, and data in a browser, updated whenever a template file is saved.

    The figures are fetched once, at the start. Nothing is archived or sent. Press Ctrl-C to stop.
    """
    # Loaded late: these import the libraries of a run and of a server.
    from reporter.cli.preview_server import PreviewOptions, show  # noqa: PLC0415
    from reporter.config.settings import Overrides  # noqa: PLC0415

    overrides = Overrides(timezone=timezone, locale=locale, currency=currency, period=period, template=template)
    show(PreviewOptions(overrides, name, as_of, config, host, port, is_demo=demo, opens=not no_open))
