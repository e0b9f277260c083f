"""Charts as text-free SVG: geometry only, since a renderer lays out SVG text letter by letter.

A line is one path, which costs the renderer least; its title says the numbers for those who cannot see it.
"""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

WIDTH, HEIGHT, MARGIN = 156, 45, 3
LEAST_SPAN = Decimal("0.2")
"""The least share of the highest value that a line's height stands for, so that a ripple does not look like a wave."""


def line(values: Sequence[Decimal | None], title: str, color: str) -> Markup:
    """A figure's line over time with a dot on the last value; a gap where a window has no value.

    Fewer than two values are no line: the result is empty.
    """
    if sum(value is not None for value in values) < 2:
        return Markup()
    points = [None if value is None else point for value, point in zip(values, _points(values), strict=True)]
    last = next(point for point in reversed(points) if point is not None)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="line" viewBox="0 0 {width} {height}" width="{width}" '
        'height="{height}"><title>{title}</title>'
        '<path d="{path}" fill="none" stroke="{color}" stroke-width="1.4" stroke-linejoin="round"/>'
        '<path d="M{last}h0" stroke="{color}" stroke-width="5" stroke-linecap="round"/></svg>'
    ).format(width=WIDTH, height=HEIGHT, title=title, color=color, path=_path(points), last=last)


def _points(values: Sequence[Decimal | None]) -> list[str]:
    known = [value for value in values if value is not None]
    low, high = min(known), max(known)
    span = max(high - low, abs(high) * LEAST_SPAN) or Decimal(1)
    base = (high + low - span) / 2
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    heights = [0 if value is None else float((value - base) / span) for value in values]
    return [
        f"{MARGIN + index * step:.1f} {HEIGHT - MARGIN - height * (HEIGHT - 2 * MARGIN):.1f}"
        for index, height in enumerate(heights)
    ]


def _path(points: Sequence[str | None]) -> str:
    """Move to the first point after a gap, draw a line to each other; a lone point is a stroke of no length."""
    commands = []
    for before, point in zip([None, *points], points, strict=False):
        if point is not None:
            commands.append(f"{'L' if before else 'M'}{point}")
    return "".join(commands)
