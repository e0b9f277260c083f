"""Charts as SVG without text, since WeasyPrint lays out SVG text letter by letter.

A line consists of few paths, which render fastest; its title has the numbers as alternative text. All colors are solid
and differ in lightness, so that nothing is lost in grayscale prints.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reporter.analysis.behavior import UsualRange

WIDTH, HEIGHT, MARGIN = 156, 42, 3
LEAST_SPAN = Decimal("0.2")
"""Minimum vertical range as a share of the highest value, so that small variations do not look large."""
_BAND, _MEAN, _TARGET = "#eceff3", "#b4bcc8", "#171c26"


@dataclass(frozen=True, slots=True)
class _Scale:
    """Coordinates of values and windows; time runs in the direction of the script."""

    base: Decimal
    span: Decimal
    windows: int
    rtl: bool

    def height(self, value: Decimal) -> str:
        return f"{HEIGHT - MARGIN - float((value - self.base) / self.span) * (HEIGHT - 2 * MARGIN):.1f}"

    def point(self, index: int, value: Decimal) -> str:
        across = (self.windows - 1 - index if self.rtl else index) * (WIDTH - 2 * MARGIN) / (self.windows - 1)
        return f"{MARGIN + across:.1f} {self.height(value)}"


def line(
    values: Sequence[Decimal | None],
    title: str,
    color: str,
    *,
    usual: UsualRange | None = None,
    target: Decimal | None = None,
    rtl: bool = False,
) -> Markup:
    """Draw a figure's line over time with a dot on the reported value, if any, and gaps for missing values.

    The usual range is a shaded band with its average, the target a dashed line. With fewer than two values, the result
    is empty.
    """
    if sum(value is not None for value in values) < 2:
        return Markup()
    scale = _scale(values, usual, target, rtl=rtl)
    points = [None if value is None else scale.point(index, value) for index, value in enumerate(values)]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="line" viewBox="0 0 {width} {height}" width="{width}" '
        'height="{height}"><title>{title}</title>{behind}'
        '<path d="{path}" fill="none" stroke="{color}" stroke-width="1.4" stroke-linejoin="round"/>{dot}</svg>'
    ).format(
        width=WIDTH,
        height=HEIGHT,
        title=title,
        behind=_behind(scale, usual, target),
        color=color,
        path=_path(points),
        dot=_dot(points[-1], color),
    )


def _dot(point: str | None, color: str) -> Markup:
    """The dot on the reported value; empty without one, so that no earlier value is mistaken for it."""
    if point is None:
        return Markup()
    dot = Markup('<path d="M{}h0" stroke="{}" stroke-width="5" stroke-linecap="round"/>')
    return dot.format(point, color)


def _scale(values: Sequence[Decimal | None], usual: UsualRange | None, target: Decimal | None, *, rtl: bool) -> _Scale:
    """The scale for everything drawn; the target is included only if it does not flatten the line."""
    known = [value for value in values if value is not None]
    if usual:
        known += [usual.low, usual.high]
    low, high = min(known), max(known)
    if target is not None and _is_near(target, low, high):
        low, high = min(low, target), max(high, target)
    span = max(high - low, abs(high) * LEAST_SPAN) or Decimal(1)
    return _Scale((high + low - span) / 2, span, len(values), rtl)


def _is_near(target: Decimal, low: Decimal, high: Decimal) -> bool:
    return low - (high - low) <= target <= high + (high - low)


def _behind(scale: _Scale, usual: UsualRange | None, target: Decimal | None) -> Markup:
    """The band, its average, and the target, from edge to edge."""
    drawn = Markup()
    if usual:
        top, bottom = scale.height(usual.high), scale.height(usual.low)
        drawn += Markup('<path d="M0 {}H{}V{}H0z" fill="{}"/>').format(top, WIDTH, bottom, _BAND)
        drawn += Markup('<path d="M0 {}H{}" stroke="{}" stroke-width="0.6"/>').format(
            scale.height(usual.mean), WIDTH, _MEAN
        )
    if target is not None and scale.base <= target <= scale.base + scale.span:
        drawn += Markup('<path d="M0 {}H{}" stroke="{}" stroke-width="0.7" stroke-dasharray="2.5 2"/>').format(
            scale.height(target), WIDTH, _TARGET
        )
    return drawn


def _path(points: Sequence[str | None]) -> str:
    """Path data: move to the first point after a gap, and draw a line to each other point."""
    commands = []
    for before, point in zip([None, *points], points, strict=False):
        if point is not None:
            commands.append(f"{'L' if before else 'M'}{point}")
    return "".join(commands)
