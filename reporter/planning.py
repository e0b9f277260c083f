"""Plan reports from the configuration and options: which organizations and which windows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from reporter.config.settings import ReportConfig
from reporter.domain.errors import UsageError
from reporter.domain.snapshot import Organization, title
from reporter.domain.window import Window


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
