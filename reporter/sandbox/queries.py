"""What a request to the sandbox may ask for, in the form that validates it."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field


def _in_utc(moment: datetime) -> datetime:
    """A timestamp without a zone is UTC, as all the API's timestamps are."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Timestamp = Annotated[datetime, AfterValidator(_in_utc)]


class WindowQuery(BaseModel):
    """The query of every analytics request."""

    start_date: Timestamp
    end_date: Timestamp


class PageQuery(BaseModel):
    """The query of every list in pages."""

    limit: Annotated[int, Field(ge=1, le=500)] = 25
    cursor: str | None = None


class SalesQuery(PageQuery):
    """The query of the lists of sales: a page, and the span in which the sales were created."""

    start_date: Timestamp = datetime.min.replace(tzinfo=UTC)
    end_date: Timestamp = datetime.max.replace(tzinfo=UTC)
