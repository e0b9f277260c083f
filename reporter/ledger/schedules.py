"""The schedule state of each report in the ledger: when it was first seen, and what has been sent or missed."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select

from reporter.ledger.database import Transaction
from reporter.ledger.database_schema import DELIVERIES, SCHEDULES
from reporter.ledger.writes import upsert


@dataclass(frozen=True, slots=True)
class Schedule:
    """One report's schedule. `organization` is as in the configuration, `organization_id` None until looked up.

    `since` is when the report was first seen: anything due earlier is not sent. Everything due up to `settled_until`
    was sent or has been reported as missed.
    """

    organization: str
    period: str
    organization_id: str | None
    since: datetime
    settled_until: datetime

    @property
    def key(self) -> tuple[str, str]:
        """The schedule's unique key."""
        return self.organization, self.period


def schedules(at: Transaction) -> dict[tuple[str, str], Schedule]:
    """Every schedule ever seen, by its key."""
    found = (Schedule(**row) for row in at.run(select(SCHEDULES)).mappings())
    return {schedule.key: schedule for schedule in found}


def identities(at: Transaction) -> dict[str, str]:
    """The id of every organization that was ever sent a report, by id and by name in lower case."""
    found = at.run(select(DELIVERIES.c.organization, DELIVERIES.c.organization_id).distinct()).all()
    by_name = {row.organization.casefold(): row.organization_id for row in found}
    return by_name | {row.organization_id: row.organization_id for row in found}


def remember(at: Transaction, changed: Iterable[Schedule]) -> None:
    """Save these schedules."""
    rows = [asdict(schedule) for schedule in changed]
    if rows:
        put = upsert(at)(SCHEDULES)
        values = {name: put.excluded[name] for name in ("organization_id", "settled_until")}
        at.connection.execute(put.on_conflict_do_update(index_elements=["organization", "period"], set_=values), rows)
