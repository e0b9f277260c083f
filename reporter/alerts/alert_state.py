"""What operators were told, so that the same trouble is told when it is new, when it changes, daily, and when it ends.

It lies in a file of its own beside the ledger, since an unusable ledger is one of the things to be told.
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
from reporter.domain.json_text import json_bytes
from reporter.files import explained, make_folder, read, write

log = structlog.get_logger(__name__)

_FILE = "notices.json"
_FORGOTTEN = timedelta(days=40)
"""Trouble that no run has met for so long, since none makes that report any more, is forgotten."""

_PATIENCE = 120
"""Seconds to wait for another run that is telling its own trouble."""


@dataclass(frozen=True, slots=True)
class KnownIncident:
    """One trouble as it is remembered, in this kind `since`; `told_as` is its kind when operators last heard of it."""

    report: str
    title: str
    kind: str
    since: datetime
    seen: datetime
    told: datetime | None = None
    told_as: str | None = None


@dataclass(frozen=True, slots=True)
class PendingAlerts:
    """What there is to say: all that is wrong, what is over, and what is known once that is said or kept back."""

    troubles: tuple[Incident, ...]
    over: tuple[str, ...]
    is_due: bool
    if_told: Mapping[str, KnownIncident]
    if_untold: Mapping[str, KnownIncident]


class AlertState:
    """The file below the archive's root, which one run at a time holds.

    Where it cannot be used, that is logged and all trouble counts as new: rather told twice than never.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._path = root / STATE / _FILE

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever kept here."""
        return not self._path.exists()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep other runs from telling the same meanwhile."""
        lock = FileLock(self._path.with_suffix(".lock"), timeout=_PATIENCE, mode=0o644)
        try:
            with explained(self._path, "locked"):
                make_folder(self._path.parent)
                lock.acquire()
        except (ArchiveError, Timeout) as error:
            log.error("notices.unlocked", reason=str(error))  # noqa: TRY400 - the sentence says it all
        try:
            yield
        finally:
            lock.release()

    def recall(self) -> dict[str, KnownIncident]:
        """Every trouble that is remembered, by what it is about."""
        if self.is_empty:
            return {}
        try:
            found = json.loads(read(self._root, self._path))
            return {about: _known(values) for about, values in found.items()}
        except (ArchiveError, ValueError, TypeError, KeyError, AttributeError) as error:
            log.error("notices.forgotten", file=str(self._path), reason=str(error))  # noqa: TRY400
            return {}

    def keep(self, known: Mapping[str, KnownIncident]) -> None:
        """Remember this and nothing else."""
        try:
            write(self._root, self._path, json_bytes({about: _plain(each) for about, each in known.items()}))
        except ArchiveError as error:
            log.error("notices.unkept", reason=str(error))  # noqa: TRY400 - the sentence says it all


def judge(known: Mapping[str, KnownIncident], seen: RunFindings, now: datetime) -> PendingAlerts:
    """What is to be said after a run that has `seen` this, and whether now is the time to say it."""
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
        # What is over is kept where nobody could be told that it is.
        if_untold={**known, **current} if told_of else {**lasting, **current},
    )


def _is_over(known: KnownIncident, seen: RunFindings) -> bool:
    return known.report in seen.reports or (seen.knows_doubts and known.kind == DeliveryStatus.UNKNOWN)


def _met(trouble: Incident, before: KnownIncident | None, now: datetime) -> KnownIncident:
    """The trouble as it is known now that this run has met it."""
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
