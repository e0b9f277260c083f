"""The email: supported and not clipped by any email client, with the archive's figures, in HTML and plain text."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reporter.codec import document
from reporter.rendering.brand import email_images
from reporter.rendering.plain_text import WIDTH
from tests.mail.lint import ALLOWED, BASELINE, asked, faults, known
from tests.mail.mails import CASES, EVERY_LOCALE, LOGO, Letter, dressed, every, letter, overfull
from tests.unit.config.test_files import SVG
from tests.unit.rendering.test_golden import rows_of_mail, rows_of_text
from tests.unit.rendering.test_plain_text import width
from tests.unit.rendering.words import plain

MOST_BYTES = 90_000
"""Gmail clips an email of more than about 102 KB."""
MOST_STYLE = 8_000
"""Gmail removes a style element of more than 16 KB."""


@pytest.fixture(scope="module", params=[("en_US", "ar"), pytest.param(EVERY_LOCALE, marks=pytest.mark.slow)], ids=len)
def letters(request: pytest.FixtureRequest) -> list[Letter]:
    """Return every email that the tests check: in English and Arabic, and in every language."""
    return list(every(request.param))


def test_every_mail_program_can_draw_it(letters: list[Letter]) -> None:
    """Gmail, both Outlooks, and Apple Mail support every feature of an email, except those excused with a reason."""
    assert {fault for each in letters for fault in faults(each.html)} == set()


@pytest.mark.slow
@pytest.mark.parametrize("letters", [EVERY_LOCALE], indirect=True, ids=len)
def test_nothing_is_excused_that_is_not_asked_for(letters: list[Letter]) -> None:
    """The lint's two lists contain exactly the features that the emails use and the data does not clear."""
    used = {name for each in letters for name in asked(each.html)}
    cleared = {name for name, support in known().items() if set(support.values()) == {"y"}}
    assert (set(ALLOWED) - used, set(ALLOWED) & cleared) == (set(), set())
    assert (set(BASELINE) - used, set(BASELINE) & set(known())) == (set(), set())


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<div style="display: grid">', "css-display-grid on div: "),
        ('<td style="display: flex">', "css-display on td: "),
        ('<div style="padding: 0 4px">', "css-padding on div: Outlook for Windows: a"),
        ('<div style="padding-left: 4px">', "css-padding on div: Outlook for Windows: a"),
        ('<td style="padding-inline: 4px">', "css-padding-inline: unknown"),
        ('<td style="text-align: start">', "css-logical-value: unknown"),
        ('<td style="width: 2rem">', "css-unit-rem on td: Outlook for Windows: n"),
        ('<td style="color: var(--ink)">', "css-variables on td: "),
        ('<td style="width: calc(1px + 2px)">', "css-unit-calc on td: "),
        ('<td style="color: #111 !important">', "css-important on td: "),
        ('<td style="color #111">', "css-error-error: unknown"),
        ("<style>@supports (x: y) { .a { color: red } }</style>", "css-at-supports: "),
        ("<style>.a::before { color: red }</style>", "css-pseudo-element-before: "),
        ("<style>@media (hover) { .a { color: red } }</style>", "css-at-media-hover: "),
        ("<svg></svg>", "html-svg on svg: "),
        ("<center></center>", "html-center: unknown"),
        ('<td onclick="x">', "html-onclick: unknown"),
        ('<img src="https://example.com/a.png">', "address-https: unknown"),
        ('<img src="data:image/png;base64,AA">', "image-base64 on img: "),
        ('<img src="cid:a.webp@report">', "image-webp on img: "),
        ('<td style="background-image: url(https://example.com/a.png)">', "address-https: unknown"),
    ],
)
def test_the_lint_finds(html: str, fault: str) -> None:
    """A feature that a program does not support, or that is unknown, is reported."""
    assert [found for found in faults(html) if found.startswith(fault)] != []


