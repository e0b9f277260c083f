"""Models that validate the queries of requests to the sandbox."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field


def _in_utc(moment: datetime) -> datetime:
    """Interpret a timestamp without a zone as UTC, like all timestamps of the API."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Timestamp = Annotated[datetime, AfterValidator(_in_utc)]


class WindowQuery(BaseModel):
    """The query of every analytics request."""

    start_date: Timestamp
    end_date: Timestamp


class PageQuery(BaseModel):
    """The query of every paginated list."""

    limit: Annotated[int, Field(ge=1, le=500)] = 25
    cursor: str | None = None


class SalesQuery(PageQuery):
    """The query of the lists of sales: a page, and the span in which the sales were created."""

    start_date: Timestamp = datetime.min.replace(tzinfo=UTC)
    end_date: Timestamp = datetime.max.replace(tzinfo=UTC)
