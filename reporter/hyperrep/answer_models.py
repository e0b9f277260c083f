"""Models of the API's responses, with the API's own field names as aliases.

Scalars are strict: text is not a number, a number is not text, and true is neither.
"""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

LARGEST = 2**53
"""The largest accepted count or duration (seconds); beyond it, JSON numbers are not exact."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""The largest accepted amount: more than exists of any currency, and few enough digits to calculate with."""

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(E[+-]?[0-9]{1,2})?", re.ASCII | re.IGNORECASE)


def _number(value: Any) -> Decimal:
    """A JSON number as the shortest decimal that represents it: 0.7 is 0.7, not the nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number", "should be a number")
    return Decimal(str(value))


def _money(value: Any) -> Decimal:
    """An amount as decimal text; an integer is exact as well, a binary fraction is not."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    if isinstance(value, Decimal) or (isinstance(value, int) and not isinstance(value, bool)):
        return Decimal(value)
    raise PydanticCustomError("money", "should be a decimal number written as text")


Count = Annotated[int, Field(ge=0, le=LARGEST)]
Share = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=1)]
Seconds = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=LARGEST)]
Money = Annotated[Decimal, BeforeValidator(_money)]
Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=LARGEST_AMOUNT)]
Identifier = Annotated[str, Field(min_length=1)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Analytics(BaseModel):
    """Base of the analytics models, whose fields have camel case names."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class ResponseRateAnswer(Analytics):
    """Conversations received and answered; the rate is null if there were none."""

    num_conversations_received: Count
    num_conversations_responded_to: Count
    response_rate: Share | None


class ResponseTimeAnswer(Analytics):
    """The median seconds to a response; null if there was none."""

    response_time: Seconds | None


class VolumeAnswer(Analytics):
    """Messages received and sent, and the API's second count of conversations."""

    num_messages_received: Count
    num_messages_sent: Count
    total_conversations: Count


class ModalityAnswer(Analytics):
    """Conversations by the modality of their first inbound message."""

    text_messages: Count
    calls: Count
    emails: Count
    live_chats: Count
    form_requests: Count


class ConversationsAnswer(Analytics):
    """The four conversation blocks at once."""

    response_rate_stats: ResponseRateAnswer
    response_time_stats: ResponseTimeAnswer
    volume_stats: VolumeAnswer
    modality_stats: ModalityAnswer


class StageEntry(Analytics):
    """One stage of the pipeline; organizations define their own stages, so the status may be null."""

    name: str
    status: str | None = None
    volume: Count
    value: Amount


class SalesAnswer(Analytics):
    """The pipeline in the API's order."""

    pipeline: list[StageEntry]
    sales_rate: Share | None


class ApiRecord(BaseModel):
    """Base of the list models, whose fields have snake case names."""

    model_config = ConfigDict(strict=True, frozen=True)


class OrganizationEntry(ApiRecord):
    """One organization of the key."""

    organization_id: Identifier
    name: str


class AgentEntry(ApiRecord):
    """One agent; the email address may be absent."""

    agent_id: Identifier
    name: str
    email: str | None = None


class QuoteOutput(ApiRecord):
    """The value of a sale; nothing else in the API names a currency."""

    currency: Currency | None = None
    total_price: Money | None = None


class QuoteDetails(ApiRecord):
    """The quote of a sale; a sale that was only qualified has none."""

    output: QuoteOutput | None = None


class StatusEntry(ApiRecord):
    """The current stage of a sale; stages defined by the organization have no status."""

    label: str | None = None
    status: str | None = None


class SaleEntry(ApiRecord):
    """One sales record."""

    sale_id: Identifier
    owner_id: str | None = None
    quote_details: QuoteDetails | None = None
    current_status: StatusEntry | None = None


class Pagination(ApiRecord):
    """The cursor of the next page; null on the last page."""

    next_cursor: str | None = None


class PageAnswer(ApiRecord):
    """One page of a list; a response without `pagination` is the whole list."""

    data: list[Any]
    pagination: Pagination | None = None
