"""`hyperrep-report preview`: show one report in a browser, rendered again whenever its template changes."""

import os
import sys
import webbrowser
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from reporter.cli import options
from reporter.hyperrep.access import is_loopback

if TYPE_CHECKING:
    from reporter.config.settings import Config, Overrides
    from reporter.domain.report import ReportData


@click.command("preview")
@click.option(
    "--org", "name", metavar="ID_OR_NAME", help="Organization to show.  [default: that of the first configured report]"
)
@options.period
@click.option("--as-of", type=options.local_date, metavar="DATE", help="Use DATE as today.")
@options.locale
@options.timezone
@options.currency
@options.template
@options.config()
@click.option("--demo", is_flag=True, help="Show the built-in sandbox's figures (the default when no API key is set).")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; if not local, others can see the report.",
)
@options.port(8766)
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
    import asyncio

    from reporter.cli import setup
    from reporter.config.settings import Overrides
    from reporter.preview.drafts import Drafts
    from reporter.preview.serve import serve
    from reporter.rendering.worker import Worker

    setup.configure_logs()
    overrides = Overrides(timezone=timezone, locale=locale, currency=currency, period=period, template=template)
    settings, is_demo = _configured(overrides, config, is_demo=demo)
    with setup.listen("The preview", host, port) as listener, Worker() as worker:
        data, is_locked = asyncio.run(_fetched(settings, name, as_of, is_demo=is_demo))
        drafts = Drafts(data, worker, is_locked=is_locked)
        url = setup.url(listener, host)
        with suppress(KeyboardInterrupt):
            click.echo(f"Preview: {url}/\nTemplate: {drafts.folder}\n\nCtrl-C ends it.")
            if not is_loopback(host):
                click.echo(f"Anyone who can reach this machine as {host} can see the report.", err=True)
            if not no_open and _has_desktop():  # the socket already listens, so a browser cannot connect too early
                webbrowser.open(f"{url}/")
            asyncio.run(serve(drafts, listener, [host], _tags(data, is_demo=is_demo)))


def _configured(overrides: "Overrides", config: str | None, *, is_demo: bool) -> "tuple[Config, bool]":
    """The configuration, and whether the sandbox answers: if requested, or without a key."""
    from reporter.cli import setup
    from reporter.config.load import examine_config

    file = Path(config) if config else None
    if is_demo:
        return setup.demo_configuration(overrides, file).sound(), True
    examined = examine_config(file, os.environ, overrides)
    settings = examined.sound()
    if settings.key is not None:
        return settings, False
    click.echo(f"There is no API key, so the sandbox's figures are shown. To see your own, {setup.NO_KEY}.", err=True)
    return (settings if examined.file else setup.demo_configuration(overrides, None).sound()), True


async def _fetched(
    config: "Config", name: str | None, as_of: date | None, *, is_demo: bool
) -> "tuple[ReportData, bool]":
    """The report's data, fetched once, and whether its PDF is emailed with a password.

    With the sandbox, the first configured report is shown for one of the sandbox's organizations.
    """
    from reporter.cli import setup
    from reporter.fetch import fetch
    from reporter.planning import PlannedReport, Selection, choose

    now = setup.clock()
    configured, defaults, names = config.reports, config.defaults, (name,) if name else ()
    if is_demo:
        configured, defaults, names = (), next(iter(configured), defaults), names or (setup.DEMO_ORGANIZATION,)
    async with setup.source(config, now, is_demo=is_demo) as source:
        organization, report = choose(Selection(names), configured, defaults, await source.organizations())[0]
        window = setup.window(report, now, as_of=as_of)
        rendered_on = now.astimezone(ZoneInfo(report.timezone)).date()
        data = await fetch(source, PlannedReport(organization, report, window), rendered_on)
        return data, report.pdf_password is not None


def _has_desktop() -> bool:
    """Whether a browser would open a window; a text browser would take over the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _tags(data: "ReportData", *, is_demo: bool) -> list[str]:
    """Short labels of the report's settings."""
    settings = data.settings
    words = [Path(settings.template).name, settings.locale, data.window.timezone, settings.currency or "no currency"]
    return [*(["sandbox"] if is_demo else []), *words]
