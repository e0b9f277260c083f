"""The configuration that `init` writes: each key of the schema as a comment, and a block per organization."""

from collections import Counter
from collections.abc import Iterable, Sequence

import tomli_w

from reporter.config.kinds import Key, Table
from reporter.config.schema import CONFIGURATION
from reporter.config.secrets import VARIABLES
from reporter.domain.snapshot import Organization

_HEAD = f"""\
# Configuration of hyperrep-report. Every key is optional: remove the # before one to set it.
# Secrets do not belong here. They are read from the environment, or from files that it names:
# {", ".join(f"{name} or {name}_FILE" for name in VARIABLES)}.

# {CONFIGURATION.meaning}
"""
_REPORTS = """\
# The reports: one block for each organization, with any key from the top of this file that is different for it.
"""
_EXAMPLE = """\
# [[reports]]
# organization = "Acme Roofing"
# recipients = ["Ada Smith <ada@example.com>"]
"""


def sample(organizations: Sequence[Organization]) -> str:
    """The text of the file; without organizations, with an example block as a comment."""
    sections = {
        name: table for name, table in CONFIGURATION.keys.items() if isinstance(table, Table) and not table.example
    }
    parts = [_HEAD, *(_commented(name, key) for name, key in CONFIGURATION.keys.items() if name not in sections)]
    for name, table in sections.items():
        if not table.is_list:
            parts += [f"# {table.meaning}\n[{name}]\n", *(_commented(*entry) for entry in table.keys.items())]
    return "\n".join([*parts, _REPORTS, *(_blocks(organizations) or [_EXAMPLE])])


def _commented(name: str, entry: Key | Table) -> str:
    return f"# {entry.meaning}\n# {name} = {entry.example}\n"


def _blocks(organizations: Iterable[Organization]) -> list[str]:
    """A block for each organization, named by its id if its name is ambiguous or unreadable."""
    listed = list(organizations)
    names = Counter(name.casefold() for each in listed for name in (each.name, each.id))
    return [_block(organization, by_name=names[organization.name.casefold()] == 1) for organization in listed]


def _block(organization: Organization, *, by_name: bool) -> str:
    name = organization.name
    is_usable = by_name and name.isprintable() and bool(name.strip())
    called = tomli_w.dumps({"organization": name if is_usable else organization.id})
    remark = "" if is_usable else f"# {''.join(letter if letter.isprintable() else '?' for letter in name)}\n"
    return f'[[reports]]\n{remark}{called}# recipients = ["Ada Smith <ada@example.com>"]\n'
