"""`hyperrep-report template`: create, list, check, and document report templates."""

from pathlib import Path

import click

from reporter.cli.command import completions


@click.group("template")
def command() -> None:
    """Create your own template: a folder of HTML, CSS, and text files, without any Python.

    \b
    Copy a template to start from:     hyperrep-report template new my-template
    Preview it as you save changes:    hyperrep-report preview --template my-template
    Print every error, with its line:  hyperrep-report template check my-template
    """  # noqa: D301 - click wants the character, not its escape


@command.command("new", short_help="Copy a template to start from.")
@click.argument("name")
@click.option(
    "--from",
    "origin",
    metavar="NAME_OR_DIR",
    default="executive",
    show_default=True,
    shell_complete=completions("template"),
    help="Template to copy.",
)
@click.option(
    "--into",
    metavar="DIR",
    default=Path(),
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder in which to create NAME.  [default: the current folder]",
)
def new(name: str, origin: str, into: Path) -> None:
    """Copy a template into a new folder, NAME, to start from, with a README.md that explains the next steps.

    Existing files are never overwritten.
    """
    from reporter.cli.template_copy import copy_template  # noqa: PLC0415 - rendering libraries, only for this

    click.echo("\n".join(copy_template(name, origin, into)))


@command.command("list", short_help="List the available templates.")
def list_() -> None:
    """List the available templates: those that come with the software, and those in the current folder."""
    from reporter.rendering.templates import is_stock, names  # noqa: PLC0415 - see above

    for name in names(Path()):
        click.echo(f"{name}\t{'comes with the software' if is_stock(name) else 'a folder here'}")


@command.command("check", short_help="Check a template and print each error, file and line first.")
@click.argument("template", metavar="NAME_OR_DIR", shell_complete=completions("template"))
def check(template: str) -> int:
    """Render reports with a template and print each error, file and line first.

    The reports are from the built-in sandbox: with usual figures, with none yet, with hostile names, with a logo,
    without tables, revised, and from right to left if a language is written that way. Exits with 0 if there are no
    errors, 1 if there are any.
    """
    from reporter.cli.template_check import tried  # noqa: PLC0415 - a run's libraries, only for this

    return tried(template)


@command.command("reference", short_help="Print every variable and the rules.")
def reference() -> None:
    """Print the template reference in Markdown: the files, the rules, and every variable with its meaning."""
    package = Path(__file__).parents[1]
    places = (package / "_docs" / "templates.md", package.parent / "docs" / "templates.md")  # in a wheel, a checkout
    click.echo(next(file for file in places if file.is_file()).read_text("utf-8"))
