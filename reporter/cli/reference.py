"""The reference of the command line, written from the commands: `python -m reporter.cli.reference` renews it."""

from collections.abc import Iterator
from pathlib import Path

import click

from reporter.cli.command import EXIT_CODES, SUMMARIES, main

FILE = Path(__file__).parents[2] / "docs" / "command-line.md"
NAME = "hyperrep-report"
WIDTH = 100

_HEAD = """\
# Command line

<!-- Written from the commands by `python -m reporter.cli.reference`; change reporter/cli instead. -->

`hyperrep-report` without a subcommand makes, archives and mails reports. An option comes before the environment, the
environment before the configuration file, the file before the default; the keys of the file stand in
[Configuration](configuration.md). What is wrong is told on stderr, in one sentence each, before anything is asked,
written or sent.
"""

_EXIT_CODES = """\
## Exit codes

Where several apply, 4 comes before 1, and 1 before 75.
"""

_DOCUMENT = """\
## The document of `--json`

One JSON object stands on stdout and nothing else, whatever the exit code is.

| key | value |
| --- | --- |
| `run` | an identifier of this run |
| `period` | the period of all its reports; null where they differ, or where there are none |
| `reports` | a list with an object for each report, in the order they were asked for |
| `counts` | how many reports have each status |
| `unresolved` | mails of earlier runs whose outcome nobody knows, as `history --json` lists them |
| `exit_code` | the exit code of the command |
| `error` | only where no report was begun, the run was interrupted, or the archive is not complete: why |

Each report has these keys. What is not known is null.

| key | value |
| --- | --- |
| `organization_id`, `organization` | whose report it is |
| `status` | the worst of its deliveries: `sent`, `deferred`, `failed`, `unknown`; `archived` when it was made and \
mailed to nobody, `skipped` when it was sent before |
| `window`, `previous` | the window reported on and the one it is compared with: `start` inclusive, `end` exclusive |
| `currency`, `locale` | what it was made with |
| `pdf`, `pdf_sha256` | the path of the PDF, and its hash |
| `email`, `message_id` | the path of the first reader's mail, and its Message-ID |
| `deliveries` | a list of `recipient`, `status` and the mail server's `reply`; see [Delivery](delivery.md) |
| `error` | why it was skipped, deferred, failed or is unknown |
"""

_TERMINAL = """\
## What is told while it works

Results go to stdout, everything else to stderr. On a terminal a line shows which report is at which step; elsewhere it
is left out. `-v` logs each step with the organization's id and the window, `-vv` more; with `--log-format json` each
line of the log is one JSON object. No address, figure or secret is logged at `-v`.

`SOURCE_DATE_EPOCH` (seconds since 1970) says when a run takes place, so that it can be repeated to the byte: it decides
windows and dates, also of a run that sends. Only where the API's clock is compared with this machine's own does the
machine's count.

## Shell completion

Options, subcommands, time zones, locales, currencies and templates are completed once this line stands in the shell's
start file:

| shell | file | line |
| --- | --- | --- |
| bash 4.4 or later | `~/.bashrc` | `eval "$(_HYPERREP_REPORT_COMPLETE=bash_source hyperrep-report)"` |
| zsh | `~/.zshrc` | `eval "$(_HYPERREP_REPORT_COMPLETE=zsh_source hyperrep-report)"` |
| fish | `~/.config/fish/config.fish` | `_HYPERREP_REPORT_COMPLETE=fish_source hyperrep-report \\| source` |
"""


def reference() -> str:
    """The whole document in Markdown."""
    root = main.make_context(NAME, [], resilient_parsing=True, terminal_width=WIDTH)
    codes = [f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items()]
    table = "\n".join([_EXIT_CODES, "| code | meaning |", "| --- | --- |", *codes, ""])
    return "\n".join([_HEAD, _help(root), table, _DOCUMENT, _TERMINAL, "## Subcommands\n", *_subcommands(root)])


def _subcommands(root: click.Context) -> Iterator[str]:
    for name in SUMMARIES:
        command = main.get_command(root, name)
        assert command is not None
        yield from _sections(command, name, root)


def _sections(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """A command's help, then that of each command within it."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield f"### `{context.command_path}`\n"
    yield _help(context)
    for within, each in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _sections(each, within, context)


def _help(context: click.Context) -> str:
    """What `--help` prints, as it stands on a terminal of `WIDTH` columns."""
    return f"```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
