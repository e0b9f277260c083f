"""Write docs/configuration.md from the code: `python scripts/configuration_reference.py`."""

from pathlib import Path

from reporter.config.kinds import Key, ListOf, Table
from reporter.config.schema import CONFIGURATION, ENVIRONMENT, FLAGS, REPORT_KEYS, entries
from reporter.config.secrets import VARIABLES
from reporter.rendering.acceleration.guard import VARIABLE

FILE = Path(__file__).parents[1] / "docs" / "configuration.md"

_HEAD = """\
# Configuration

<!-- Written by `python scripts/configuration_reference.py`; change reporter/config/schema.py instead. -->

`hyperrep-report` reads `./hyperrep-report.toml`, or the file that `--config` names. Every key is optional, and
`hyperrep-report init` writes a file to start from. The first of these that has a value wins: the option, the
environment, the file (a report's own block before the top of the file), the default. Tables are merged key by key; a
list replaces the other list. An empty variable counts as not set.

Paths in the file are relative to its folder, all others to the working directory. All problems are reported at once,
each with its location in the file, and the command exits with code 2 before anything is requested, written, or sent.
"""
_COLUMNS = ("Key", "Type", "Default", "Environment", "Flag", "Meaning")
_SECRETS = """\
## Secrets

Secrets do not belong in the file. Each variable has a second form that ends in `_FILE` and names a file that contains
the secret; trailing line breaks in that file are ignored. Set only one of the two.
"""
_OTHERS = f"""\
## Other variables

| Environment | Meaning |
| --- | --- |
| `{VARIABLE}` | `1` renders documents by the public API of WeasyPrint alone, to the same bytes but more slowly: see \
[Performance](performance.md#the-acceleration-of-weasyprint). |
"""


def reference() -> str:
    """The document in Markdown."""
    tables = [(place, entry) for place, entry in entries() if isinstance(entry, Table)]
    parts = [_HEAD, _section((), CONFIGURATION), *(_section(*each) for each in tables if each[0][:-1] != ("reports",))]
    secrets = [f"| `{name}`, `{name}_FILE` | {meaning} |" for name, meaning in VARIABLES.items()]
    parts.append("\n".join([_SECRETS, "| Environment | Meaning |", "| --- | --- |", *secrets, ""]))
    parts.append(_OTHERS)
    return "\n".join(parts)


def _section(place: tuple[str, ...], table: Table) -> str:
    """Section with one table's keys, except those that a report's block shares with the top of the file."""
    name = f"[[{place[0]}]]" if table.is_list else f"[{'.'.join(place)}]"
    title = f"`{name}`" if place else "Top of the file"
    own = {key: entry for key, entry in table.keys.items() if not (table.is_list and key in REPORT_KEYS)}
    rows = [_row((*place, name), key) for name, key in own.items() if isinstance(key, Key)]
    return "\n".join(
        [f"## {title}\n", f"{table.meaning}\n", _line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *rows, ""]
    )


def _row(place: tuple[str, ...], key: Key) -> str:
    kind = f"list of: {key.kind.item.words}" if isinstance(key.kind, ListOf) else key.kind.words
    variable = f"`{ENVIRONMENT[place]}`" if place in ENVIRONMENT else ""
    flag = f"`{FLAGS[place[0]]}`" if len(place) == 1 and place[0] in FLAGS else ""
    return _line((f"`{place[-1]}`", kind, key.default, variable, flag, key.meaning))


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
