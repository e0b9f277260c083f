"""The brand in a document: its name, logo, and an accent color that is readable on white and in dark mode."""

from collections.abc import Mapping

from reporter.domain.report import Brand
from reporter.rendering.text import clean
from reporter.rendering.translation import Words
from reporter.rendering.view import BrandView

ACCENT = "#1f4fd8"
DARK_BACKGROUND = "#1a1d24"
"""Background of emails in dark mode."""
MAIL_LOGO = 220, 44
"""Maximum width and height of the logo in an email, in pixels."""
LEAST_CONTRAST = 4.5
"""Contrast ratio for text at WCAG 2 level AA."""


def view(words: Words, brand: Brand) -> BrandView:
    """The brand for templates; a color too light to read on white is darkened."""
    width, height = mail_size(brand)
    return BrandView(
        name=words.isolated(clean(brand.name or "", 80)),
        logo=f"logo.{brand.logo_type}" if brand.logo else "",
        logo_width=width,
        logo_height=height,
        footer=words.isolated(clean(brand.footer or "", 200)),
        accent=accent(brand),
        accent_soft=_mixed(accent(brand), 0.72),
        accent_dark=lightened(brand.color or ACCENT),
    )


def assets(brand: Brand) -> Mapping[str, bytes]:
    """Images that a document may show, by name: the logo."""
    return {f"logo.{brand.logo_type}": brand.logo} if brand.logo else {}


def email_images(brand: Brand, html: str) -> Mapping[str, bytes]:
    """Images that the HTML body refers to, which the email must include, by Content-ID."""
    return {cid: image for name, image in assets(brand).items() if f'"cid:{(cid := f"{name}@report")}"' in html}


def accent(brand: Brand) -> str:
    """The brand's color, or the default accent, readable on white."""
    return readable(brand.color or ACCENT)


def mail_size(brand: Brand) -> tuple[int, int]:
    """Width and height of the logo in an email, at most `MAIL_LOGO`; zeros if email clients cannot show it (SVG)."""
    if not brand.logo or brand.logo_type != "png" or len(brand.logo) < 24:
        return 0, 0
    width, height = (int.from_bytes(brand.logo[start : start + 4]) for start in (16, 20))  # in every PNG's header
    if not width or not height:
        return 0, 0
    scale = min(1.0, MAIL_LOGO[0] / width, MAIL_LOGO[1] / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def readable(color: str) -> str:
    """Darken the color in steps until text in it has enough contrast on white."""
    red, green, blue = _channels(color)
    while 1.05 / (_luminance(red, green, blue) + 0.05) < LEAST_CONTRAST:
        red, green, blue = int(red * 0.94), int(green * 0.94), int(blue * 0.94)
    return f"#{red:02x}{green:02x}{blue:02x}"


def lightened(color: str) -> str:
    """Mix the color with white in steps until text in it has enough contrast in an email's dark mode."""
    ground = _luminance(*_channels(DARK_BACKGROUND)) + 0.05
    steps = (_mixed(color, white / 20) for white in range(21))
    return next(step for step in steps if (_luminance(*_channels(step)) + 0.05) / ground >= LEAST_CONTRAST)


def _mixed(color: str, white: float) -> str:
    """The color mixed with this share of white."""
    mixed = [round(channel + (255 - channel) * white) for channel in _channels(color)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(*channels: int) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
