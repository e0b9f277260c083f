"""The report as finished text: what templates get. No arithmetic, no raw API text, no decision is left to them."""

from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class ChangeView:
    """A change in words. `tone` is good, bad or neutral; `shape` and `verdict` say the same without colour."""

    text: str
    detail: str
    tone: str
    shape: str
    verdict: str


@dataclass(frozen=True, slots=True)
class ValueView:
    """One number of a figure; `label` is empty where the figure shows one number only.

    `usual` is the range it usually lies in, and whether it is out of it; empty where no range is known. `details` are
    the lines below the number: what it was before, the counts it is made of, how sure it is, and `usual`.
    """

    key: str
    name: str
    label: str
    value: str
    change: ChangeView
    usual: str
    details: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FigureView:
    """A figure of page 1: its values (the leading one first), its line with a caption, and its target, if set.

    `progress` is how much of the target is reached, in percent and 100 at most; None where there is nothing to say.
    """

    key: str
    title: str
    values: tuple[ValueView, ...]
    note: str
    line: Markup
    caption: str
    target: str
    progress: int | None


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """One channel in both windows. `bar` and `previous_bar` are lengths in percent of the longest."""

    name: str
    value: str
    previous: str
    share: str
    change: ChangeView
    share_change: str
    bar: int
    previous_bar: int


@dataclass(frozen=True, slots=True)
class StageRow:
    """One stage of the pipeline. `fate` is empty, or says that the stage is new or gone."""

    name: str
    fate: str
    volume: str
    volume_change: ChangeView
    value: str
    value_change: ChangeView
    step: str
    bar: int


@dataclass(frozen=True, slots=True)
class PartRow:
    """One cause of the change in the value of accepted sales; `effect` is its part of the change, with its sign."""

    name: str
    value: str
    previous: str
    effect: str


@dataclass(frozen=True, slots=True)
class NoteView:
    """A term and what there is to say of it: of the period, of the figures, or of the report itself."""

    term: str
    text: str


@dataclass(frozen=True, slots=True)
class BrandView:
    """Who the report comes from. `logo` is the name of the picture among the document's assets, or empty.

    `logo_width` and `logo_height` are its pixels in a mail, zero where mail programs cannot draw it.
    `accent` is readable on white, `accent_dark` on a mail's dark ground, `accent_soft` a tint for bars.
    """

    name: str
    logo: str
    logo_width: int
    logo_height: int
    footer: str
    accent: str
    accent_soft: str
    accent_dark: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything a template shows. Dates in `created` are ISO 8601 with an offset, for the file's metadata.

    `stamp` is for the head of a revised report, or of a test: what it is, and why. An ordinary report has none.
    `lead` is the first of the `headlines` in two: the fact, and what there is to say of it, which may be nothing.
    `parts` take the change in the value of accepted sales apart, the whole of it last. `restated` says what was
    reported otherwise before, `doubts` where the answers contradict each other: sentences, and none in most reports.
    `measures` are the figures as numbers, by key: for the archive, not for templates. `locked` is for the mail: whether
    the PDF in it opens with a password alone.
    """

    language: str
    direction: str
    paper: str
    numbering: str
    title: str
    kind: str
    organization: str
    period: str
    facts: tuple[NoteView, ...]
    stamp: NoteView | None
    headlines: tuple[str, ...]
    lead: NoteView | None
    figures: tuple[FigureView, ...]
    channels: tuple[ChannelRow, ...] | None
    stages: tuple[StageRow, ...] | None
    parts: tuple[PartRow, ...]
    restated: tuple[str, ...]
    doubts: tuple[str, ...]
    notes: tuple[NoteView, ...]
    measures: Mapping[str, Mapping[str, object]]
    brand: BrandView
    created: str
    generator: str
    subject: str
    preheader: str
    filename: str
    attachment: str
    locked: bool = False

    def shown(self) -> list[Mapping[str, object]]:
        """The figures as printed, for the archive: what stands here stands in the PDF, the mail and its text."""
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
