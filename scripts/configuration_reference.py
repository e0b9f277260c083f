"""Write docs/configuration.md from the code: `python scripts/configuration_reference.py`."""

from pathlib import Path

from reporter.config.schema import FileKeys, keys
from reporter.config.secrets import VARIABLES
from reporter.config.toml_tables import Key, table_of
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
    tables = [key for key in keys() if table_of(key.field) and (len(key.path) == 1 or key.path[0] != "reports")]
    parts = [_HEAD, _section("Top of the file", FileKeys.__doc__ or "", ()), *map(_table_section, tables)]
    secrets = [f"| `{name}`, `{name}_FILE` | {meaning} |" for name, meaning in VARIABLES.items()]
    parts.append("\n".join([_SECRETS, "| Environment | Meaning |", "| --- | --- |", *secrets, ""]))
    parts.append(_OTHERS)
    return "\n".join(parts)


def _table_section(key: Key) -> str:
    model = table_of(key.field)
    name = ".".join(key.path)
    title = f"[[{name}]]" if key.is_list else f"[{name}]"
    return _section(f"`{title}`", (model.__doc__ or "") if model else "", key.path)


def _section(title: str, about: str, path: tuple[str, ...]) -> str:
    """Section with one table's keys, except those that a report's block shares with the top of the file."""
    top = {key.name for key in keys() if len(key.path) == 1} if path else set()
    own = [key for key in keys() if key.path[:-1] == path and (key.name not in top or path != ("reports",))]
    rows = [_row(key) for key in own if key.kind]
    return "\n".join([f"## {title}\n", f"{about}\n", _line(_COLUMNS), _line(["---"] * len(_COLUMNS)), *rows, ""])


def _row(key: Key) -> str:
    kind = key.kind.words if key.kind else ""
    environment, flag = key.source("environment"), key.source("flag")
    return _line(
        (
            f"`{key.name}`",
            f"list of: {kind}" if key.is_list else kind,
            key.source("default") or "none",
            f"`{environment}`" if environment else "",
            f"`{flag}`" if flag else "",
            key.field.description or "",
        )
    )


def _line(cells: tuple[str, ...] | list[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    FILE.write_text(reference(), "utf-8")
