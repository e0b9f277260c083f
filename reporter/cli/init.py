"""`hyperrep-report init`: a commented configuration to start from, with the organizations the key can see."""

import os
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from reporter.config import DEFAULT_FILE
from reporter.domain.errors import ArchiveError, UsageError

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
    # Slow imports, loaded late so that `--help` stays fast.
    from reporter.config.load import load_environment  # noqa: PLC0415
    from reporter.config.sample import sample  # noqa: PLC0415
    from reporter.config.settings import Overrides  # noqa: PLC0415

    if file.is_dir():
        raise UsageError(f"{file} is a folder and cannot be written: name the file in it with --config.")
    if not force and (file.exists() or file.is_symlink()):
        raise UsageError(f"{file} is there already: give --force to replace it, or another file with --config.")
    config = load_environment(os.environ, Overrides())
    organizations = _organizations(config)
    _write(file, sample(organizations))
    _introduce(file, organizations, asked=config.key is not None)


def _organizations(config: "Config") -> tuple["Organization", ...]:
    """The organizations the API key can access; none without a key."""
    import asyncio  # noqa: PLC0415 - see above

    from reporter.hyperrep.client import HyperRepApi  # noqa: PLC0415

    if config.key is None:
        return ()
    secret = config.key.get_secret_value()

    async def ask() -> tuple["Organization", ...]:
        async with HyperRepApi(secret, config.api, clock=lambda: datetime.now(UTC)) as api:
            return await api.organizations()

    return asyncio.run(ask())


def _write(file: Path, content: str) -> None:
    from reporter.files import write  # noqa: PLC0415 - see above

    try:
        write(file.parent, file, content.encode())
    except ArchiveError as error:
        raise UsageError(str(error)) from error


def _introduce(file: Path, organizations: Sequence["Organization"], *, asked: bool) -> None:
    if organizations:
        count = len(organizations)
        click.echo(f"Wrote {file} with {count} {'organization' if count == 1 else 'organizations'}.")
    elif asked:
        click.echo(f"Wrote {file}. The key has no organization yet; an example stands in a comment.")
    else:
        click.echo(f"Wrote {file}. HYPERREP_API_KEY is not set, so no organization was asked for: an example stands in")
        click.echo("a comment. Set the key and run init again with --force to have them listed.")
    named = "" if file == DEFAULT_FILE else f" --config {shlex.quote(str(file))}"
    click.echo("\nNext:")
    click.echo("  1. Say in the file in which time zone days begin, and who gets the reports.")
    click.echo(f"  2. hyperrep-report doctor{named}       checks all that a run needs")
    click.echo(f"  3. hyperrep-report{named} --dry-run    makes the reports and mails nobody")
