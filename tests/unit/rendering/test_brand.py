"""The brand in a document: any color is adjusted until it is readable on white."""

from colorsys import rgb_to_hls

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.report import Brand
from reporter.rendering.brand import ACCENT, DARK_BACKGROUND, LEAST_CONTRAST, lightened, mail_size, readable, view
from tests.unit.config.test_files import SVG, png
from tests.unit.rendering.words import words

COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def channels(color: str) -> list[int]:
    """Red, green, and blue."""
    return [int(color[place : place + 2], 16) for place in (1, 3, 5)]


def contrast_on_white(color: str) -> float:
    """The contrast ratio, as WCAG 2.2 defines it."""
    linear = [
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (channel / 255 for channel in channels(color))
    ]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@given(COLORS)
def test_any_colour_becomes_readable(color: str) -> None:
    """The accent color of text has the contrast required by WCAG; a color that already has it is unchanged."""
    shown = readable(color)
    assert contrast_on_white(shown) >= LEAST_CONTRAST
    assert shown == color or contrast_on_white(color) < LEAST_CONTRAST


@given(COLORS)
def test_any_colour_is_seen_in_the_dark(color: str) -> None:
    """In dark mode, an email's accent has the same contrast with its background; one that has it is unchanged."""
    ground, before, after = (contrast_on_white(each) for each in (DARK_BACKGROUND, color, lightened(color)))
    assert ground / after >= LEAST_CONTRAST
    assert lightened(color) == color or ground / before < LEAST_CONTRAST


@pytest.mark.parametrize("color", ["#ff0000", "#ffe100", "#12e0a4", "#6fb7ff"])
def test_a_darker_colour_keeps_its_hue(color: str) -> None:
    """Darkening keeps a color's hue, so that the brand can still be recognized."""
    before, after = (rgb_to_hls(*(channel / 255 for channel in channels(each))) for each in (color, readable(color)))
    assert abs(before[0] - after[0]) < 0.02


def test_a_document_without_a_brand_has_the_house_colour() -> None:
    """Without a brand: the default accent, no name, no logo, and no footer."""
    bare = view(words("en_US"), Brand())
    assert (bare.name, bare.logo, bare.footer, bare.accent) == ("", "", "", ACCENT)


def test_a_brand_is_plain_text() -> None:
    """Name and footer are one line each, and the logo is named by its type."""
    dressed = view(words("en_US"), Brand("Acme\n\u202eInc.", "#0b5fff", "one\r\ntwo", b"<svg/>", "svg"))
    assert (dressed.name, dressed.footer, dressed.logo) == ("Acme Inc.", "one two", "logo.svg")


def test_a_brand_among_words_from_right_to_left_keeps_its_ends() -> None:
    """In right-to-left text, a Latin name and footer keep their final period at the end; empty ones stay empty."""
    arabic = words("ar_EG")
    dressed = view(arabic, Brand("Acme Inc.", footer="1 Main St."))
    assert (dressed.name, dressed.footer) == (arabic.isolated("Acme Inc."), arabic.isolated("1 Main St."))
    assert view(arabic, Brand()).name == ""


@given(COLORS)
def test_bars_are_a_tint_of_the_accent(color: str) -> None:
    """The soft color is between the accent and white."""
    dressed = view(words("en_US"), Brand(color=color))
    pairs = zip(channels(dressed.accent), channels(dressed.accent_soft), strict=True)
    assert all(accent <= soft <= 255 for accent, soft in pairs)


@pytest.mark.parametrize(
    ("logo", "kind", "size"),
    [
        (png(440, 88), "png", (220, 44)),
        (png(100, 400), "png", (11, 44)),
        (png(1000, 50), "png", (220, 11)),
        (png(30, 20), "png", (30, 20)),
        (png(4000, 1), "png", (220, 1)),
        (SVG, "svg", (0, 0)),
        (b"\x89PNG", "png", (0, 0)),
        (bytes(40), "png", (0, 0)),
        (None, None, (0, 0)),
    ],
)
def test_a_logo_fits_the_head_of_a_mail(logo: bytes | None, kind: str | None, size: tuple[int, int]) -> None:
    """A logo keeps its proportions and is never enlarged; a format that email clients do not support has no size."""
    assert mail_size(Brand(logo=logo, logo_type=kind)) == size
