"""Plan reports from the configuration and options: which organizations and which windows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from reporter.config.settings import ReportConfig
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import Organization, title
from reporter.domain.window import Period, WeekStart, Window, custom, last_complete, running

EARLIEST = date(1990, 1, 1)
LATEST = date(2200, 1, 1)
LONGEST = timedelta(days=3653)
"""Ten years: the maximum length of a window."""


@dataclass(frozen=True, slots=True)
class PlannedReport:
    """One report to produce: its organization, configuration, and window."""

    organization: Organization
    config: ReportConfig
    window: Window


@dataclass(frozen=True, slots=True)
class Selection:
    """The organizations requested by options; if there are none, the configured reports are meant."""

    names: tuple[str, ...] = ()
    everything: bool = False


def choose(
    selection: Selection,
    configured: Sequence[ReportConfig],
    defaults: ReportConfig,
    known: Sequence[Organization],
) -> tuple[tuple[Organization, ReportConfig], ...]:
    """The organizations to report on, each with its configuration.

    Raises:
        UsageError: a name is unknown or ambiguous, or no organization is specified.
    """
    directory = Directory(known)
    reports = [(directory.find(report.organization or ""), report) for report in configured]
    refuse_twice(reports)
    if selection.everything:
        return tuple(pair for organization in known for pair in _configured(organization, reports, defaults))
    if selection.names:
        wanted = dict.fromkeys(map(directory.find, selection.names))
        return tuple(pair for organization in wanted for pair in _configured(organization, reports, defaults))
    if reports:
        return tuple(reports)
    if len(known) == 1:
        return ((known[0], defaults),)
    raise UsageError(f"Say which organization: --org NAME, or --all-orgs. {_listing(known)}")


def resolve_window(
    *,
    period: Period,
    first: date | None,
    until: date | None,
    today: date,
    timezone: str,
    week_start: WeekStart,
    allow_partial: bool,
    as_of: date | None = None,
) -> Window:
    """The window for these options; with `first` and `until` it is a custom one, and `period` is ignored.

    With `allow_partial`, the window is the current period up to but excluding today, and a custom window ends today at
    the latest. `today` is the local date in `timezone`, a valid zone; `as_of`, an earlier date, replaces it.
    Raises `UsageError` if the dates do not form a window.
    """
    _refuse_senseless(first, until, as_of)
    _refuse_clock(today, as_of, timezone)
    today = as_of or today
    if first is not None and until is not None:
        window = custom(first, until, today, timezone)
    elif allow_partial:
        window = running(period, today, timezone, week_start)
    else:
        window = last_complete(period, today, timezone, week_start)
    _refuse_unfinished(window, allow_partial=allow_partial)
    return window


class Directory:
    """The organizations of the API key, indexed by id and by name."""

    def __init__(self, known: Sequence[Organization]) -> None:
        self._known = known
        self._by_id = {organization.id: organization for organization in known}
        self._by_name: dict[str, list[Organization]] = {}
        for organization in known:
            self._by_name.setdefault(organization.name.casefold(), []).append(organization)

    def find(self, name: str) -> Organization:
        """The organization with this id or name; case does not matter in names. Raises UsageError."""
        if name in self._by_id:
            return self._by_id[name]
        found = self._by_name.get(name.casefold(), [])
        if not found:
            raise UsageError(f"The key has no organization '{title(name)}'. {_listing(self._known)}")
        if len(found) > 1:
            ids = ", ".join(organization.id for organization in found)
            raise UsageError(f"{len(found)} organizations are named '{title(name)}': name one by its id, of {ids}.")
        return found[0]


def refuse_twice(reports: Sequence[tuple[Organization, ReportConfig]]) -> None:
    """Raise UsageError if two blocks configure the same report, one by the organization's name and one by its id."""
    seen = set()
    for organization, report in reports:
        if (organization, report.period) in seen:
            raise UsageError(f"'{organization.title}' has two {report.period} reports, by name and by id: remove one.")
        seen.add((organization, report.period))


def _configured(
    organization: Organization, reports: Sequence[tuple[Organization, ReportConfig]], defaults: ReportConfig
) -> list[tuple[Organization, ReportConfig]]:
    own = [pair for pair in reports if pair[0] == organization]
    return own or [(organization, replace(defaults, organization=organization.id))]


def _listing(known: Sequence[Organization]) -> str:
    if not known:
        return "It has none at all."
    names = ", ".join(f"'{organization.title}'" for organization in known[:20])
    more = f" and {len(known) - 20} more" if len(known) > 20 else ""
    return f"It has {len(known)}: {names}{more}."


def _refuse_senseless(first: date | None, until: date | None, as_of: date | None) -> None:
    """Raise `UsageError` unless `first` and `until` come together and in order, and every date is plausible."""
    for option, day in (("--from", first), ("--until", until), ("--as-of", as_of)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise UsageError(f"{option} {day} lies outside of what can be reported: {EARLIEST} to {LATEST}.")
    if first is None and until is None:
        return
    if until is None:
        raise UsageError(f"--from {first} needs --until DATE, the day after the window's last.")
    if first is None:
        raise UsageError(f"--until {until} needs --from DATE, the window's first day.")
    if first >= until:
        raise UsageError(f"--from {first} must lie before --until {until}: --until is the day after the window's last.")
    if until - first > LONGEST:
        raise UsageError(f"--from {first} --until {until} spans more than ten years; ask for a shorter window.")


def _refuse_clock(today: date, as_of: date | None, timezone: str) -> None:
    """Raise `UsageError` if the clock is implausible or `as_of` is in the future."""
    if not EARLIEST <= today <= LATEST:
        reach = f"outside of what can be reported, {EARLIEST} to {LATEST}"
        raise UsageError(f"The clock says that it is {today}, {reach}: set the clock, or SOURCE_DATE_EPOCH, right.")
    if as_of and as_of > today:
        raise UsageError(f"--as-of {as_of} lies in the future: in {timezone} it is {today}.")


def _refuse_unfinished(window: Window, *, allow_partial: bool) -> None:
    """Raise `UsageError` for a window that has not ended, unless that is allowed and at least one of its days has."""
    span = f"The {window.period} window that begins on {window.first}"
    if window.is_partial and not allow_partial:
        wait = f"it will be on {window.planned_until}; wait until then, or report what is over with --allow-partial."
        raise UsageError(f"{span} is not over: {wait}")
    if window.days < 1:
        raise UsageError(f"{span} cannot be reported so far: no day of it is over yet.")
    if window.start == window.end:  # Pacific/Apia skipped December 30, 2011: it moved across the date line
        raise UsageError(f"{span} is empty: {window.timezone} left that date out.")
