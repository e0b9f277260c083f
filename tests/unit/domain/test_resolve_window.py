"""Windows from options: what they resolve to, and the error for those that do not make a window."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporter.domain.errors import UsageError
from reporter.domain.window import Period, WeekStart, Window, last_complete
from reporter.planning import resolve_window


def resolve(
    period: Period = Period.MONTH,
    *,
    first: date | None = None,
    until: date | None = None,
    today: date = date(2026, 4, 13),
    timezone: str = "Europe/Berlin",
    allow_partial: bool = False,
    as_of: date | None = None,
) -> Window:
    """`resolve_window` with everyday values for the options that a test leaves out."""
    return resolve_window(
        period=period,
        first=first,
        until=until,
        today=today,
        timezone=timezone,
        week_start=WeekStart.SUNDAY,
        allow_partial=allow_partial,
        as_of=as_of,
    )


def test_a_period_resolves_to_the_last_complete_one() -> None:
    """Without dates, the last complete period is reported, with the given time zone and week start."""
    assert resolve() == last_complete(Period.MONTH, date(2026, 4, 13), "Europe/Berlin", WeekStart.SUNDAY)
    assert resolve(Period.WEEK).label == "2026-04-05"


def test_another_day_takes_the_place_of_today() -> None:
    """`--as-of` resolves as if the clock showed that day; today is allowed."""
    assert resolve(as_of=date(2026, 3, 31)) == resolve(today=date(2026, 3, 31))
    assert resolve(as_of=date(2026, 4, 13)) == resolve()


def test_dates_resolve_to_a_custom_window() -> None:
    """With both dates the period is ignored; a window that ended yesterday is complete, even if partial is allowed."""
    for allowed in (False, True):
        window = resolve(first=date(2026, 4, 3), until=date(2026, 4, 13), allow_partial=allowed)
        assert (window.period, window.days, window.is_partial) == (Period.CUSTOM, 10, False)


def test_the_running_period_is_reported_up_to_yesterday_when_allowed() -> None:
    """`--allow-partial` uses the complete days of the current period, without today."""
    window = resolve(allow_partial=True)
    assert (window.first, window.last, window.planned_until) == (date(2026, 4, 1), date(2026, 4, 12), date(2026, 5, 1))


def test_a_custom_window_is_cut_at_today_when_allowed() -> None:
    """`--allow-partial` uses the complete days of the custom window."""
    window = resolve(first=date(2026, 4, 1), until=date(2026, 6, 1), allow_partial=True)
    assert (window.until, window.planned_until) == (date(2026, 4, 13), date(2026, 6, 1))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"first": date(2026, 4, 1)}, "--from 2026-04-01 needs --until DATE"),
        ({"until": date(2026, 4, 1)}, "--until 2026-04-01 needs --from DATE"),
        ({"first": date(2026, 4, 1), "until": date(2026, 4, 1)}, "must lie before --until 2026-04-01"),
        ({"first": date(2026, 4, 2), "until": date(2026, 4, 1)}, "--from 2026-04-02 must lie before"),
        ({"first": date(1989, 12, 31), "until": date(1990, 2, 1)}, "--from 1989-12-31 lies outside"),
        ({"first": date(2026, 1, 1), "until": date(2200, 1, 2)}, "--until 2200-01-02 lies outside"),
        ({"as_of": date(1, 1, 1)}, "^--as-of 0001-01-01 lies outside"),
        ({"as_of": date(2026, 4, 14)}, "^--as-of 2026-04-14 lies in the future: in Europe/Berlin it is 2026-04-13"),
        ({"today": date(1980, 1, 1)}, "^The clock says that it is 1980-01-01, outside .*: set the clock, or SOURCE_"),
        ({"today": date(1980, 1, 1), "as_of": date(2026, 4, 1)}, "^The clock says that it is 1980-01-01"),
        ({"first": date(2010, 1, 1), "until": date(2020, 1, 3)}, "more than ten years"),
        ({"first": date(2026, 4, 1), "until": date(2026, 4, 14)}, "it will be on 2026-04-14; .*--allow-partial"),
        ({"first": date(2026, 4, 13), "until": date(2026, 4, 20), "allow_partial": True}, "no day of it is over yet"),
        ({"first": date(2026, 5, 1), "until": date(2026, 5, 9), "allow_partial": True}, "no day of it is over yet"),
        ({"today": date(2026, 4, 1), "allow_partial": True}, "month window .* 2026-04-01 .*no day of it is over yet"),
        ({"period": Period.DAY, "allow_partial": True}, "no day of it is over yet"),
        ({"first": date(2011, 12, 30), "until": date(2011, 12, 31), "timezone": "Pacific/Apia"}, "left that date out"),
    ],
)
def test_dates_that_make_no_window_are_refused_in_a_sentence(options: dict[str, Any], reason: str) -> None:
    """Each wrong combination of options is a usage error that names the cause."""
    with pytest.raises(UsageError, match=reason):
        resolve(**options)


def test_the_widest_windows_are_accepted() -> None:
    """Exactly ten years, and the earliest and latest dates, are valid windows."""
    assert resolve(first=date(1990, 1, 1), until=date(2000, 1, 1)).days == 3652
    assert resolve(first=date(1996, 1, 1), until=date(2006, 1, 1)).days == 3653
    assert resolve(Period.YEAR, today=date(2200, 1, 1)).label == "2199"


@given(
    st.fixed_dictionaries(
        {
            "period": st.sampled_from([period for period in Period if period is not Period.CUSTOM]),
            "first": st.none() | st.dates(date(2024, 1, 1), date(2024, 12, 31)),
            "until": st.none() | st.dates(date(2024, 6, 1), date(2024, 12, 31)),
            "today": st.dates(date(2024, 3, 1), date(2025, 3, 1)),
            "timezone": st.sampled_from(["Asia/Beirut", "America/Havana", "Pacific/Kiritimati"]),
            "allow_partial": st.booleans(),
        }
    )
)
def test_every_window_that_resolves_is_over_and_has_days(options: dict[str, Any]) -> None:
    """Any options give either a window of at least one day before today, or a usage error."""
    try:
        window = resolve(**options)
    except UsageError:
        return
    assert window.first < window.until <= options["today"]
    assert window.start < window.end
    assert options["allow_partial"] or not window.is_partial
