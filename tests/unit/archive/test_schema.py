"""The published schema of `report.json`: it explains every key, has no others, and accepts every report."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from reporter.codec import encode
from reporter.domain.report import ReportData
from reporter.rendering.render import make_view
from reporter.rendering.render import written as in_report_json
from tests.golden.editions import ODD, STAMPED, TYPICAL
from tests.office import PROJECT
from tests.unit.archive.samples import report
from tests.unit.test_codec import REPORTS


def closed(node: Any) -> Any:
    """The schema with additional keys forbidden, which it otherwise allows for later versions."""
    if isinstance(node, list):
        return [closed(each) for each in node]
    if not isinstance(node, dict):
        return node
    within = {key: closed(value) for key, value in node.items()}
    return {**within, "additionalProperties": False} if isinstance(node.get("properties"), dict) else within


SCHEMA: Mapping[str, Any] = json.loads((PROJECT / "reporter/archive/report.schema.json").read_bytes())
EXACTLY = Draft202012Validator(closed(SCHEMA), format_checker=Draft202012Validator.FORMAT_CHECKER)
DATA = [
    *(case.data("de_DE") for case in (*TYPICAL, *ODD)),
    *(replace(report(), stamp=stamp) for stamp in STAMPED.values()),
]
"""Reports of ordinary organizations, of one without data, and of hostile ones."""


def written(data: ReportData) -> Any:
    """The report as stored in the archive."""
    return json.loads(in_report_json(data, make_view(data)))


@pytest.mark.parametrize("data", DATA, ids=lambda data: data.organization.name[:12])
def test_every_report_is_valid_by_it(data: ReportData) -> None:
    """Ordinary, empty, and hostile reports have only keys that the schema defines, with the right types."""
    EXACTLY.validate(written(data))


@pytest.mark.parametrize(
    "path", sorted((PROJECT / "sample_output").rglob("report.json")), ids=lambda path: path.parent.name
)
def test_the_samples_are_valid_by_it(path: Any) -> None:
    """The sample files in the repository are valid."""
    EXACTLY.validate(json.loads(path.read_bytes()))


@given(REPORTS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_whatever_a_report_holds_is_valid(data: ReportData) -> None:
    """A report with any settings, window, and answer is valid."""
    EXACTLY.validate({**encode(data), "figures": [], "headlines": []})


def test_what_is_not_a_report_is_not_valid() -> None:
    """A missing key or a wrong type is found; a key of a later version is accepted."""
    document = written(report())
    open_to_more = Draft202012Validator(SCHEMA)
    open_to_more.validate({**document, "later": 1})
    for damaged in ({**document, "schema": 2}, {**document, "answers": []}, {**document, "headlines": [1]}):
        with pytest.raises(ValidationError):
            open_to_more.validate(damaged)
    del document["report"]["window"]["label"]
    with pytest.raises(ValidationError, match="'label' is a required property"):
        open_to_more.validate(document)


def test_every_key_is_explained_and_written() -> None:
    """Each key of the schema has a description and is in at least one report."""
    described = set(_described(SCHEMA, ""))
    reported = replace(report(), reported=(report().previous,))
    assert described == {path for data in (*DATA, reported) for path in _keys(written(data), "")}


def _described(node: Any, path: str) -> Iterator[str]:
    """The path of each key; `[]` means each entry of a list."""
    if "$ref" in node:
        node = SCHEMA["$defs"]["window"]
    for each in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _described(each, path)
    for key, part in node.get("properties", {}).items():
        assert part["description"].endswith("."), f"{path}.{key}"
        yield f"{path}.{key}"
        yield from _described(part, f"{path}.{key}")
    if "items" in node:
        yield from _described(node["items"], f"{path}[]")


def _keys(value: Any, path: str) -> Iterator[str]:
    if path in {".report.targets", ".answers[].answers", ".reported[].answers"}:
        return  # these have keys of their own
    for key, part in value.items() if isinstance(value, dict) else ():
        yield f"{path}.{key}"
        yield from _keys(part, f"{path}.{key}")
    for each in value if isinstance(value, list) else ():
        yield from _keys(each, f"{path}[]")
