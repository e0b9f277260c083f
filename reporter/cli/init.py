"""`hyperrep-report init`: a commented configuration to start from, with the organizations the key can see."""

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.config import DEFAULT_FILE
from reporter.domain.errors import ArchiveError, UsageError
from reporter.files import write

if TYPE_CHECKING:
    from reporter.config.settings import Config
    from reporter.domain.snapshot import Organization


@click.command("init")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="File to write.",
)
@click.option("--force", is_flag=True, help="Replace an existing file.")
def command(file: Path, *, force: bool) -> None:
    """Write a commented configuration file with the organizations from the API.

    If HYPERREP_API_KEY (or HYPERREP_API_KEY_FILE) is set, each organization of the key gets its own block. Nothing is
    sent anywhere except to the API, and an existing file is left unchanged unless --force is given.
    """
    from reporter.config.load import load_environment
    from reporter.config.sample import sample
    from reporter.config.settings import Overrides

    if file.is_dir():
        raise UsageError(f"{file} is a folder and cannot be written: name the file in it with --config.")
    if not force and (file.exists() or file.is_symlink()):
        raise UsageError(f"{file} exists already: give --force to replace it, or another file with --config.")
    config = load_environment(os.environ, Overrides())
    organizations = _organizations(config)
    try:
        write(file.parent, file, sample(organizations).encode())
    except ArchiveError as error:
        raise UsageError(str(error)) from error
    _introduce(file, organizations, has_key=config.key is not None)


def _organizations(config: "Config") -> tuple["Organization", ...]:
    """The organizations the API key can access; none without a key."""
    import asyncio

    from reporter.cli import setup

    async def request() -> tuple["Organization", ...]:
        async with setup.source(config, setup.machine_clock(), is_demo=False) as source:
            return await source.organizations()

    return asyncio.run(request()) if config.key else ()


def _introduce(file: Path, organizations: Sequence["Organization"], *, has_key: bool) -> None:
    if organizations:
        count = len(organizations)
        click.echo(f"Wrote {file} with {count} {'organization' if count == 1 else 'organizations'}.")
    elif has_key:
        click.echo(f"Wrote {file}. The key has no organizations yet; a comment shows an example.")
    else:
        click.echo(f"Wrote {file}. HYPERREP_API_KEY is not set, so the file lists no organizations; a comment shows an")
        click.echo("example. To have them listed, set the key and run init again with --force.")
    option = "" if file == DEFAULT_FILE else f" --config {shlex.quote(str(file))}"
    click.echo("\nNext:")
    click.echo("  1. In the file, set the time zone in which days begin, and the recipients of the reports.")
    click.echo(f"  2. hyperrep-report doctor{option}       checks everything a run needs")
    click.echo(f"  3. hyperrep-report{option} --dry-run    renders the reports and sends nothing")
