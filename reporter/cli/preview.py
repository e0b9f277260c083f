"""`hyperrep-report preview`: show one report in a browser, rendered again whenever its template changes."""

from datetime import date

import click

from reporter.cli.command import PERIODS, LocalDate, completions


@click.command("preview")
@click.option("--org", "name", metavar="ID_OR_NAME", help="The organization.  [default: the first configured report's]")
@click.option("--period", type=click.Choice(PERIODS), help="The last complete period before today.  [default: week]")
@click.option("--as-of", type=LocalDate(), metavar="DATE", help="Take DATE as today.")
@click.option("--locale", metavar="LOCALE", shell_complete=completions("locale"), help="E.g. en_US, de_DE, fr_FR.")
@click.option("--timezone", metavar="ZONE", shell_complete=completions("timezone"), help="E.g. America/New_York.")
@click.option("--currency", metavar="CODE", shell_complete=completions("currency"), help="ISO 4217, e.g. USD.")
@click.option(
    "--template", metavar="NAME_OR_DIR", shell_complete=completions("template"), help="The look.  [default: executive]"
)
@click.option(
    "--config", metavar="FILE", type=click.Path(), help="Configuration.  [default: ./hyperrep-report.toml if it exists]"
)
@click.option("--demo", is_flag=True, help="Show the built-in sandbox's figures, which is so without a key as well.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; others may see the report.")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8766, show_default=True, help="Port; 0 takes a free one."
)
@click.option("--no-open", is_flag=True, help="Only say the URL, and open no browser.")
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
    """Show report, mail and data in a browser, anew whenever a file of the template is saved.

    The figures are asked for once, at the start. Nothing is archived and nothing is sent. Ctrl-C ends it.
    """
    # Loaded late: these import the libraries of a run and of a server.
    from reporter.cli.preview_server import PreviewOptions, show  # noqa: PLC0415
    from reporter.config.settings import Overrides  # noqa: PLC0415

    overrides = Overrides(timezone=timezone, locale=locale, currency=currency, period=period, template=template)
    show(PreviewOptions(overrides, name, as_of, config, host, port, is_demo=demo, opens=not no_open))
