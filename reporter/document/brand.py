"""The brand in a document: its name, logo, and an accent colour that stays readable on white, and in the dark."""

from reporter.document.text import clean
from reporter.document.view import BrandView
from reporter.report import Brand

ACCENT = "#1f4fd8"
NIGHT = "#1a1d24"
"""What a mail's text stands on in dark mode."""
LEAST_CONTRAST = 4.5
"""WCAG 2 level AA for text."""


def view(brand: Brand) -> BrandView:
    """The brand as templates get it; a colour too light to read on white is darkened until it is not."""
    return BrandView(
        name=clean(brand.name or "", 80),
        logo=f"logo.{brand.logo_type}" if brand.logo else "",
        footer=clean(brand.footer or "", 200),
        accent=accent(brand),
        accent_soft=_mixed(accent(brand), 0.72),
        accent_dark=lightened(brand.color or ACCENT),
    )


def accent(brand: Brand) -> str:
    """The brand's colour, or the house colour, readable on white."""
    return readable(brand.color or ACCENT)


def readable(color: str) -> str:
    """The colour, made darker step by step until text in it has enough contrast on white."""
    red, green, blue = _channels(color)
    while 1.05 / (_luminance(red, green, blue) + 0.05) < LEAST_CONTRAST:
        red, green, blue = int(red * 0.94), int(green * 0.94), int(blue * 0.94)
    return f"#{red:02x}{green:02x}{blue:02x}"


def lightened(color: str) -> str:
    """The colour, mixed with white step by step until text in it has enough contrast in a mail's dark mode."""
    ground = _luminance(*_channels(NIGHT)) + 0.05
    steps = (_mixed(color, white / 20) for white in range(21))
    return next(step for step in steps if (_luminance(*_channels(step)) + 0.05) / ground >= LEAST_CONTRAST)


def _mixed(color: str, white: float) -> str:
    """The colour mixed with this share of white."""
    mixed = [round(channel + (255 - channel) * white) for channel in _channels(color)]
    return "#{:02x}{:02x}{:02x}".format(*mixed)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def _luminance(*channels: int) -> float:
    linear = [c / 3294.6 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
