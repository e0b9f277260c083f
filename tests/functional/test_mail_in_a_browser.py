"""The email in a real browser, as wide as a phone or a mail program's window, in light and dark mode.

Screenshots are left in `build/mail/`.
"""

import re
import shutil
from base64 import b64encode
from collections.abc import Iterator, Sequence
from colorsys import hls_to_rgb, rgb_to_hls
from functools import cache
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.golden.editions import Case
from tests.mail.mails import CASES, EVERY_LOCALE, LOGO, dressed, letter, overfull, plain

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PICTURES = Path(__file__).parents[2] / "build" / "mail"
LEAST_CONTRAST = 4.5
"""WCAG 2.2 level AA for text."""
COLORS = ("#1f4fd8", "#ffe100", "#000000", "#ffffff", "#ff0000", "#7fa6a0")
"""Brands in colors that are hard to read on white, in dark mode, or on both."""

_UNREADABLE = """() => [...document.querySelectorAll('h1, p, th, td, td span')].filter(
    each => each.getClientRects().length && each.getBoundingClientRect().right > document.documentElement.clientWidth
).map(each => each.textContent)"""
_TEXTS = """() => {
    const seen = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const text = texts.currentNode.textContent.trim();
        let ground = texts.currentNode.parentElement;
        if (!text || !ground.getClientRects().length) continue;
        const ink = getComputedStyle(ground).color;
        while (getComputedStyle(ground).backgroundColor === 'rgba(0, 0, 0, 0)') ground = ground.parentElement;
        seen.push([text, ink, getComputedStyle(ground).backgroundColor]);
    }
    return seen;
}"""

Scheme = Literal["light", "dark"]
SCHEMES: Sequence[Scheme] = ("light", "dark")
Color = tuple[float, ...]

pytestmark = [pytest.mark.slow, pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine")]


@pytest.fixture(scope="module", autouse=True)
def mails() -> None:
    """Every email is rendered before the browser starts: no sandbox event loop may run inside the browser's."""
    for case in CASES:
        case.data("en_US")


@pytest.fixture(scope="module")
def page(mails: None) -> Iterator[Page]:
    """A page of the machine's own Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def show(page: Page, html: str, width: int, scheme: Scheme = "light") -> None:
    """Show the email on the page."""
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.set_content(html)


@cache
def html(kind: str, case: Case, locale: str) -> str:
    """The email's HTML: `plain` by default, `dressed` with every option, `overfull`, or `mirrored`."""
    make = {"plain": plain, "overfull": overfull}.get(kind, dressed)
    made = letter(make(case, locale), "rtl" if kind == "mirrored" else None).html
    return made.replace("cid:logo.png@report", f"data:image/png;base64,{b64encode(LOGO).decode()}")


@pytest.mark.parametrize("locale", EVERY_LOCALE)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_nobody_scrolls_sideways(page: Page, case: Case, locale: str) -> None:
    """Amounts of eleven digits and very long names fit a phone and a window, in every language."""
    for kind, width in product(("plain", "overfull"), (320, 390, 800)):
        show(page, html(kind, case, locale), width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(_UNREADABLE) == []


@pytest.mark.parametrize("locale", EVERY_LOCALE)
def test_a_phone_that_drops_the_style_element(page: Page, locale: str) -> None:
    """Without its style element, as in Gmail's app for other providers' accounts, the email fits at three quarters."""
    show(page, re.sub("<style.*?</style>", "", html("dressed", CASES[0], locale), flags=re.DOTALL), 390)
    assert page.evaluate("document.documentElement.scrollWidth") * 0.75 <= 390


@pytest.mark.parametrize("color", COLORS)
def test_all_text_has_contrast(page: Page, color: str) -> None:
    """Contrast suffices in light mode, dark mode, and a program that inverts light mode, for any brand color."""
    body = letter(dressed(CASES[0], "en_US", color)).html
    day, night = texts(page, body, "light"), texts(page, body, "dark")
    turned = [(text, _turned(ink), _turned(ground)) for text, ink, ground in day]
    assert {(ink, ground) for _, ink, ground in day}.isdisjoint({(ink, ground) for _, ink, ground in night})
    for seen in (day, night, turned):
        assert len(seen) > 30
        assert {text for text, ink, ground in seen if contrast(ink, ground) < LEAST_CONTRAST} == set()


def texts(page: Page, body: str, scheme: Scheme) -> list[tuple[str, Color, Color]]:
    """Each visible text, with its color and its background color."""
    show(page, body, 800, scheme)
    return [(text, _color(ink), _color(ground)) for text, ink, ground in page.evaluate(_TEXTS)]


@pytest.mark.parametrize(
    ("kind", "case", "locale"),
    [
        *(("plain", CASES[0], locale) for locale in EVERY_LOCALE),
        *product(("dressed", "overfull", "mirrored"), (CASES[0],), ("en_US",)),
        *(("plain", case, "en_US") for case in CASES[1:]),
    ],
    ids=str,
)
def test_pictures_are_left_to_look_at(page: Page, kind: str, case: Case, locale: str) -> None:
    """Screenshots for phone and window, light and dark, are in `build/mail/`; dark differs from light."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    for width in (390, 800):
        taken = set()
        for scheme in SCHEMES:
            show(page, html(kind, case, locale), width, scheme)
            name = "-".join(part for part in (str(case), kind, locale, str(width), scheme) if part != "plain")
            taken.add(page.screenshot(path=PICTURES / f"{name}.png", full_page=True))
        assert len(taken) == len(SCHEMES)


def contrast(ink: Color, ground: Color) -> float:
    """Contrast ratio as defined by WCAG 2.2."""
    high, low = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Color) -> float:
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in color]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _color(css: str) -> Color:
    """Red, green, and blue between 0 and 1, of a computed style."""
    return tuple(int(channel) / 255 for channel in re.findall(r"\d+", css)[:3])


def _turned(color: Color) -> Color:
    """The color as a program inverts it from light to dark: hue and saturation stay."""
    hue, light, saturation = rgb_to_hls(*color)
    return hls_to_rgb(hue, 1 - light, saturation)
