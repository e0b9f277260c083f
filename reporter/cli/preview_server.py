"""Implementation of `preview`: fetch one report's data once, and serve it as its template renders it."""

import asyncio
import os
import sys
import webbrowser
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from reporter.cli import demo, logs, serving, setup
from reporter.config.load import examine_config
from reporter.config.settings import Config, Overrides, ReportConfig
from reporter.domain.report import ReportData
from reporter.domain.snapshot import Organization
from reporter.fetch import fetch
from reporter.hyperrep.access import is_loopback
from reporter.planning import PlannedReport, Selection, choose
from reporter.preview.drafts import Drafts
from reporter.preview.serve import serve
from reporter.rendering.templates import template_folder
from reporter.rendering.worker import Worker


@dataclass(frozen=True, slots=True)
class PreviewOptions:
    """What to show, and where to serve it."""

    overrides: Overrides
    name: str | None
    as_of: date | None
    config: str | None
    host: str
    port: int
    is_demo: bool
    opens: bool


def show(wish: PreviewOptions) -> None:
    """Show the report until Ctrl-C. Invalid options are reported before any request."""
    logs.configure(verbose=0, quiet=False, log_format="text")
    config, is_demo = _configured(wish)
    for report in (config.defaults, *config.reports):
        template_folder(report.template)
    with serving.listen("The preview", wish.host, wish.port) as listener, Worker() as worker:
        data, is_locked = asyncio.run(_fetched(wish, config, is_demo=is_demo))
        with suppress(KeyboardInterrupt):
            drafts = Drafts(data, worker, is_locked=is_locked)
            _introduce(serving.url(listener, wish.host), drafts, wish)
            asyncio.run(serve(drafts, listener, [wish.host], _tags(data, is_demo=is_demo)))


def _configured(wish: PreviewOptions) -> tuple[Config, bool]:
    """The configuration, and whether the sandbox answers: if requested, or without a key."""
    file = Path(wish.config) if wish.config else None
    if wish.is_demo:
        return demo.configuration(wish.overrides, file).sound(), True
    examined = examine_config(file, os.environ, wish.overrides)
    config = examined.sound()
    if config.key is not None:
        return config, False
    click.echo(f"There is no API key, so the sandbox's figures are shown. To see your own, {setup.NO_KEY}.", err=True)
    return (config if examined.file else demo.configuration(wish.overrides, None).sound()), True


async def _fetched(wish: PreviewOptions, config: Config, *, is_demo: bool) -> tuple[ReportData, bool]:
    """The report's data, fetched once, and whether its PDF is emailed with a password."""
    now = setup.clock()
    async with setup.source(config, now, is_demo=is_demo) as api:
        organization, report = _chosen(wish, config, await api.organizations(), is_demo=is_demo)
        window = setup.window(report, now, as_of=wish.as_of)
        made_on = now.astimezone(ZoneInfo(report.timezone)).date()
        data = await fetch(api, PlannedReport(organization, report, window), made_on)
        return data, report.pdf_password is not None


def _chosen(
    wish: PreviewOptions, config: Config, known: tuple[Organization, ...], *, is_demo: bool
) -> tuple[Organization, ReportConfig]:
    """The report to show; a report configured for another organization gets one of the sandbox's."""
    names = (wish.name,) if wish.name else ()
    if is_demo:
        look = next(iter(config.reports), config.defaults)
        return choose(Selection(names or (demo.ORGANIZATION,)), (), look, known)[0]
    return choose(Selection(names), config.reports, config.defaults, known)[0]


def _introduce(url: str, drafts: Drafts, wish: PreviewOptions) -> None:
    """Print the URL and open it; the socket already listens, so a browser cannot connect too early."""
    click.echo(f"Preview: {url}/\nTemplate: {drafts.folder}\n\nCtrl-C ends it.")
    if not is_loopback(wish.host):
        click.echo(f"Whoever reaches this machine as {wish.host} can see the report.", err=True)
    if wish.opens and _has_desktop():
        webbrowser.open(f"{url}/")


def _has_desktop() -> bool:
    """Whether a browser would open a window; a text browser would take over the terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _tags(data: ReportData, *, is_demo: bool) -> list[str]:
    """Short labels of the report's settings."""
    settings = data.settings
    words = [Path(settings.template).name, settings.locale, data.window.timezone, settings.currency or "no currency"]
    return [*(["sandbox"] if is_demo else []), *words]
