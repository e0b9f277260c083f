"""The report as finished text: what templates get. Templates do not calculate, and never get unchecked API text.

The docstrings, and the descriptions of the fields, are the reference for template authors in docs/templates.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change since the previous period, in words. Shape and verdict show without color what the tone shows."""

    text: Annotated[str, "Its size with a sign, or why there is none."]
    detail: Annotated[str, "The previous number, or empty."]
    tone: Annotated[str, "`good`, `bad`, or `neutral`, for a class."]
    shape: Annotated[str, "▲, ▼, or ●, or empty if nothing can be compared."]
    verdict: Annotated[str, "Better, worse, or that it may be chance; or empty."]


@dataclass(frozen=True, slots=True)
class BrandView:
    """The sender's brand, from the configuration."""

    name: Annotated[str, "The brand's name, or empty."]
    logo: Annotated[str, 'The image\'s name, for `src="bundle:…"` in the pages; empty if there is no logo.']
    logo_width: Annotated[int, "The image's width in the email, in pixels; zero if email clients cannot display it."]
    logo_height: Annotated[int, "Its height in the email, in pixels."]
    footer: Annotated[str, "The text at the bottom of every page and the end of the email, or empty."]
    accent: Annotated[str, "The brand's color, dark enough to be readable on white: `#1f4fd8`."]
    accent_soft: Annotated[str, "A light tint of it, for areas without text."]
    accent_dark: Annotated[str, "The same color, light enough to be readable on an email's dark background."]


@dataclass(frozen=True, slots=True)
class PartRow:
    """A cause of the change in the value of accepted sales, or the total; the effects of the causes add up to it."""

    name: Annotated[str, "The name of the cause: the number of sales, or the average sale; or of the total value."]
    value: Annotated[str, "Its value in this period."]
    previous: Annotated[str, "Its value in the previous period."]
    effect: Annotated[str, "Its effect on the value of accepted sales, with its sign."]


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage of the sales pipeline, in the order of the API."""

    name: Annotated[str, "The stage's name, 60 characters at most."]
    fate: Annotated[str, "“new” or “gone”, or empty."]
    volume: Annotated[str, "The number of sales that reached this stage."]
    volume_change: Annotated[ChangeView, "The change of that number."]
    value: Annotated[str, "The value of these sales."]
    value_change: Annotated[ChangeView, "The change of that value."]
    step: Annotated[str, "The conversion from the stage before, or empty."]
    bar: Annotated[int, "The number of sales, in percent of the table's largest."]


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel in this period and the previous one."""

    name: Annotated[str, "The channel's name."]
    value: Annotated[str, "The number of conversations that began there."]
    previous: Annotated[str, "The number in the previous period."]
    share: Annotated[str, "Its share of all conversations, or empty."]
    change: Annotated[ChangeView, "The change of the number."]
    share_change: Annotated[str, "The change of its share, in percentage points, or empty."]
    bar: Annotated[int, "The number, in percent of the table's largest."]
    previous_bar: Annotated[int, "The previous number, on the same scale."]


@dataclass(frozen=True, slots=True)
class ValueView:
    """One number of a figure."""

    key: Annotated[str, "The metric's key, as in `report.json`."]
    name: Annotated[str, "The name of the number."]
    label: Annotated[str, "A label to tell it from another number of its figure; empty if the figure has only one."]
    value: Annotated[str, "The number, or a dash if there is no data."]
    change: Annotated[ChangeView, "Its change since the previous period."]
    usual: Annotated[str, "Its usual range, and whether it is outside it; empty if no range is known."]
    details: Annotated[
        tuple[str, ...], "Lines for below it: the previous number, counts, the uncertainty, the usual range."
    ]


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure of page 1: one or two numbers, a chart of the last periods, and a target if one is set."""

    key: Annotated[str, "The figure's key, as in the configuration: `response_rate`."]
    title: Annotated[str, "The figure's name."]
    values: Annotated[tuple[ValueView, ...], "Its numbers, the leading one first."]
    note: Annotated[str, "The counts behind a rate, and its uncertainty if they are few; or empty."]
    line: Annotated[Markup, "The chart of the last periods: an SVG with a text alternative; empty if few are known."]
    caption: Annotated[str, "What the chart shows: how many periods, from which value to which."]
    target: Annotated[str, "The target and whether it is met, or empty."]
    progress: Annotated[int | None, "Progress toward the target, in percent, 100 at most; none without a target."]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A term with a text: a fact about the period, a definition, or a caveat."""

    term: Annotated[str, "What the note is about."]
    text: Annotated[str, "The note."]


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything that a template shows. Texts are in the recipient's language, with numbers in its format."""

    language: Annotated[str, "The language, for `lang`: `en-US`."]
    direction: Annotated[str, "`ltr` or `rtl`, for `dir`."]
    paper: Annotated[str, "`A4` or `Letter`."]
    numbering: Annotated[str, "The CSS name of the page numbers' style: `decimal` or `arabic-indic`."]
    title: Annotated[str, "Organization and period, for the document's title."]
    kind: Annotated[str, "The kind of report: “Monthly report”."]
    organization: Annotated[str, "The organization's name, on one line, 120 characters at most."]
    period: Annotated[str, "The period in words: “April 2026”."]
    facts: Annotated[tuple[NoteView, ...], "For the top: the previous period, the date of the data, the time zone."]
    stamp: Annotated[NoteView | None, "For the top of a revision or a test send: what it is, and why; else none."]
    headlines: Annotated[tuple[str, ...], "The headline sentences, the most important first."]
    lead: Annotated[NoteView | None, "The first headline in two parts: the fact, and its significance or empty."]
    figures: Annotated[tuple[FigureView, ...], "The figures of page 1, in the configured order."]
    channels: Annotated[
        tuple[ChannelRow, ...] | None,
        "Conversations by channel; none if the section is left out, empty if no channels are known.",
    ]
    stages: Annotated[
        tuple[StageRow, ...] | None, "The sales pipeline; none if the section is left out, empty if nothing is known."
    ]
    parts: Annotated[
        tuple[PartRow, ...], "Causes of the change in the value of accepted sales, the total last; or empty."
    ]
    restated: Annotated[tuple[str, ...], "Sentences about restated figures; usually none."]
    doubts: Annotated[tuple[str, ...], "Data quality warnings: sentences about conflicting data; usually none."]
    notes: Annotated[tuple[NoteView, ...], "Definitions of the figures, the exact windows, and caveats."]
    measures: Annotated[
        Mapping[str, Mapping[str, object]], "The figures as numbers, as in `report.json`; not for display."
    ]
    brand: Annotated[BrandView, "The sender's brand."]
    created: Annotated[str, "When the report was rendered, in ISO 8601, for the file's metadata."]
    generator: Annotated[str, "The software and its version, for the file's metadata."]
    subject: Annotated[str, "The email's subject."]
    preheader: Annotated[str, "The preview text that email clients show next to the subject: the first headline."]
    filename: Annotated[str, "The name of the attached PDF."]
    attachment: Annotated[str, "The same name for use in a sentence, isolated from text in the other direction."]
    locked: Annotated[bool, "Whether the attached PDF needs a password to open; the email should say so."] = False

    def shown(self) -> list[Mapping[str, object]]:
        """The figures as printed in the PDF and the email, for the archive."""
        return [
            {
                "key": value.key,
                "name": value.name,
                "shown": value.value,
                "change": value.change.text,
                "usual": value.usual,
                **self.measures[value.key],
            }
            for figure in self.figures
            for value in figure.values
        ]
