"""Every number in a report, in every language, is read back and equals that of `report.json` or the API's answers."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from reporter.analysis.chance import CONFIDENCE, interval_of_few
from reporter.analysis.metric import TOTALS, Metric, Unit
from reporter.analysis.metrics import METRICS, accepted_stage
from reporter.domain.snapshot import Snapshot
from reporter.rendering.dates import window_name
from reporter.rendering.tables import MOST_STAGES
from reporter.rendering.view import ChangeView
from tests.golden.editions import Case
from tests.unit.rendering.reading import digits, is_shown, numbers_in, visible
from tests.unit.rendering.reports import EVERY, Report, made
from tests.unit.rendering.words import words

Number = Decimal | None
RESTATED = ("response_rate", "conversations")


@EVERY
def test_report_json_has_what_the_answers_say(case: Case, locale: str) -> None:
    """Each figure's number is the metric of the reported window, its previous number that of the previous window."""
    report = made(case, locale)
    for key, figure in report.figures.items():
        both = [METRICS[key].read(snapshot) for snapshot in (report.data.current, report.data.previous)]
        assert [figure["value"], figure["previous"]] == [None if value is None else f"{value:f}" for value in both]


@EVERY
def test_a_figure_is_its_number(case: Case, locale: str) -> None:
    """Value, change, previous value, and usual range equal those of `report.json`."""
    report = made(case, locale)
    for value in report.values():
        kept, unit = report.figures[value.key], METRICS[value.key].unit
        now, before = known(kept["value"]), known(kept["previous"])
        assert report.says(value.value, unit, now) if now is not None else not digits(value.value)
        check_change(report, value.change, unit, now, before)
        check_before(report, value.change.detail, unit, now, before)
        ends, _, run = value.usual.partition(" · ")
        if kept["range"]:
            low, high, mean = (Decimal(kept["range"][end]) for end in ("low", "high", "mean"))
            alone = report.says(ends, unit, low) and report.says(ends, unit, high)  # if both are displayed as one
            assert alone or report.says(ends, unit, low, high)
            assert not run or report.says(run, unit, Decimal(numbers_in(run, locale)[0]), mean)
        assert bool(kept["range"]) == bool(digits(ends))


@EVERY
def test_lines_targets_and_counts_are_their_numbers(case: Case, locale: str) -> None:
    """Equal are: a line's number of windows, lowest and highest value; the target; a share's counts and interval."""
    report = made(case, locale)
    for figure in report.view.figures:
        metric = METRICS[figure.values[0].key]
        check_caption(report, figure.caption, metric)
        target = known(report.figures[metric.key]["target"])
        assert target is not None
        assert report.says(figure.target, metric.unit, target)
        part, whole, interval = metric.part(report.data.current), metric.sample(report.data.current), None
        if metric.unit is Unit.RATE and part is not None and whole:
            counts, _, surely = figure.note.partition(" · ")
            assert {Decimal(part), Decimal(whole)} == set(numbers_in(counts, locale)) or whole > 10_000_000
            interval = interval_of_few(metric, report.data.current)
            assert bool(interval) == bool(surely)
            assert not interval or report.says(surely, Unit.RATE, CONFIDENCE, interval.low, interval.high)


@EVERY
def test_channels_are_their_numbers(case: Case, locale: str) -> None:
    """Both windows' conversations, the difference, the share, and its change are in the order of the answers."""
    report = made(case, locale)
    counts, counts_before = report.data.current.channels or {}, report.data.previous.channels or {}
    order = sorted({*counts, *counts_before}, key=lambda key: (-counts.get(key, 0), key)) if counts else []
    for row, key in zip(report.view.channels or (), order, strict=True):
        now, before = Decimal(counts.get(key, 0)), Decimal(counts_before.get(key, 0))
        assert report.says(row.value, Unit.COUNT, now)
        assert report.says(row.previous, Unit.COUNT, before)
        check_change(report, row.change, Unit.COUNT, now, before)
        share, share_before = part_of(now, counts), part_of(before, counts_before)
        assert report.says(row.share, Unit.RATE, share) if share is not None else not digits(row.share)
        moved = None if share is None or share_before is None else share - share_before
        assert report.says(row.share_change, Unit.RATE, moved) if moved else not digits(row.share_change)


@EVERY
def test_stages_are_their_numbers(case: Case, locale: str) -> None:
    """Each stage of the window has its sales and value, their changes, and the conversion from the stage before."""
    report = made(case, locale)
    stages = report.data.current.sales.pipeline if report.data.current.sales else ()
    before = {
        stage.name: stage for stage in (report.data.previous.sales.pipeline if report.data.previous.sales else ())
    }
    standing = [row for row in report.view.stages or () if digits(row.volume)]
    assert len(report.view.stages or ()) == MOST_STAGES or len(standing) == len(stages)
    for place, row in enumerate(standing):
        stage, then = stages[place], before.get(stages[place].name)
        assert report.says(row.volume, Unit.COUNT, Decimal(stage.volume))
        assert report.says(row.value, Unit.MONEY, stage.value)
        if then and not row.fate:
            check_change(report, row.volume_change, Unit.COUNT, Decimal(stage.volume), Decimal(then.volume))
            check_change(report, row.value_change, Unit.MONEY, stage.value, then.value)
        whole = stages[place - 1].volume if place else 0
        assert report.says(row.step, Unit.RATE, Decimal(stage.volume) / whole) if whole else not digits(row.step)


