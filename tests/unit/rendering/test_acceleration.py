"""The acceleration of WeasyPrint: active with the locked versions, and every document's bytes are unchanged."""

import gc
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from cssselect2 import ElementWrapper
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reporter.domain.errors import RenderError
from reporter.rendering.pdf import renderer
from reporter.rendering.render import make_view, page_html
from reporter.rendering.templates import stylesheet
from reporter.rendering.typefaces import FAMILY
from reporter.rendering.worker import Worker
from reporter.rendering.worker_process import Limits
from tests.golden.editions import KEPT, LOCALES

renderer()  # fonts must be configured before the engine is loaded

from reporter.rendering import engine  # noqa: E402
from reporter.rendering.acceleration import guard, styles  # noqa: E402
from reporter.rendering.acceleration.document import XhtmlDocument  # noqa: E402
from reporter.rendering.acceleration.guard import VARIABLE, AccelerationStatus  # noqa: E402

XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
STYLE = f"""@page {{ size: 90mm 120mm; margin: 5mm; @bottom-left {{ content: counter(page) }} }}
html {{ font: 10pt '{FAMILY}' }} .narrow {{ width: 18mm }} .broken {{ overflow-wrap: anywhere; width: 9mm }}
.just {{ text-align: justify; width: 40mm }} .hyphens {{ hyphens: auto; width: 20mm }} .pre {{ white-space: pre-wrap }}
.spaced {{ letter-spacing: 1mm; word-spacing: 2mm }} .cut {{ text-overflow: ellipsis; overflow: hidden; width: 20mm;
white-space: nowrap }} .two {{ max-lines: 2; block-ellipsis: auto; continue: discard; width: 30mm }}
.lined {{ text-decoration: underline line-through }} table {{ width: 100% }}"""
FIRST = ".first::first-line { font-size: 12pt; font-weight: 600 } .first::first-letter { font-size: 20pt }"
CLASSES = ["narrow", "broken", "just", "hyphens", "pre", "spaced", "cut", "two", "lined", "first"]


Plain = Callable[[str, str], bytes]
"""Renders HTML with a stylesheet without the patches."""


@pytest.fixture(scope="module")
def plain_worker() -> Iterator[Worker]:
    """A process that renders without the patches."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, "1")
        with Worker(Limits(seconds=300)) as worker:
            yield worker


@pytest.fixture(scope="module")
def plain(plain_worker: Worker) -> Plain:
    """Render as WeasyPrint does, with the document parsed as HTML."""
    return partial(plain_worker.run, rendered_plainly)


@pytest.fixture(scope="module")
def plain_xml(plain_worker: Worker) -> Plain:
    """Render as WeasyPrint does, except that the document is parsed as XML."""
    return partial(plain_worker.run, rendered_plainly_from_xml)


def rendered_plainly(html: str, style: str) -> bytes:
    """The PDF from a process without the patches."""
    assert renderer().acceleration == AccelerationStatus(f"{VARIABLE} is set")
    return renderer().render(html, style)


def rendered_plainly_from_xml(html: str, style: str) -> bytes:
    """The same from a document that is parsed as XML, where HTML would have another tree."""
    assert renderer().acceleration == AccelerationStatus(f"{VARIABLE} is set")
    fetcher = engine.BundleFetcher({})
    with engine.flawless("The document"):
        document = engine.parse(html, style, fetcher, is_accelerated=True)
        return engine.write_pdf(document, renderer()._parsed(style), renderer()._fonts)


def document(body: str) -> str:
    """A document that is both HTML and XML."""
    return f'<!DOCTYPE html>\n<html {XHTML} lang="en" dir="ltr"><head><title>x</title></head><body>{body}</body></html>'


def test_the_acceleration_is_active() -> None:
    """The locked library versions are those that the patches were written for."""
    assert renderer().acceleration == AccelerationStatus()


@pytest.mark.parametrize("library", ["weasyprint", "pydyf", "cssselect2"])
def test_the_guard_names_the_version_that_it_does_not_know(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of any library disables the patches; the reason and the hint name what to install."""
    expected = guard.SUPPORTED[library]
    monkeypatch.setattr(f"{library}.VERSION", "99.1")
    status = guard.status({})
    assert not status.is_active
    assert status.reason == f"{library} 99.1 is installed, and {expected} is expected"
    assert f"{library}=={expected}" in status.hint


@pytest.mark.parametrize("value", ["1", "true"])
def test_the_variable_switches_the_acceleration_off(value: str) -> None:
    """Switching off is intended, so there is a reason but no hint."""
    assert guard.status({VARIABLE: value}) == AccelerationStatus(f"{VARIABLE} is set")


@pytest.mark.parametrize("value", ["0", ""])
def test_the_variable_may_be_empty_or_zero(value: str) -> None:
    """An empty variable or 0 has no effect."""
    assert guard.status({VARIABLE: value}).is_active


