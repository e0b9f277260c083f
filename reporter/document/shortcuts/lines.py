"""A line of text is shaped once."""

from collections.abc import Mapping
from typing import Any

from weasyprint.text import line_break


class _KeptLayout(line_break.Layout):  # type: ignore[misc]  # WeasyPrint has no types
    """A line of text that is shaped once: WeasyPrint forgets it after layout and shapes it again for drawing.

    It is shaped again also here where drawing differs from layout: in a justified line, and where more than one line's
    text is held. Drawing asks Pango for a single paragraph, and that shapes it again, so text of one is told to be.
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
        """Keep everything: it goes with the document."""

    def reactivate(self, style: Mapping[str, Any]) -> None:
        if self.justification_spacing or style is not self.style or not self._holds_one_line:
            super().reactivate(style)


WAYS = ((line_break, "Layout", _KeptLayout),)
