"""The JSON Schema of `report.json`, generated from the code that writes it: `python -m reporter.archive.report_schema`.

The settings, the windows and the stamp are what their classes say: a field that comes to one needs only its line in
`KEYS`. Any other key is added to its object in `_document`, among the optional ones (the first argument) where not
every file has it, an older one for example, and gets its line too. The tests fail where a key is written that is not
here, or is here and not explained.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from reporter.analysis.behavior import Signal
from reporter.analysis.metrics import Unit
from reporter.archive.data_keys import KEYS
from reporter.codec import SCHEMA
from reporter.domain.report import ReportSettings, Stamp
from reporter.domain.snapshot import Organization
from reporter.domain.window import Window

FILE = Path(__file__).parents[2] / "docs" / "report.schema.json"

Node = dict[str, Any]
_TEXT: Node = {"type": "string"}
_DATE: Node = {"type": "string", "format": "date"}
_INSTANT: Node = {"type": "string", "format": "date-time"}
_WINDOW: Node = {"$ref": "#/$defs/window"}
_NOISE = {"title", "default", "description", "discriminator"}
"""What pydantic says beside what a key holds: for a reader of the code, not of the file."""


def published() -> str:
    """The schema's text, as it stands in the documentation."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> Node:
    """The schema. Keys that are not in it are allowed: a later version of the software may add some."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:hyperrep-report:report.json:{SCHEMA}",
        "title": f"report.json, form {SCHEMA}",
        **_explained(_document(), ""),
        "$defs": {"window": _explained(_window(), "window")},
    }


def _document() -> Node:
    """The whole file."""
    answer = _object(window=_WINDOW, answers={"type": "object"})
    return _object(
        {"reported": _list(answer)},
        schema={"const": SCHEMA},
        generator=_object(name=_TEXT, version=_TEXT),
        report=_report(),
        answers={"type": "array", "minItems": 2, "items": {"anyOf": [answer, {"type": "null"}]}},
        figures=_list(_figure()),
        headlines=_list(_TEXT),
    )


def _figure() -> Node:
    """One number of the page: as it was printed, and as it is; older files have only what was printed."""
    number = {"type": ["string", "null"], "pattern": "^-?[0-9]+([.][0-9]+)?$"}
    usual = _object(mean=number, low=number, high=number)
    return _object(
        {
            "usual": _TEXT,
            "unit": {"enum": [unit.value for unit in Unit]},
            "value": number,
            "previous": number,
            "notable": {"type": "boolean"},
            "range": {"anyOf": [usual, {"type": "null"}]},
            "signal": {"enum": [signal.value for signal in Signal]},
            "target": number,
        },
        key=_TEXT,
        name=_TEXT,
        shown=_TEXT,
        change=_TEXT,
    )


def _report() -> Node:
    settings = _of(ReportSettings)
    settings["properties"]["brand"]["properties"]["logo"] = {"type": ["string", "null"], "contentEncoding": "base64"}
    required = {key: settings["properties"][key] for key in settings["required"]}
    return _object(
        {**settings["properties"], "stamp": _of(Stamp)},
        organization=_of(Organization),
        window=_WINDOW,
        previous=_WINDOW,
        made_on=_DATE,
        **required,
    )


def _window() -> Node:
    dates = _of(Window)
    required = {key: dates["properties"][key] for key in dates["required"]}
    return _object(dates["properties"], label=_TEXT, start=_INSTANT, end=_INSTANT, **required)


def _object(optional: Mapping[str, Node] | None = None, /, **required: Node) -> Node:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def _list(items: Node) -> Node:
    return {"type": "array", "items": items}


def _of(kind: Any) -> Node:
    """What pydantic writes for values of a class. What has a default may be lacking: an older file may not have it."""
    found = TypeAdapter(kind).json_schema(mode="serialization")
    node: Node = _plain(found, found.get("$defs", {}))
    return node


def _plain(node: Any, definitions: Mapping[str, Node]) -> Any:
    """The node with what it refers to in place, and without the noise."""
    if isinstance(node, list):
        return [_plain(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _plain(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    properties = {key: _plain(part, definitions) for key, part in node.get("properties", {}).items()}
    rest = {key: _plain(part, definitions) for key, part in node.items() if key not in {*_NOISE, "$defs", "properties"}}
    return {**rest, "properties": properties} if properties else rest


def _explained(node: Node, path: str) -> Node:
    """The node with the meaning of each key within it, by its path; raises KeyError for one without."""
    described: Node = {"description": KEYS[path], **node}
    for form in ("anyOf", "oneOf"):
        if form in node:
            described[form] = [_with_meanings(each, path) for each in node[form]]
    return _with_meanings(described, path)


def _with_meanings(node: Node, path: str) -> Node:
    node = dict(node)
    if "properties" in node:
        within = node["properties"].items()
        node["properties"] = {key: _explained(part, f"{path}.{key}".removeprefix(".")) for key, part in within}
    if isinstance(items := node.get("items"), dict):
        node["items"] = _explained(items, f"{path}[]")
    return node


if __name__ == "__main__":
    FILE.write_text(published(), "utf-8")
