"""Write docs/command-line.md from the code: `python scripts/command_line_reference.py`."""

from collections.abc import Iterator
from pathlib import Path

import click

from reporter.cli.command import EXIT_CODES, SUMMARIES, main

FILE = Path(__file__).parents[1] / "docs" / "command-line.md"
NAME = "hyperrep-report"
WIDTH = 100

_HEAD = """\
# Command line

<!-- Written by `python scripts/command_line_reference.py`; change reporter/cli instead. -->

`hyperrep-report` without a subcommand renders, archives, and sends reports. An option overrides the environment, the
environment overrides the configuration file, and the file overrides the default; [Configuration](configuration.md)
lists the keys of the file. Usage and configuration errors are printed to stderr, one sentence each, before anything is
requested, written, or sent.
"""

_EXIT_CODES = """\
## Exit codes

Where several apply, 4 comes before 1, and 1 before 75.
"""

_DOCUMENT = """\
## The document of `--json`

stdout has one JSON object and nothing else, whatever the exit code is.

| key | value |
| --- | --- |
| `run` | an identifier of this run |
| `period` | the period of all its reports; null if they differ, or if there are none |
| `reports` | a list with an object for each report, in the order in which they were requested |
| `counts` | how many reports have each status |
| `unresolved` | emails of earlier runs whose delivery is uncertain, as `history --json` lists them |
| `exit_code` | the exit code of the command |
| `error` | the reason, if no report was started, the run was interrupted, or the archive is incomplete; else left out |

Each report has these keys. A value that is not known is null.

| key | value |
| --- | --- |
| `organization_id`, `organization` | the organization |
| `status` | the worst of its deliveries: `sent`, `deferred`, `failed`, or `unknown`; `archived` if it was rendered \
and not emailed, `skipped` if it was sent before |
| `window`, `previous` | the reported window and the previous one: `start` inclusive, `end` exclusive |
| `currency`, `locale` | the currency and locale of the report |
| `pdf`, `pdf_sha256` | the path of the PDF, and its hash |
| `email`, `message_id` | the path of the first recipient's email, and its Message-ID |
| `deliveries` | a list of `recipient`, `status`, and the mail server's `reply`; see [Delivery](delivery.md) |
| `error` | why it was skipped, deferred, or failed, or why its delivery is unknown |
"""

_TERMINAL = """\
## Output during a run

Results go to stdout, everything else to stderr. On a terminal, a line shows which report is at which step; elsewhere it
is left out. `-v` logs each step with the organization's id and the window, and `-vv` logs more; with `--log-format
json`, each line of the log is one JSON object. `-v` logs no address, figure, or secret.

`SOURCE_DATE_EPOCH` (seconds since 1970) sets the time of a run, so that you can repeat the run and get the same bytes.
It determines windows and dates, also in a run that sends. Only the check of this machine's clock against the API's uses
the machine's own time.

## Shell completion

To complete options, subcommands, time zones, locales, currencies, and templates, add this line to the shell's startup
file:

| shell | file | line |
| --- | --- | --- |
| bash 4.4 or later | `~/.bashrc` | `eval "$(_HYPERREP_REPORT_COMPLETE=bash_source hyperrep-report)"` |
| zsh | `~/.zshrc` | `eval "$(_HYPERREP_REPORT_COMPLETE=zsh_source hyperrep-report)"` |
| fish | `~/.config/fish/config.fish` | `_HYPERREP_REPORT_COMPLETE=fish_source hyperrep-report \\| source` |
"""


def reference() -> str:
    """The document in Markdown."""
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
    """A command's help, then that of each of its subcommands."""
    context = command.make_context(name, [], parent=parent, resilient_parsing=True)
    yield f"### `{context.command_path}`\n"
    yield _help(context)
    for within, each in command.commands.items() if isinstance(command, click.Group) else ():
        yield from _sections(each, within, context)


def _help(context: click.Context) -> str:
    """The output of `--help` on a terminal of `WIDTH` columns."""
    return f"```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
