"""Encode a report's complete input as JSON and decode it: `report.json`, from which the report can be rendered again.

report     the organization, the windows, the date, and every setting that shaped the report
answers    the API's verbatim responses, oldest window first; null where none could be obtained
reported   the API's responses when these windows were reported before, if they were
figures    every number as it was printed; headlines, every sentence
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from math import isfinite
from typing import TYPE_CHECKING, Annotated, Any

from reporter import __version__
from reporter.domain.errors import ApiAnswerInvalid, ArchiveError
from reporter.domain.report import ReportData, ReportSettings, Stamp
from reporter.domain.snapshot import Organization, Snapshot
from reporter.domain.window import Window
from reporter.files import json_bytes

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "report.json"
"""The file's name, in the archive and as an attachment of the PDF."""

SCHEMA = 1
GENERATOR = "hyperrep-report"


def document(data: ReportData, *, figures: Sequence[Mapping[str, object]], headlines: Sequence[str]) -> bytes:
    """The bytes of `report.json`: the data, and the figures and headlines that the report shows."""
    return json_bytes({**encode(data), "figures": list(figures), "headlines": list(headlines)})


def encode(data: ReportData) -> dict[str, Any]:
    """The data as JSON values, without loss; amounts and targets are decimal text, a logo is base64."""
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "generator": {"name": GENERATOR, "version": __version__},
        "report": {
            "organization": _plain(data.organization),
            "window": _window(data.window),
            "previous": _window(data.previous.window),
            "made_on": data.made_on.isoformat(),
            **_plain(data.settings),
        },
        "answers": [_answers(snapshot) for snapshot in data.snapshots],
    }
    if data.stamp:  # an ordinary report has no such key
        document["report"]["stamp"] = _plain(data.stamp)
    if data.reported:  # nor has the first report of its windows
        document["reported"] = [_answers(snapshot) for snapshot in data.reported]
    return document


def decode(document: Mapping[str, Any]) -> ReportData:
    """The data from the result of `encode`; raises ArchiveError, which names the key that is damaged."""
    if (schema := _part(document, "schema")) != SCHEMA:
        raise ArchiveError(f"schema is {schema!r}, this version reads {SCHEMA}: use the version that made the report")
    report = _part(document, "report")
    snapshots = _snapshots(document, "answers")
    *history, previous, current = snapshots if len(snapshots) > 1 else (None, None)
    if not previous or not current:
        raise ArchiveError("answers: the last two entries, the reported window and the one before, are missing")
    reported = _snapshots(document, "reported") if "reported" in document else []
    if None in reported:
        raise ArchiveError(f"reported[{reported.index(None)}] is null")
    return ReportData(
        organization=_valid(Organization, _part(report, "organization", "report"), "report.organization"),
        settings=_valid(ReportSettings, _with_logo(report), "report"),
        made_on=_valid(date, _part(report, "made_on", "report"), "report.made_on"),
        current=current,
        previous=previous,
        history=tuple(history),
        reported=tuple(filter(None, reported)),
        stamp=_read_stamp(report.get("stamp")),
    )


def read_settings(content: bytes) -> ReportSettings:
    """The settings in a `report.json`, without reading its answers; raises ArchiveError."""
    settings: ReportSettings = _valid(ReportSettings, _with_logo(_part(parse(content), "report")), "report")
    return settings


def parse(content: bytes) -> Mapping[str, Any]:
    """The document in the bytes of a `report.json`; raises ArchiveError if they are not a JSON object."""
    try:
        document = json.loads(content, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as error:
        raise ArchiveError(f"it is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise ArchiveError("it is not a JSON object")
    return document


def version_of(document: Mapping[str, Any]) -> str | None:
    """The version of the software that wrote the document; None if it has none."""
    generator = document.get("generator")
    return str(generator["version"]) if isinstance(generator, dict) and "version" in generator else None


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):  # not JSON, or larger than a float: neither can be written again
        raise ValueError(f"{text[:40]} is not a finite number")
    return number


def _window(window: Window) -> dict[str, Any]:
    """The window with its label and ends, which are for people and are not decoded."""
    ends = {"label": window.label, "start": window.start.isoformat(), "end": window.end.isoformat()}
    return {**_plain(window), **ends}


def read_window(value: Any, place: str) -> Window:
    """The window, validated: its time zone is known, and its dates can be represented."""
    window: Window = _valid(Window, value, place)
    try:
        _window(window)
    except (KeyError, ValueError, OverflowError, OSError) as error:  # OSError: the zone is no possible file name
        raise ArchiveError(f"{place}: {error}") from error
    return window


def _plain(value: Any) -> Any:
    """The value as JSON, in the form that pydantic would write; bytes are base64."""
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Enum | date):
        return value.value if isinstance(value, Enum) else value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value) if isinstance(value, Decimal) else value


def _read_stamp(value: Any) -> Stamp | None:
    from pydantic import Discriminator  # noqa: PLC0415 - as in `_adapter`

    stamp: Stamp | None = _valid(Annotated[Stamp, Discriminator("kind")] | None, value, "report.stamp")
    return stamp


def _with_logo(report: Any) -> Any:
    """The report's settings with the logo decoded from base64."""
    brand = report.get("brand") if isinstance(report, dict) else None
    if not isinstance(brand, dict) or not isinstance(text := brand.get("logo"), str):
        return report
    try:
        return {**report, "brand": {**brand, "logo": base64.b64decode(text, validate=True)}}
    except ValueError as error:
        raise ArchiveError(f"report.brand.logo is not base64 ({error})") from error


def _answers(snapshot: Snapshot | None) -> dict[str, Any] | None:
    if snapshot is None:
        return None
    return {"window": _window(snapshot.window), "answers": dict(snapshot.answers)}


def _snapshots(document: Mapping[str, Any], key: str) -> list[Snapshot | None]:
    entries = _part(document, key)
    if not isinstance(entries, list):
        raise ArchiveError(f"{key} is not a list")
    return [_snapshot(entry, f"{key}[{number}]") for number, entry in enumerate(entries)]


def _snapshot(entry: Any, place: str) -> Snapshot | None:
    if entry is None:
        return None
    window = read_window(_part(entry, "window", place), f"{place}.window")
    answers = _part(entry, "answers", place)
    if not isinstance(answers, dict):
        raise ArchiveError(f"{place}.answers is not an object")
    from reporter.hyperrep.responses import parse_snapshot  # noqa: PLC0415 - as in `_adapter`

    try:
        return parse_snapshot(window, answers)
    except ApiAnswerInvalid as error:
        raise ArchiveError(f"{place}.answers: {error}") from error


@cache
def _adapter(kind: Any) -> "TypeAdapter[Any]":
    """The validator of values of this kind; processes that only write, as when rendering, do not import pydantic."""
    from pydantic import TypeAdapter  # noqa: PLC0415

    return TypeAdapter(kind)


def _valid(kind: Any, value: Any, place: str) -> Any:
    from pydantic import ValidationError  # noqa: PLC0415 - as in `_adapter`

    try:
        return _adapter(kind).validate_python(value)
    except ValidationError as error:
        fault = error.errors(include_input=False, include_url=False)[0]
        raise ArchiveError(f"{'.'.join((place, *map(str, fault['loc'])))}: {fault['msg']}") from error


def _part(document: Any, key: str, place: str = "") -> Any:
    if not isinstance(document, dict) or key not in document:
        raise ArchiveError(f"{place}{'.' if place else ''}{key} is missing")
    return document[key]
