"""The PDF, data, CSV table, and workbook of one report have the same figures, in every language."""

import io
import json
import re
import subprocess
import unicodedata
from decimal import Decimal
from operator import itemgetter
from typing import Any

import pytest
from openpyxl import load_workbook

from reporter.analysis import metrics
from reporter.domain.report import ReportData
from reporter.rendering.figure_rows import COLUMNS, figures_csv, json_of, printed, rows_of
from reporter.rendering.render import make_view, typeset
from reporter.rendering.translation import languages
from reporter.rendering.workbook import SHEETS, write_workbook
from tests.golden.editions import LOCALES, ODD, TYPICAL, Case
from tests.tiers import by_language
from tests.unit.rendering.tables import of, read, table

CASES = by_language(
    [
        *((TYPICAL[0], locale) for locale in sorted({*languages(), *LOCALES})),
        *((case, "de_DE") for case in (*TYPICAL[1:], *ODD)),
    ],
    locale_of=itemgetter(1),
)


REORDERED = {"ar", "he", "hi"}
"""Languages whose letters a PDF has in drawing order, so that only the numbers of a text can be found."""


def printed_parts(row: dict[str, str], locale: str) -> list[str]:
    """The parts of a row's printed text that must be on the page verbatim."""
    return re.findall(r"\d[\d.,]*", row["shown"]) if locale in REORDERED else [solid(row["shown"])]


def solid(text: str) -> str:
    """The text without spaces and direction marks, which a layout may add or remove."""
    return "".join(each for each in text if not each.isspace() and unicodedata.category(each) != "Cf")


def pages(pdf: bytes) -> str:
    """The text that can be copied from the PDF."""
    done = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True)
    return solid(done.stdout.decode())


@pytest.mark.parametrize(("case", "locale"), CASES, ids=str)
def test_every_figure_is_the_same_wherever_it_stands(case: Case, locale: str) -> None:
    """Each figure of the table is in `report.json` and on the page, and its value equals the API's answer."""
    data = case.data(locale)
    view = make_view(data)
    files = typeset(data, view)
    document = json.loads(files.data)
    rows = of(read([figures_csv(data, view)]), role="current")
    figures = of(rows, kind="figure")
    assert [(row["metric"], row["name"], row["shown"]) for row in figures] == [
        (figure["key"], figure["name"], figure["shown"]) for figure in document["figures"]
    ]
    values = [metrics.METRICS[row["metric"]].read(data.current) for row in figures]
    assert [row["value"] for row in figures] == ["" if value is None else format(value, "f") for value in values]
    page = pages(files.pdf)
    assert [part for row in rows for part in printed_parts(row, locale) if part not in page] == []


@pytest.mark.parametrize(("case", "locale"), CASES, ids=str)
def test_the_tables_of_the_page_are_those_of_the_table(case: Case, locale: str) -> None:
    """Names, order, and numbers of the channels and stages equal those on the page."""
    data = case.data(locale)
    view = make_view(data)
    rows = of(table(data), role="current")
    channels = [(solid(row["name"]), row["shown"]) for row in of(rows, kind="channel")]
    assert channels == [(solid(row.name), row.value) for row in view.channels or ()]
    volumes, amounts = of(rows, metric="stage_volume"), of(rows, metric="stage_value")
    stages = [(solid(one["name"]), one["shown"], two["shown"]) for one, two in zip(volumes, amounts, strict=True)]
    kept = [row for row in view.stages or () if row.volume != "–"]  # a removed stage is a row of the previous window
    assert stages[: len(kept)] == [(solid(row.name), row.volume, row.value) for row in kept]


@pytest.mark.parametrize(("case", "locale"), CASES, ids=str)
def test_workbook_and_json_hold_the_rows_of_the_table(case: Case, locale: str) -> None:
    """Workbook and JSON have the same texts and equal numbers in every cell."""
    data = case.data(locale)
    expected = [
        {**row, "position": int(row["position"]), "value": Decimal(row["value"]) if row["value"] else None}
        for row in table(data)
    ]
    records = json.loads(b"".join(json_of(rows_of(data, printed(make_view(data))))))
    assert [{**each, "value": Decimal(each["value"]) if each["value"] else None} for each in records] == expected
    assert sorted(sheets(data), key=str) == sorted(expected, key=str)


def sheets(data: ReportData) -> list[dict[str, Any]]:
    """The workbook's rows, with empty cells as in the CSV table."""
    target = io.BytesIO()
    write_workbook(rows_of(data, printed(make_view(data))), target)
    book = load_workbook(target)
    rows = [row for name in SHEETS.values() for row in book[name].iter_rows(min_row=2, values_only=True)]
    return [dict(zip(COLUMNS, map(as_in_the_table, COLUMNS, row), strict=True)) for row in rows]


def as_in_the_table(column: str, value: Any) -> Any:
    """A cell's value in the format of the CSV table."""
    if column == "value":
        return None if value is None else Decimal(str(value))
    if column in {"first", "until", "made_on"}:
        return value.date().isoformat()
    return "" if value is None else value
