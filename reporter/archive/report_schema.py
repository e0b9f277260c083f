"""The JSON Schema of `report.json`, generated from the code that writes it: `python -m reporter.archive.report_schema`.

The settings, windows, and stamp are derived from their classes: a new field needs only its line in `KEYS`. Any other
key is added to its object in `_document`, among the optional ones (the first argument) if some files, such as older
ones, lack it, and to `KEYS`. Tests fail if a written key is missing here, or if a key here has no line in `KEYS`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from reporter.analysis.behavior import Signal
from reporter.analysis.metric import Unit
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
"""Keywords from pydantic that describe the code, not the file."""


def published() -> str:
    """The schema's text, as published in the documentation."""
    return json.dumps(schema(), indent=2) + "\n"


def schema() -> Node:
    """The schema. Additional keys are allowed, since later versions of the software may add some."""
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
    """One number of the page, as printed and as a value; older files have only the printed text."""
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
    """The schema of a class by pydantic. Fields with defaults are optional, since older files may lack them."""
    found = TypeAdapter(kind).json_schema(mode="serialization")
    node: Node = _plain(found, found.get("$defs", {}))
    return node


def _plain(node: Any, definitions: Mapping[str, Node]) -> Any:
    """The node with its references resolved, and without the `_NOISE`."""
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
    """The node with a description for each key, looked up by path. Raises KeyError if there is none."""
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
