"""State of operator alerts, so that an incident is reported when it is new, when it changes, daily, and when it ends.

The state file is separate from the ledger, since an unusable ledger is itself an incident.
"""

import json
from collections.abc import Iterator, Mapping
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
_FORGOTTEN = timedelta(days=40)
"""Incidents that no run has met for this long are dropped; their reports are no longer produced."""

_PATIENCE = 120
"""Seconds to wait for another run that is sending its alerts."""


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """An incident in the state file, of this kind since `since`; `told_as` is its kind when last reported."""

    report: str
    title: str
    kind: str
    since: datetime
    seen: datetime
    told: datetime | None = None
    told_as: str | None = None


@dataclass(frozen=True, slots=True)
class PendingAlerts:
    """The incidents to report, those that ended, and the next state, whether the alert is delivered or not."""

    troubles: tuple[Incident, ...]
    over: tuple[str, ...]
    is_due: bool
    if_told: Mapping[str, KnownIncident]
    if_untold: Mapping[str, KnownIncident]


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
    def held(self) -> Iterator[None]:
        """Lock the state, so that no other run sends the same alerts meanwhile."""
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_PATIENCE, mode=0o644)
        try:
            with explained(self._path, "locked"):
                make_folder(self._path.parent)
                lock.acquire()
        except (ArchiveError, Timeout) as error:
            log.error("notices.unlocked", reason=str(error))  # noqa: TRY400 - the message is enough
        try:
            yield
        finally:
            lock.release()

    def recall(self) -> dict[str, KnownIncident]:
        """The incidents in the state file, by what they are about."""
        if self.is_empty:
            return {}
        try:
            found = json.loads(read(self._root, self._path))
            return {about: _known(values) for about, values in found.items()}
        except (ArchiveError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("notices.forgotten", file=str(self._path), reason=str(error))  # noqa: TRY400
            return {}

    def keep(self, known: Mapping[str, KnownIncident]) -> None:
        """Replace the state with these incidents."""
        try:
            write(self._root, self._path, json_bytes({about: _plain(each) for about, each in known.items()}))
        except ArchiveError as error:
            log.error("notices.unkept", reason=str(error))  # noqa: TRY400 - the message is enough


def judge(known: Mapping[str, KnownIncident], seen: RunFindings, now: datetime) -> PendingAlerts:
    """Decide what to report after a run with the findings `seen`, and whether an alert is due now."""
    met = {trouble.about: trouble for trouble in seen.troubles}
    over = {about for about, each in known.items() if about not in met and _is_over(each, seen)}
    lasting = {about: each for about, each in known.items() if about not in over and now - each.seen < _FORGOTTEN}
    current = {about: _met(trouble, known.get(about), now) for about, trouble in met.items()}
    ripe = {about for about, trouble in met.items() if now - current[about].since >= trouble.patience}
    told_of = tuple(known[about].title for about in known if about in over and known[about].told)
    told = {about: replace(current[about], told=now, told_as=current[about].kind) for about in ripe}
    return PendingAlerts(
        troubles=tuple(trouble for about, trouble in met.items() if about in ripe),
        over=told_of,
        is_due=bool(told_of) or any(_is_news(current[about], now) for about in ripe),
        if_told={**lasting, **current, **told},
        # Ended incidents are kept until their end could be reported.
        if_untold={**known, **current} if told_of else {**lasting, **current},
    )


def _is_over(known: KnownIncident, seen: RunFindings) -> bool:
    return known.report in seen.reports or (seen.knows_doubts and known.kind == DeliveryStatus.UNKNOWN)


def _met(trouble: Incident, before: KnownIncident | None, now: datetime) -> KnownIncident:
    """The incident's new state after this run met it."""
    fresh = KnownIncident(trouble.report, trouble.title, trouble.kind, now, now)
    if before is None:
        return fresh
    since = before.since if before.kind == trouble.kind else now
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