@pytest.mark.parametrize("locale", EVERY_LOCALE)
def test_no_program_cuts_it_off(locale: str) -> None:
    """With every section and names of maximum length, the email stays below Gmail's limits."""
    for case in CASES:
        html = letter(overfull(case, locale)).html
        assert len(html.encode()) < MOST_BYTES
        assert sum(map(len, re.findall("<style.*?</style>", html, re.DOTALL))) < MOST_STYLE


@pytest.mark.parametrize("locale", EVERY_LOCALE)
def test_it_says_what_the_archive_says(locale: str) -> None:
    """The figures of `report.json`, with their changes, are in HTML and plain text in this order, and no others."""
    for case in CASES:
        made = letter(dressed(case, locale))
        kept = json.loads(document(made.data, figures=made.view.shown(), headlines=made.view.headlines))
        rows = [tuple(plain(figure[key]) for key in ("name", "shown", "change")) for figure in kept["figures"]]
        assert list(rows_of_mail(made.html)) == rows
        assert list(rows_of_text(made.text, rows)) == rows
        for body in (made.html, made.text):
            assert [said for said in kept["headlines"] if plain(said) not in plain(read_text(body))] == []


def test_a_logo_travels_with_the_mail() -> None:
    """The logo is attached and shown with its size and the brand's name; for an SVG, only the name is shown."""
    data = dressed(CASES[0], "en_US")
    html = letter(data).html
    (picture,) = tags(html, "img")
    assert (picture["src"], picture["alt"]) == ("cid:logo.png@report", "Northwind")
    assert (picture["width"], picture["height"]) == ("220", "44")
    assert email_images(data.settings.brand, html) == {"logo.png@report": LOGO}
    brand = replace(data.settings.brand, logo=SVG, logo_type="svg")
    drawn = replace(data, settings=replace(data.settings, brand=brand))
    html = letter(drawn).html
    assert (list(tags(html, "img")), email_images(drawn.settings.brand, html)) == ([], {})
    assert "<strong>Northwind</strong>" in html


def test_lines_fit_where_they_are_quoted(letters: list[Letter]) -> None:
    """No line of the plain text is longer than the limit, except for a single long word."""
    lines = (line for each in letters for line in each.text.split("\n"))
    assert [line for line in lines if width(line) > WIDTH and " " in line.lstrip(" *")] == []


def test_a_screen_reader_finds_its_way(letters: list[Letter]) -> None:
    """The figures are a table with a caption and headers for rows and columns; all other tables are presentational."""
    for each in letters:
        (figures,) = (table for table in tags(each.html, "table") if table.get("role") != "presentation")
        assert figures["class"] == "figures"
        assert [head["scope"] for head in tags(each.html, "th")] == ["col"] * 3 + ["rowgroup"] * len(each.view.shown())
        assert len(list(tags(each.html, "caption"))) == len(list(tags(each.html, "h1"))) == 1


def test_language_and_direction_survive(letters: list[Letter]) -> None:
    """The inner elements also set language and direction, as some programs remove the page's own element."""
    for each in letters:
        (inner,) = (part for part in tags(each.html, "div") if "lang" in part)
        assert (inner["lang"], inner["dir"]) == (each.view.language, each.view.direction)
        assert {table.get("dir") for table in tags(each.html, "table")} == {each.view.direction}
        away = "left" if each.view.direction == "rtl" else "right"
        ends = [cell for cell in tags(each.html, "td") if "end" in (cell["class"] or "").split()]
        assert all(f"text-align: {away}" in (cell["style"] or "") for cell in ends)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {"class": "", "style": "", **dict(attrs)}))

    def handle_data(self, data: str) -> None:
        self.text += data


def _parsed(html: str) -> _Tags:
    parser = _Tags()
    parser.feed(html)
    return parser


def tags(html: str, name: str) -> Iterator[dict[str, str | None]]:
    """The attributes of each element with this name."""
    yield from (attributes for tag, attributes in _parsed(html).tags if tag == name)


def read_text(body: str) -> str:
    """The text of a body, whether HTML or plain text."""
    return _parsed(body).text if body.startswith("<!DOCTYPE") else body
