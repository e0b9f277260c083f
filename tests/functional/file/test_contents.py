"""What every file holds beside its pages: metadata, attached data, and the text of its words."""

import hashlib
import json
import os
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from datetime import UTC
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reporter.domain.window import local_midnight
from reporter.rendering.figure_rows import figures_csv
from reporter.rendering.render import page_html
from reporter.rendering.rendered_report import RenderedReport
from tests.pdf.editions import EDITIONS, Edition
from tests.pdf.texts import SHAPED, missing, mupdf, pdfium, poppler, squeezed, texts_of, undirected
from tests.pdf.tree import Tagged
from tests.tiers import by_language

TYPICAL = [edition for edition in EDITIONS if edition.nature == "typical"]
AIIM = "{http://www.aiim.org/pdf%s/ns/id/}"
DUBLIN, RDF = "{http://purl.org/dc/elements/1.1/}", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"


def test_it_says_what_it_is(edition: Edition, tagged: Tagged) -> None:
    """11, 18: the metadata is unencrypted, claims both standards, and has title, author, date, and language."""
    assert "/Filter" not in tagged.pdf.Root.Metadata
    tree = ET.fromstring(tagged.metadata)
    facts = {key: value for each in tree.iter() for key, value in each.attrib.items()}
    assert facts[AIIM % "a" + "part"] == "3"
    assert facts[AIIM % "a" + "conformance"] == "A"
    assert tree.findtext(f".//{AIIM % 'ua'}part") == "1"
    info = tagged.pdf.docinfo
    assert tree.findtext(f".//{DUBLIN}title//{RDF}li") == str(info.Title) != ""
    assert tree.findtext(f".//{DUBLIN}creator//{RDF}li") == str(info.Author)
    for name, date in (("CreateDate", info.CreationDate), ("ModifyDate", info.ModDate)):
        told = tree.findtext(f".//{{http://ns.adobe.com/xap/1.0/}}{name}") or ""
        assert re.sub(r"\D", "", told)[:14] == re.sub(r"\D", "", str(date))[:14]
    assert str(tagged.pdf.Root.Lang) == edition.locale.replace("_", "-")
    assert bool(tagged.pdf.Root.ViewerPreferences.DisplayDocTitle)


def test_the_data_is_attached_byte_for_byte(
    edition: Edition, document: RenderedReport, path: Path, tmp_path: Path
) -> None:
    """12: `pdfdetach` extracts the exact `report.json` that the archive keeps, and the table of the figures."""
    subprocess.run(["pdfdetach", "-saveall", "-o", str(tmp_path), str(path)], check=True)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {
        "report.json": document.files.data,
        "figures.csv": figures_csv(edition.data(), document.view),
    }


def test_what_is_attached_is_described(edition: Edition, tagged: Tagged) -> None:
    """12: each attachment is listed once, with its type, its relation to the pages, a description, and the date."""
    names = tagged.pdf.Root.Names.EmbeddedFiles.Names
    files = dict(zip(map(str, names[0::2]), names[1::2], strict=True))
    assert list(files) == sorted(files) == ["figures.csv", "report.json"]
    assert [each.objgen for each in tagged.pdf.Root.AF] == [each.objgen for each in files.values()]
    facts = {name: (str(file.AFRelationship), str(file.EF.F.Subtype)) for name, file in files.items()}
    assert facts == {"figures.csv": ("/Data", "/text/csv"), "report.json": ("/Source", "/application/json")}
    data = edition.data()
    made_at = local_midnight(data.made_on, data.window.timezone).astimezone(UTC)
    for file in files.values():
        assert str(file.Desc)
        dates = file.EF.F.Params
        assert str(dates.CreationDate) == str(dates.ModDate) == f"{made_at:D:%Y%m%d%H%M%SZ}"


def test_every_figure_is_in_data_and_text(edition: Edition, document: RenderedReport, path: Path) -> None:
    """13: each number on the page is in the attached data, and can be found and copied."""
    text = squeezed(poppler(path))
    figures = json.loads(document.files.data)["figures"]
    assert figures == document.view.shown()
    shown = [squeezed(each[part]) for each in figures for part in ("shown", "change")]
    if edition.locale in SHAPED:
        shown = [number for each in shown for number in re.findall(r"\d[\d.,\u066b\u066c]*\d|\d", each)]
    assert [each for each in shown if each not in text] == []


@pytest.mark.parametrize("edition", by_language(TYPICAL, lambda edition: edition.locale), ids=str)
def test_every_number_of_a_table_is_in_data(document: RenderedReport) -> None:
    """13: channels and stages match the attached API responses, for this period and the previous one."""
    before, now = (window["answers"] for window in json.loads(document.files.data)["answers"][-2:])
    channels, stages = document.view.channels or (), document.view.stages or ()
    for answers, shown in (now, [row.value for row in channels]), (before, [row.previous for row in channels]):
        assert sorted(map(digits, shown)) == sorted(answers["conversations"]["modalityStats"].values())
    pipeline = [(stage["volume"], round(Decimal(stage["value"]))) for stage in now["sales"]["pipeline"]]
    assert [(digits(row.volume), digits(row.value)) for row in stages] == pipeline


@pytest.mark.parametrize("reader", ["poppler", "mupdf", "pdfium"])
def test_every_word_can_be_copied(edition: Edition, document: RenderedReport, path: Path, reader: str) -> None:
    """9: each text of the page is found in what each PDF library extracts; in shaped scripts, 95% of the letters."""
    found = {"poppler": poppler, "mupdf": mupdf, "pdfium": pdfium}[reader](path)
    assert missing(texts_of(page_html(edition.data(), document.view)), found, edition.locale) == []


def test_every_number_can_be_copied(edition: Edition, document: RenderedReport, path: Path) -> None:
    """9, 13: each number on the page is in the file, as often as on the page, in shaped scripts as well."""
    wanted = Counter(number for text in texts_of(page_html(edition.data(), document.view)) for number in numbers(text))
    assert wanted - Counter(numbers(poppler(path))) == Counter()


@pytest.mark.parametrize("edition", [EDITIONS[0]], ids=str)
def test_another_process_makes_the_same_file(edition: Edition, document: RenderedReport) -> None:
    """5: the file and its attachments depend on neither time zone, locale, hash seed, nor process."""
    program = (
        "import hashlib; from tests.pdf.editions import EDITIONS;"
        "from reporter.rendering.rendered_report import make_document;"
        "print(hashlib.sha256(make_document(EDITIONS[0].data()).pdf).hexdigest())"
    )
    variables = os.environ | {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TZ": "Asia/Tokyo",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
    }
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, env=variables)
    assert done.stdout.strip() == hashlib.sha256(document.pdf).hexdigest()


def digits(text: str) -> int:
    """How a count or an amount without a fraction is written."""
    return int("".join(filter(str.isdecimal, text)))


def numbers(text: str) -> list[str]:
    """The numbers of the text with the separators inside them, which no layout may split or reverse."""
    return re.findall(r"\d+(?:[.,:]\d+)*", undirected(unicodedata.normalize("NFKC", text)))
