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

_CHART = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" class="line" viewBox="0 0 {width} {height}" width="{width}" '
    'height="{height}"><title>{title}</title>{behind}'
    '<path d="{path}" fill="none" stroke="{color}" stroke-width="1.4" stroke-linejoin="round"/>{dot}</svg>'
)
_DOT = Markup('<path d="M{}h0" stroke="{}" stroke-width="5" stroke-linecap="round"/>')
_BAND = Markup('<path d="M0 {}H{}V{}H0z" fill="#eceff3"/>')
_MEAN = Markup('<path d="M0 {}H{}" stroke="#b4bcc8" stroke-width="0.6"/>')
_TARGET = Markup('<path d="M0 {}H{}" stroke="#171c26" stroke-width="0.7" stroke-dasharray="2.5 2"/>')


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
    return _CHART.format(
        width=WIDTH,
        height=HEIGHT,
        title=title,
        behind=_behind(scale, usual, target),
        color=color,
        path=_path(points),
        dot=_DOT.format(points[-1], color) if points[-1] else "",  # no earlier value is mistaken for the reported one
    )


def _scale(values: Sequence[Decimal | None], usual: UsualRange | None, target: Decimal | None, *, rtl: bool) -> _Scale:
    """The scale for everything drawn; the target is included only if it does not flatten the line."""
    known = [value for value in values if value is not None]
    if usual:
        known += [usual.low, usual.high]
    low, high = min(known), max(known)
    if target is not None and low - (high - low) <= target <= high + (high - low):
        low, high = min(low, target), max(high, target)
    span = max(high - low, abs(high) * LEAST_SPAN) or Decimal(1)
    return _Scale((high + low - span) / 2, span, len(values), rtl)


def _behind(scale: _Scale, usual: UsualRange | None, target: Decimal | None) -> Markup:
    """The band, its average, and the target, from edge to edge."""
    drawn = Markup()
    if usual:
        drawn += _BAND.format(scale.height(usual.high), WIDTH, scale.height(usual.low))
        drawn += _MEAN.format(scale.height(usual.mean), WIDTH)
    if target is not None and scale.base <= target <= scale.base + scale.span:
        drawn += _TARGET.format(scale.height(target), WIDTH)
    return drawn


def _path(points: Sequence[str | None]) -> str:
    """Path data: move to the first point after a gap, and draw a line to each other point."""
    pairs = zip([None, *points], points, strict=False)
    return "".join(f"{'L' if before else 'M'}{point}" for before, point in pairs if point)
