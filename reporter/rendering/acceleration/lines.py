"""Shape a line of text once, for layout and drawing.

WeasyPrint discards the Pango layout of a line after its layout, and creates and shapes it again for drawing. Here it is
kept. It is shaped again only where drawing differs from layout: in a justified line, with another style, and where the
layout holds the text of more than one line.
"""

from collections.abc import Mapping
from typing import Any

from weasyprint.text import line_break


class _KeptLayout(line_break.Layout):  # type: ignore[misc]  # WeasyPrint has no types
    """A layout that stays valid until it is drawn.

    To draw, WeasyPrint sets Pango's single-paragraph mode, and a change of mode makes Pango shape the text again. So
    the mode is set before layout if the text is one paragraph, for which the mode makes no difference.
    """

    _holds_one_line = False

    def set_text(self, text: str, justify: bool = False) -> None:  # noqa: FBT001, FBT002  # WeasyPrint's signature
        self._holds_one_line = False
        is_paragraph = text.splitlines() in ([text], [])
        line_break.pango.pango_layout_set_single_paragraph_mode(self.layout, is_paragraph)
        super().set_text(text, justify)

    def get_first_line(self) -> tuple[Any, int | None]:
        line, second = super().get_first_line()
        self._holds_one_line = second is None
        return line, second

    def deactivate(self) -> None:
        """Discard nothing: the layout is freed with the document."""

    def reactivate(self, style: Mapping[str, Any]) -> None:
        if self.justification_spacing or style is not self.style or not self._holds_one_line:
            super().reactivate(style)


PATCHES = ((line_break, "Layout", _KeptLayout),)
