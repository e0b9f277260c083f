"""Subcommands imported on use, so that `--help` and completion stay as fast as click itself."""

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are `reporter.cli.<name>.command`; its help needs only their summaries."""

    def __init__(self, *arguments: Any, summaries: dict[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own signature
        """The command names, in the order of the summaries."""
        return list(self.summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as above
        """Import the command."""
        if cmd_name not in self.summaries:
            return None
        command: click.Command = import_module(f"reporter.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the list of commands from the summaries, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(self.summaries.items()))
