"""State of operator alerts, so that an incident is reported when it is new, when it changes, daily, and when it ends.

The state file is separate from the ledger, since an unusable ledger is itself an incident.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from filelock import FileLock, Timeout

from reporter.alerts.incident import ALMOST_A_DAY, Incident, RunFindings
from reporter.archive.lock import STATE
from reporter.delivery.channel import DeliveryStatus
from reporter.domain.errors import ArchiveError
from reporter.files import explained, json_bytes, make_folder, read, write

log = structlog.get_logger(__name__)

_FILE = "notices.json"
_DROPPED_AFTER = timedelta(days=40)
"""Incidents that no run has met for this long are dropped; their reports are no longer produced."""

_LOCK_TIMEOUT = 120
"""Seconds to wait for another run that is sending its alerts."""


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """An incident in the state file, of this kind since `since` and last met at `seen`.

    `told` is when it was last reported, and `told_as` its kind then.
    """

    report: str
    title: str
    kind: str
    since: datetime
    seen: datetime
    told: datetime | None = None
    told_as: str | None = None


Incidents = Mapping[str, KnownIncident]
"""Known incidents, by what they are about."""


@dataclass(frozen=True, slots=True)
class PendingAlerts:
    """The incidents to report, those that ended, and the next state, whether the alert is delivered or not."""

    incidents: Sequence[Incident]
    ended: Sequence[str]
    is_due: bool
    if_reported: Incidents
    if_unreported: Incidents


class AlertState:
    """The state file below the archive's root, locked by one run at a time.

    If it cannot be used, the error is logged and every incident counts as new: a repeated alert is better than none.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / STATE / _FILE

    @property
    def is_empty(self) -> bool:
        """Whether there is no state file yet."""
        return not self._path.exists()

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Lock the state, so that no other run sends the same alerts meanwhile."""
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_LOCK_TIMEOUT, mode=0o644)
        try:
            with explained(self._path, "locked"):
                make_folder(self._path.parent)
                lock.acquire()
        except (ArchiveError, Timeout) as error:
            log.error("alert_state.unlocked", reason=str(error))  # noqa: TRY400 - the message is enough
        try:
            yield
        finally:
            lock.release()

    def load(self) -> Incidents:
        """The incidents in the state file."""
        if self.is_empty:
            return {}
        try:
            found = json.loads(read(self._root, self._path))
            return {about: _known(values) for about, values in found.items()}
        except (ArchiveError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("alert_state.unreadable", file=str(self._path), reason=str(error))  # noqa: TRY400
            return {}

    def save(self, incidents: Incidents) -> None:
        """Replace the state with these incidents."""
        try:
            write(self._root, self._path, json_bytes({about: _plain(each) for about, each in incidents.items()}))
        except ArchiveError as error:
            log.error("alert_state.unsaved", reason=str(error))  # noqa: TRY400 - the message is enough


def judge(known: Incidents, findings: RunFindings, now: datetime) -> PendingAlerts:
    """Decide what to report after a run with these findings, and whether an alert is due now."""
    met = {incident.about: incident for incident in findings.incidents}
    ended = {about: each for about, each in known.items() if about not in met and _has_ended(each, findings)}
    kept = {about: each for about, each in known.items() if about not in ended and now - each.seen < _DROPPED_AFTER}
    current = {about: _met(incident, known.get(about), now) for about, incident in met.items()}
    reported = {
        about: replace(current[about], told=now, told_as=current[about].kind)
        for about, incident in met.items()
        if now - current[about].since >= incident.tolerance
    }
    ended_titles = tuple(each.title for each in ended.values() if each.told)
    return PendingAlerts(
        incidents=tuple(met[about] for about in reported),
        ended=ended_titles,
        is_due=bool(ended_titles) or any(_is_news(current[about], now) for about in reported),
        if_reported={**kept, **current, **reported},
        # Ended incidents are kept until their end could be reported.
        if_unreported={**(known if ended_titles else kept), **current},
    )


def _has_ended(known: KnownIncident, findings: RunFindings) -> bool:
    is_unresolved = known.kind == DeliveryStatus.UNKNOWN
    return known.report in findings.reports or (findings.knows_unresolved and is_unresolved)


def _met(incident: Incident, before: KnownIncident | None, now: datetime) -> KnownIncident:
    """The incident's new state after this run met it."""
    fresh = KnownIncident(incident.report, incident.title, incident.kind, now, now)
    if before is None:
        return fresh
    since = before.since if before.kind == incident.kind else now
    return replace(fresh, since=since, told=before.told, told_as=before.told_as)


def _is_news(known: KnownIncident, now: datetime) -> bool:
    return known.told is None or known.told_as != known.kind or now - known.told >= ALMOST_A_DAY


def _plain(known: KnownIncident) -> dict[str, str | None]:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in asdict(known).items()}


def _known(values: Mapping[str, str | None]) -> KnownIncident:
    return KnownIncident(
        report=str(values["report"]),
        title=str(values["title"]),
        kind=str(values["kind"]),
        since=datetime.fromisoformat(str(values["since"])),
        seen=datetime.fromisoformat(str(values["seen"])),
        told=datetime.fromisoformat(values["told"]) if values["told"] else None,
        told_as=values["told_as"],
    )
