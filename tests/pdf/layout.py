"""The visual layout of a PDF: where each text and drawing is on its page, and in which colors."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from ctypes import c_double, c_uint
from dataclasses import dataclass
from functools import cached_property, reduce
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from tests.pdf.tree import Element

Color = tuple[int, ...]
"""Red, green, and blue, 0–255 each."""
_AROUND = 2
"""Margin in points around a text that shows its background, even where letters fill their box."""
_GAP = 1.0
"""Gap in points from which two letters belong to different words."""


class Box(NamedTuple):
    """A rectangle of a page, in points from its lower left."""

    left: float
    bottom: float
    right: float
    top: float

    def around(self, other: "Box") -> "Box":
        """The smallest rectangle that contains both."""
        return Box(*map(min, self[:2], other[:2]), *map(max, self[2:], other[2:]))

    def holds(self, other: "Box", slack: float = 0) -> bool:
        """Return whether the other rectangle is inside, give or take `slack`."""
        low = min(mine - theirs for mine, theirs in zip(other[:2], self[:2], strict=True))
        high = min(mine - theirs for mine, theirs in zip(self[2:], other[2:], strict=True))
        return min(low, high) >= -slack


@dataclass(frozen=True, slots=True)
class Drawn:
    """A text or drawing: its page, the number of its mark (-1 for none), its position, and its color."""

    page: int
    mark: int
    is_text: bool
    box: Box
    ink: Color


class Layout:
    """The layout of the file at `path`."""

    def __init__(self, path: Path) -> None:
        with pypdfium2.PdfDocument(path) as pages:
            self.sheets = [Box(0, 0, *page.get_size()) for page in pages]
            self.drawn = [each for number, page in enumerate(pages) for each in _drawn(number, page)]
            self.lines = [_lines(page.get_textpage()) for page in pages]
            """The lines of each page, with their characters as they stand from left to right."""
            self._pictures = [page.render(scale=1).to_pil().convert("RGB") for page in pages]

    @cached_property
    def _boxes(self) -> dict[tuple[int, int], Box]:
        boxes: dict[tuple[int, int], Box] = {}
        for each in self.drawn:
            place = each.page, each.mark
            boxes[place] = boxes.get(place, each.box).around(each.box)
        return boxes

    def box(self, element: Element) -> Box | None:
        """The box of a tag's content, as if all of it were on one page; None if it shows nothing."""
        boxes = [self._boxes[mark] for each in element.walk() for mark in each.marks if mark in self._boxes]
        return reduce(Box.around, boxes) if boxes else None

    def ground(self, text: Drawn) -> Color:
        """The background color of a text: the color that covers most of its surroundings."""
        picture = self._pictures[text.page]
        left, bottom, right, top = text.box
        place = left - _AROUND, picture.height - top - _AROUND, right + _AROUND, picture.height - bottom + _AROUND
        part: Iterable[Color] = picture.crop(tuple(map(round, place))).get_flattened_data()
        return Counter(part).most_common(1)[0][0]


def _drawn(number: int, page: Any) -> Iterator[Drawn]:
    kinds = {raw.FPDF_PAGEOBJ_TEXT: True, raw.FPDF_PAGEOBJ_PATH: False}
    for each in page.get_objects(filter=list(kinds)):
        ink = [c_uint() for _ in range(4)]
        raw.FPDFPageObj_GetFillColor(each.raw, *ink)
        mark = raw.FPDFPageObj_GetMarkedContentID(each.raw)
        color = tuple(channel.value for channel in ink[:3])
        yield Drawn(number, mark, kinds[each.type], Box(*each.get_bounds()), color)


def _lines(text: Any) -> list[str]:
    letters = defaultdict(list)
    for number in range(text.count_chars()):
        across, down = c_double(), c_double()
        raw.FPDFText_GetCharOrigin(text, number, across, down)
        letter = chr(raw.FPDFText_GetUnicode(text, number))
        letters[round(down.value)].append((text.get_charbox(number, loose=True), letter))
    return ["".join(_spaced(sorted(line))) for _, line in sorted(letters.items(), reverse=True)]


def _spaced(letters: list[tuple[tuple[float, ...], str]]) -> Iterator[str]:
    end = float("-inf")
    for (left, _, right, _), letter in letters:
        if left > end + _GAP:
            yield " "
        if letter.strip():
            yield letter
            end = right