@pytest.mark.parametrize("locale", ["en_US", "ar_EG"])
def test_the_stock_look_keeps_its_styles(locale: str) -> None:
    """No style of the built-in template is computed again, and a second report adds no new styles."""
    first, second = (case.data(locale) for case in KEPT)
    for data in (first, second, second):
        html, style = page_html(data, make_view(data)), stylesheet(data.settings.template)
        document = XhtmlDocument.parse(html, style, engine.BundleFetcher({}))
        assert document is not None
        assert document.has_shareable_styles
        before = styles._TREES.size
        renderer().render(html, style)
    assert styles._TREES.size == before


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("case", KEPT, ids=str)
def test_a_report_has_the_same_bytes(case: object, locale: str, plain: Plain) -> None:
    """An accelerated report has the same bytes as one from unpatched WeasyPrint, in every language and direction."""
    data = case.data(locale)  # type: ignore[attr-defined]
    html, style = page_html(data, make_view(data)), stylesheet(data.settings.template)
    assert renderer().render(html, style) == plain(html, style)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from(CLASSES), st.text("ab fi\n\xa0\xadŁд1.-", max_size=60)), max_size=6),
    st.sampled_from(["ltr", "rtl"]),
)
def test_no_text_is_drawn_otherwise(plain: Plain, paragraphs: list[tuple[str, str]], direction: str) -> None:
    """Text is rendered as by WeasyPrint, however it is broken, justified, hyphenated, spaced, cut, or decorated."""
    body = "".join(f'<p class="{name}">{text}</p>' for name, text in paragraphs)
    html = document(f'<div dir="{direction}">{body}</div>').replace('dir="ltr"', f'dir="{direction}"', 1)
    assert renderer().render(html, STYLE + FIRST) == plain(html, STYLE + FIRST)


@pytest.mark.parametrize(
    "body",
    [
        f'<p class="just">{"justified words and gaps " * 9}</p>',
        '<p>Sold<span style="float: footnote">not counted</span></p>',
        "<ul><li>one</li><li>two</li></ul><q>said</q>",
        "<table><thead><tr><th>head</th></tr></thead><tbody>" + "<tr><td>row</td></tr>" * 40 + "</tbody></table>",
        '<p title="\x0b">a</p>',
        "<p>an unclosed<br>paragraph &amp; more",
    ],
    ids=["justified", "footnote", "marker", "repeated-head", "no-xml-character", "no-xml"],
)
def test_what_cannot_be_accelerated_is_left_to_weasyprint(body: str, plain: Plain) -> None:
    """Justified lines, notes, markers, repeated headers, and invalid XML are rendered as by WeasyPrint."""
    html = document(body)
    assert renderer().render(html, STYLE) == plain(html, STYLE)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<p style="colour: red">a</p>', "colour"),
        ('<p class="box" style="--wide: 3foo">a</p>', "width"),
        ('<p id="a">a</p><p id="a">b</p>', "Anchor defined twice"),
        ('<p><a name="a">a</a><a name="a">b</a></p>', "Anchor defined twice"),
    ],
)
def test_a_flaw_is_one_in_every_document(body: str, named: str) -> None:
    """An invalid style fails every document that has it, although it was computed for the first one."""
    for _ in range(2):
        with pytest.raises(RenderError, match=named):
            renderer().render(document(body), STYLE + ".box { width: var(--wide) }")


def test_a_box_without_an_element_may_stand_on_a_page_of_its_own(plain: Plain) -> None:
    """Pseudo-elements are included in the check whether all of a document is on one kind of page."""
    style = STYLE + "@page other { size: 50mm 60mm } .own::before { content: 'x'; display: block; page: other }"
    html = document('<p>a</p><p class="own">b</p>')
    assert renderer().render(html, style) == plain(html, style)


def test_a_gradient_is_as_long_as_its_own_document_has_it(plain: Plain) -> None:
    """Lengths in a gradient are computed for each document, whatever the font size of the document before."""
    style = STYLE + ".fade { background: linear-gradient(to right, red 1em, blue 2em) }"
    for size in (20, 5):
        html = document(f'<p class="fade" style="font-size: {size}pt">a</p>')
        assert renderer().render(html, style) == plain(html, style)


@pytest.mark.parametrize("part", ["line", "letter"])
def test_letters_that_grow_within_a_line_are_measured_in_their_own_document(part: str, plain: Plain) -> None:
    """Lengths relative to a different font size of the first line or letter are the same as WeasyPrint computes."""
    style = STYLE + f".own {{ width: 30mm }} b {{ padding: 0 1em }} .own::first-{part} {{ font-size: 20pt }}"
    html = document('<p class="own"><b>a</b> word word word word <b>c</b></p><p class="own">d</p>')
    for _ in range(2):
        assert renderer().render(html, style) == plain(html, style)


