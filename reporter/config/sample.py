"""The configuration that `init` writes: each key of the schema as a comment, and a block per organization."""

from collections import Counter
from collections.abc import Iterable, Sequence

import tomli_w

from reporter.config.schema import OrganizationKeys, keys
from reporter.config.secrets import VARIABLES
from reporter.config.toml_tables import Key, table_of
from reporter.domain.snapshot import Organization

_HEAD = f"""\
# Configuration of hyperrep-report. Every key is optional: remove the # before one to set it.
# Secrets never stand here. They are read from the environment, or from files that it names:
# {", ".join(f"{name} or {name}_FILE" for name in VARIABLES)}.

# What stands here holds for every report that does not say otherwise.
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
    every = list(keys())
    top = [key for key in every if len(key.path) == 1]
    sections = [key for key in top if table_of(key.field) and key.name not in OrganizationKeys.model_fields]
    parts = [_HEAD, *(_commented(key) for key in top if key not in sections)]
    for section in (key for key in sections if not key.is_list):
        parts += [_section(section), *(_commented(key) for key in every if key.path[:-1] == section.path)]
    return "\n".join([*parts, _REPORTS, *(_blocks(organizations) or [_EXAMPLE])])


def _commented(key: Key) -> str:
    return f"# {key.field.description}\n# {key.name} = {key.example}\n"


def _section(key: Key) -> str:
    model = table_of(key.field)
    return f"# {model.__doc__ if model else ''}\n[{key.name}]\n"


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