@EVERY
def test_what_made_the_value_change_adds_up(case: Case, locale: str) -> None:
    """Number, average, and value are those of the accepted stage, and the two effects add up to the change in value."""
    report = made(case, locale)
    now, before = (accepted_stage(each) for each in (report.data.current, report.data.previous))
    if not report.view.parts:
        assert not now or not before or not now.volume or not before.volume or now.value == before.value
        return
    assert now
    assert before
    number, size, whole = report.view.parts
    assert report.says(f"{number.value}, {number.previous}", Unit.COUNT, Decimal(now.volume), Decimal(before.volume))
    averages = now.value / now.volume, before.value / before.volume
    assert report.says(f"{size.value}, {size.previous}", Unit.MONEY, *averages)
    assert report.says(f"{whole.value}, {whole.previous}", Unit.MONEY, now.value, before.value)
    effect = (now.volume - before.volume) * averages[1]
    moved = now.value - before.value
    for part, expected in ((number, effect), (size, moved - effect), (whole, moved)):
        assert report.says(part.effect, Unit.MONEY, expected, roundings=4)
    shown = [numbers_in(part.effect, locale)[0] for part in (number, size, whole)]
    assert shown[0] + shown[1] == shown[2]


@EVERY
def test_a_sentence_is_its_numbers(case: Case, locale: str) -> None:
    """A restatement contains the old and new value, and a data quality warning both conflicting values."""
    report = made(case, locale)
    previous, volume = report.data.previous, report.data.current.volume
    told = [(METRICS[key], reported) for reported in report.data.reported for key in RESTATED]
    for (metric, reported), sentence in zip(told, report.view.restated, strict=True):
        both = metric.read(reported) or Decimal(0), metric.read(previous) or Decimal(0)
        assert report.says(undated(report, sentence, previous), metric.unit, *both)
    if told:
        assert volume
        sides = [Decimal(sum((report.data.current.channels or {}).values())), Decimal(volume.conversations)]
        assert report.says(undated(report, report.view.doubts[0], report.data.current), Unit.COUNT, *sides)


@EVERY
def test_no_headline_has_a_number_of_its_own(case: Case, locale: str) -> None:
    """Each number of a headline is also beside a figure of the page, or is the figure's previous value."""
    report = made(case, locale)
    figures = [figure.note for figure in report.view.figures]
    for value in report.values():
        figures += [value.value, value.change.text, value.change.detail, value.usual]
    printed = {abs(number) for text in figures for number in numbers_in(text, locale)}
    before = [Decimal(kept["previous"]) for kept in report.figures.values() if kept["previous"]]
    for number in (abs(number) for headline in report.view.headlines for number in numbers_in(headline, locale)):
        assert number in printed or any(is_shown(number, previous) for previous in before)


def check_change(report: Report, change: ChangeView, unit: Unit, now: Number, before: Number) -> None:
    """A change is the difference, with its sign; except for shares and for changes from zero, in percent as well."""
    if now is None or before is None or now == before:
        assert set(digits(change.text)) <= {"0"}
    elif unit is Unit.RATE:
        assert report.says(change.text, unit, now - before)
    else:
        amount, _, percent = change.text.partition("(")
        assert report.says(amount, unit, now - before, roundings=2, of=max(now, before))
        assert report.says(percent, Unit.RATE, (now - before) / before) if before else not digits(percent)


def check_before(report: Report, detail: str, unit: Unit, now: Number, before: Number) -> None:
    """The previous value; for totals of unequal windows, both daily averages and their difference."""
    days, days_before = report.data.window.days, report.data.previous.window.days
    if before is None or (unit in TOTALS and not now and not before):
        assert not digits(detail)
    elif unit not in TOTALS or days == days_before or now is None:
        assert report.says(detail, unit, before)
    else:
        averages, _, percent = detail.partition("(")
        assert report.says(averages, unit, now / days, before / days_before)
        moved = (now / days) / (before / days_before) - 1 if before else None
        assert report.says(percent, Unit.RATE, moved) if moved else not digits(percent)


def check_caption(report: Report, caption: str, metric: Metric) -> None:
    """The number of windows, and the lowest and highest value among them, or the only one."""
    line = [metric.read(snapshot) if snapshot else None for snapshot in report.data.snapshots]
    values: Sequence[Decimal] = [value for value in line if value is not None]
    if len(values) < 2:
        assert not digits(caption)
        return
    windows, _, ends = visible(caption).partition(str(len(line)))
    assert not digits(windows)
    assert report.says(ends, metric.unit, min(values), max(values)) or report.says(ends, metric.unit, *set(values))


def undated(report: Report, sentence: str, snapshot: Snapshot) -> str:
    """The sentence without its period, which has numbers of its own."""
    period = visible(window_name(words(report.locale), snapshot.window))
    told, count = re.subn(re.escape(period), "", visible(sentence), flags=re.IGNORECASE)  # which may begin it
    assert count
    return told


def part_of(count: Decimal, counts: Mapping[str, int]) -> Number:
    """The share of a channel; None if there are no conversations."""
    return count / sum(counts.values()) if any(counts.values()) else None


def known(text: str | None) -> Number:
    """A number of `report.json`."""
    return None if text is None else Decimal(text)