TREE_STYLE = f"""
@page {{ size: 100mm 140mm; margin: 8mm 5mm; @bottom-right {{ content: counter(page) " / " counter(pages) }} }}
@page other {{ size: 80mm 90mm; margin: 5mm; @top-left {{ content: string(head) }} }}
html {{ font: 9pt/1.3 '{FAMILY}'; --accent: #123456; color: #111 }}
.box {{ border: 1mm solid var(--accent); padding: 2% 3mm; margin: 1em auto; width: 60%; box-sizing: border-box }}
.fixed {{ width: 20mm; min-height: 5mm; padding: 1ex; border-radius: 1mm; background: #eee }}
.row {{ display: flex }} .grid {{ display: grid; grid-template-columns: 1fr 2fr }} .columns {{ columns: 2 }}
.side {{ float: left; width: 15mm }} .over {{ position: absolute; top: 3mm; right: 1mm }}
.moved {{ position: relative; left: 1em }} .inline {{ display: inline-block; width: 30%; vertical-align: top }}
.cell {{ display: table-cell }} .item {{ display: list-item; list-style: square inside; margin-left: 2em }}
.gone {{ display: none }} .before::before {{ content: "> " attr(title) }}
.marked::marker {{ content: "* "; color: red }}
.after::after {{ content: counter(n); counter-increment: n; font-weight: 600 }}
.other {{ page: other }} .new {{ break-before: page }} .whole {{ break-inside: avoid }}
.head {{ string-set: head content() }} .calc {{ width: calc(50% - 2mm); margin-left: calc(1em + 1mm) }}
.tall {{ line-height: 2em; text-decoration: underline }} td {{ border: .2mm solid #999; padding: 1mm }}
table {{ border-collapse: collapse; width: 100% }} table.apart {{ border-collapse: separate }}
.up > p + p {{ text-indent: 1em }} li:nth-child(2) {{ color: blue }} p:empty {{ height: 2mm }}
[title] {{ letter-spacing: .1mm }}"""
NAMES = ["box", "fixed", "row", "grid", "columns", "side", "over", "moved", "inline", "cell", "item", "gone", "before"]
NAMES += ["after", "marked", "other", "new", "whole", "head", "calc", "tall", "apart", "up", ""]
OWN = ["", "", ' title="t"', ' lang="de"', ' dir="rtl"', ' style="width: 37%"', ' style="--accent: red"', ' hidden=""']
LEAVES = st.text("abc fi-. \xad", min_size=0, max_size=30)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def made(tag: str, name: str, own: str, inside: list[str]) -> str:
        return f'<{tag} class="{name}"{own}>{"".join(inside)}</{tag}>'

    tags = st.sampled_from(["div", "div", "p", "span", "ul", "li", "table", "tr", "td", "th", "h2", "b"])
    return st.builds(made, tags, st.sampled_from(NAMES), st.sampled_from(OWN), st.lists(children, max_size=4))


@settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.recursive(LEAVES, _element, max_leaves=14), max_size=5))
def test_no_tree_is_dressed_otherwise(plain_xml: Plain, elements: list[str]) -> None:
    """Boxes of any kind, after any other documents, are laid out as by WeasyPrint."""
    html = document("".join(elements))
    assert _result(renderer().render, html) == _result(plain_xml, html)


def _result(make: Callable[[str, str], bytes], html: str) -> bytes | str:
    """The PDF, or the error: WeasyPrint cannot lay out some nested boxes."""
    try:
        return make(html, TREE_STYLE)
    except RenderError as error:
        return str(error)


@pytest.mark.slow
def test_trees_do_not_grow_for_ever() -> None:
    """Hundreds of colors, each with a style of its own, leave no more nodes behind than allowed."""
    for number in range(900):
        html = document(f'<p style="color: #{number:06x}">a<b>b</b></p>')
        renderer().render(html, STYLE)
        assert styles._TREES.size < styles._NODE_LIMIT + 20
    gc.collect()
    left = [each for each in gc.get_objects() if isinstance(each, styles.RuleNode)]
    assert len(left) < styles._NODE_LIMIT + 50


def test_nothing_of_a_document_outlives_it() -> None:
    """A worker renders hundreds of documents: the tree of each is freed at its end, without garbage collection."""
    html = document("<p>a <b>b</b></p>")
    thresholds = gc.get_threshold()
    gc.collect()  # left by other tests' failures
    gc.set_threshold(1_000_000, 1_000, 1_000)
    try:
        renderer().render(html, STYLE)
        assert [each for each in gc.get_objects() if isinstance(each, ElementWrapper)] == []
    finally:
        gc.set_threshold(*thresholds)
