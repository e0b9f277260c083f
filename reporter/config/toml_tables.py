"""What the schema is written in: a table of the file, a key with all that is known of it, and how both are read."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from reporter.config.kinds import ValueKind


class Keys(BaseModel):
    """A table of the file; a key that is not known is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def key(
    meaning: str,
    example: str,
    *,
    default: str = "",
    environment: str | None = None,
    flag: str | None = None,
    alias: str | None = None,
) -> Any:
    """One key: its meaning, an example as TOML, its default in words, and where else it can be given."""
    sources: JsonDict = {"default": default, "environment": environment, "flag": flag}
    return Field(default=None, alias=alias, description=meaning, examples=[example], json_schema_extra=sources)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the schema as its readers want it."""

    path: tuple[str, ...]
    field: FieldInfo
    kind: ValueKind | None
    is_list: bool

    @property
    def name(self) -> str:
        """The key as it is written in its table."""
        return self.path[-1]

    @property
    def example(self) -> str:
        """A value it may have, as TOML."""
        return str((self.field.examples or [""])[0])

    def source(self, of: str) -> str | None:
        """Its `default` in words, its `environment` variable or its `flag`."""
        sources = self.field.json_schema_extra
        return str(sources[of]) if isinstance(sources, dict) and sources.get(of) else None


def table_of(field: FieldInfo) -> type[Keys] | None:
    """The model of the table, or of the list of tables, that stands at a key; None for a plain value."""
    found = (field.annotation, *get_args(field.annotation))
    return next((model for model in found if isinstance(model, type) and issubclass(model, Keys)), None)
