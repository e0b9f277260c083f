"""`hyperrep-report template`: create, list, check, and document report templates."""

from pathlib import Path

import click

from reporter.cli.command import completions


@click.group("template")
def command() -> None:
    """Make a look of your own: a folder of HTML, CSS and text, without any Python in it.

    \b
    A copy to start from:              hyperrep-report template new my-look
    In a browser, as you save:         hyperrep-report preview --template my-look
    Every fault, with file and line:   hyperrep-report template check my-look
    """  # noqa: D301 - click wants the character, not its escape


@command.command("new", short_help="Copy a look to start from.")
@click.argument("name")
@click.option(
    "--from",
    "origin",
    metavar="NAME_OR_DIR",
    default="executive",
    show_default=True,
    shell_complete=completions("template"),
    help="The look to copy.",
)
@click.option(
    "--into",
    metavar="DIR",
    default=Path(),
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that it becomes a folder in.  [default: here]",
)
def new(name: str, origin: str, into: Path) -> None:
    """Copy a look into a new folder, NAME, to start from, with a README.md that says how to go on.

    What is there already is never overwritten.
    """
    from reporter.cli.template_copy import copy_template  # noqa: PLC0415 - rendering libraries, only for this

    click.echo("\n".join(copy_template(name, origin, into)))


@command.command("list", short_help="Print the looks there are.")
def list_() -> None:
    """Print the name of every look: those that come with the software, and the folders here that are one."""
    from reporter.rendering.templates import is_stock, names  # noqa: PLC0415 - see above

    for name in names(Path()):
        click.echo(f"{name}\t{'comes with the software' if is_stock(name) else 'a folder here'}")


@command.command("check", short_help="Say what is wrong with a look, file and line first.")
@click.argument("template", metavar="NAME_OR_DIR", shell_complete=completions("template"))
def check(template: str) -> int:
    """Make reports with a look and say what is wrong with it, file and line first.

    The reports are the built-in sandbox's: with usual figures, with none yet, with hostile names, with a logo, without
    tables, revised, and from right to left where a language is written so. Exits with 1 when there are faults.
    """
    from reporter.cli.template_check import tried  # noqa: PLC0415 - a run's libraries, only for this

    return tried(template)


@command.command("reference", short_help="Print every variable, and the rules.")
def reference() -> None:
    """Print the reference of templates: the files, the rules, and every variable with its meaning (Markdown)."""
    from reporter.rendering.reference import reference  # noqa: PLC0415 - rendering libraries, only for this

    click.echo(reference())
