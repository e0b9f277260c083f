"""Building blocks of the schema: tables, keys with their metadata, and access to both."""

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

from reporter.config.kinds import ValueKind


class Keys(BaseModel):
    """A table of the file; unknown keys are rejected."""

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
    """Define a key: its meaning, an example as TOML, its default in words, and its other sources."""
    sources: JsonDict = {"default": default, "environment": environment, "flag": flag}
    return Field(default=None, alias=alias, description=meaning, examples=[example], json_schema_extra=sources)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the schema, with the metadata that the reference and `init` use."""

    path: tuple[str, ...]
    field: FieldInfo
    kind: ValueKind | None
    is_list: bool

    @property
    def name(self) -> str:
        """The name of the key in its table."""
        return self.path[-1]

    @property
    def example(self) -> str:
        """An example value, as TOML."""
        return str((self.field.examples or [""])[0])

    def source(self, of: str) -> str | None:
        """Its `default` in words, its `environment` variable, or its `flag`; None if it has none."""
        sources = self.field.json_schema_extra
        return str(sources[of]) if isinstance(sources, dict) and sources.get(of) else None


def table_of(field: FieldInfo) -> type[Keys] | None:
    """The model of the table or list of tables at a key; None for a plain value."""
    found = (field.annotation, *get_args(field.annotation))
    return next((model for model in found if isinstance(model, type) and issubclass(model, Keys)), None)
