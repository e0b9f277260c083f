"""The shapes of the API's answers, one model for each, with the API's own field names as aliases.

Scalars are strict: text is no number, a number is no text, and true is neither.
"""

import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

LARGEST = 2**53
"""The largest count or duration (seconds) believed; beyond it JSON's numbers stop being exact."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""The largest amount believed: far more than there is of any currency, and few enough digits to calculate with."""

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(E[+-]?[0-9]{1,2})?", re.ASCII | re.IGNORECASE)


def _number(value: Any) -> Decimal:
    """A JSON number as the shortest decimal that means it: 0.7 is 0.7, not the binary fraction beside it."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise PydanticCustomError("number", "should be a number")
    return Decimal(str(value))


def _money(value: Any) -> Decimal:
    """Money is written as decimal text; a whole number is as exact, a binary fraction is not."""
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
    """Analytics name their fields in camel case."""

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class ResponseRateAnswer(Analytics):
    """How many conversations were received and answered; the rate is null where there were none."""

    num_conversations_received: Count
    num_conversations_responded_to: Count
    response_rate: Share | None


class ResponseTimeAnswer(Analytics):
    """The median seconds until an answer, null where nobody was answered."""

    response_time: Seconds | None


class VolumeAnswer(Analytics):
    """Messages in and out, and the API's second count of conversations."""

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
    """The four blocks of conversations at once."""

    response_rate_stats: ResponseRateAnswer
    response_time_stats: ResponseTimeAnswer
    volume_stats: VolumeAnswer
    modality_stats: ModalityAnswer


class StageEntry(Analytics):
    """One stage of the pipeline; an organization names its own stages, so the status may be null."""

    name: str
    status: str | None = None
    volume: Count
    value: Amount


class SalesAnswer(Analytics):
    """The pipeline in the API's order."""

    pipeline: list[StageEntry]
    sales_rate: Share | None


class ApiRecord(BaseModel):
    """Lists name their fields in snake case."""

    model_config = ConfigDict(strict=True, frozen=True)


class OrganizationEntry(ApiRecord):
    """One organization of the key."""

    organization_id: Identifier
    name: str


class AgentEntry(ApiRecord):
    """One agent; the address may be absent."""

    agent_id: Identifier
    name: str
    email: str | None = None


class QuoteOutput(ApiRecord):
    """What a sale is worth, and the only place where the API names a currency."""

    currency: Currency | None = None
    total_price: Money | None = None


class QuoteDetails(ApiRecord):
    """The quote of a sale; a sale that was only qualified has none."""

    output: QuoteOutput | None = None


class StatusEntry(ApiRecord):
    """The stage a sale is in; stages an organization made itself have no status."""

    label: str | None = None
    status: str | None = None


class SaleEntry(ApiRecord):
    """One sales record."""

    sale_id: Identifier
    owner_id: str | None = None
    quote_details: QuoteDetails | None = None
    current_status: StatusEntry | None = None


class Pagination(ApiRecord):
    """Where the next page begins; null on the last page."""

    next_cursor: str | None = None


class PageAnswer(ApiRecord):
    """One page of a list; an answer without `pagination` is the whole list."""

    data: list[Any]
    pagination: Pagination | None = None
