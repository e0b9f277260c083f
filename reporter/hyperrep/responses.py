"""Parse the API's responses: bytes to JSON, and JSON to validated values for the pure core.

Unknown fields are ignored, as the API may grow. If a required field is missing, or a value has the wrong type or range,
the response is rejected with the field's name, as a report must not be based on a guess. `null` for a rate or a
duration is a valid value: no data. Scalars are strict: text is not a number, a number is not text, and true is neither.
"""

import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails, PydanticCustomError

from reporter.domain.errors import ApiAnswerInvalid
from reporter.domain.snapshot import COMBINED, Block, ResponseRate, Sales, Snapshot, Stage, Volume
from reporter.domain.window import Window

Model = TypeVar("Model", bound=BaseModel)

LARGEST = 2**53
"""The largest accepted count or duration (seconds); beyond it, JSON numbers are not exact."""

LARGEST_AMOUNT = Decimal(10) ** 15
"""The largest accepted amount: more than exists of any currency, and few enough digits to calculate with."""

SHOWN_FAULTS = 3
"""Validation errors of one response shown in a message; a response of the wrong shape would have hundreds."""

_DECIMAL = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?(E[+-]?[0-9]{1,2})?", re.ASCII | re.IGNORECASE)


def _number(value: Any) -> Decimal:
    """A JSON number as the shortest decimal that represents it: 0.7 is 0.7, not the nearest binary fraction."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PydanticCustomError("number", "should be a number")
    return Decimal(str(value))


def _money(value: Any) -> Decimal:
    """An amount as decimal text; an integer is exact as well, a binary fraction is not."""
    is_exact = _DECIMAL.fullmatch(value) if isinstance(value, str) else type(value) is int
    if not is_exact:
        raise PydanticCustomError("money", "should be a decimal number written as text")
    return Decimal(value)


Count = Annotated[int, Field(ge=0, le=LARGEST)]
Share = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=1)]
Seconds = Annotated[Decimal, BeforeValidator(_number), Field(ge=0, le=LARGEST)]
Amount = Annotated[Decimal, BeforeValidator(_money), Field(ge=0, le=LARGEST_AMOUNT)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class Analytics(BaseModel):
    """Base of the analytics models, whose fields have camel case names.

    A number of a rate or a volume has the snapshot's name, and the API's name as its alias.
    """

    model_config = ConfigDict(strict=True, frozen=True, alias_generator=to_camel)


class ResponseRateAnswer(Analytics):
    """Conversations received and answered; the rate is null if there were none."""

    received: Count = Field(alias="numConversationsReceived")
    responded: Count = Field(alias="numConversationsRespondedTo")
    rate: Share | None = Field(alias="responseRate")


class ResponseTimeAnswer(Analytics):
    """The median seconds to a response; null if there was none."""

    response_time: Seconds | None


class VolumeAnswer(Analytics):
    """Messages received and sent, and the API's second count of conversations."""

    messages_received: Count = Field(alias="numMessagesReceived")
    messages_sent: Count = Field(alias="numMessagesSent")
    conversations: Count = Field(alias="totalConversations")


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


class ListModel(BaseModel):
    """Base of the list models, whose fields have snake case names."""

    model_config = ConfigDict(strict=True, frozen=True)


class Pagination(ListModel):
    """The cursor of the next page; null on the last page."""

    next_cursor: str | None = None


class Page(ListModel):
    """One page of a list; a response without `pagination` is the whole list."""

    pagination: Pagination | None = None

    @property
    def next_cursor(self) -> str | None:
        """The cursor of the next page; None on the last page."""
        return (self.pagination and self.pagination.next_cursor) or None


class OrganizationEntry(ListModel):
    """One organization of the key."""

    organization_id: Annotated[str, Field(min_length=1)]
    name: str


class OrganizationsPage(Page):
    """Organizations of the key."""

    data: list[OrganizationEntry]


class QuoteOutput(ListModel):
    """The value of a sale; nothing else in the API names a currency."""

    currency: Currency | None = None


class QuoteDetails(ListModel):
    """The quote of a sale."""

    output: QuoteOutput | None = None


class SaleEntry(ListModel):
    """One sales record; a sale that was only qualified has no quote."""

    sale_id: Annotated[str, Field(min_length=1)]
    quote_details: QuoteDetails | None = None

    @property
    def currency(self) -> str | None:
        """The currency that the record names."""
        return self.quote_details.output.currency if self.quote_details and self.quote_details.output else None


class SalesPage(Page):
    """Sales records of an organization."""

    data: list[SaleEntry]


_ANALYTICS: Mapping[str, type[Analytics]] = {
    COMBINED: ConversationsAnswer,
    Block.RESPONSE_RATE: ResponseRateAnswer,
    Block.RESPONSE_TIME: ResponseTimeAnswer,
    Block.VOLUME: VolumeAnswer,
    Block.MODALITY: ModalityAnswer,
    Block.SALES: SalesAnswer,
}
"""The model of each endpoint below `analytics/`."""


def parse_snapshot(window: Window, answers: Mapping[str, Any]) -> Snapshot:
    """The snapshot for these analytics responses; `answers` are decoded JSON by endpoint below `analytics/`.

    Blocks of other endpoints are None. Raises ApiAnswerInvalid, which names the endpoint and the field.
    """
    blocks: dict[str, Any] = {}
    for endpoint, answer in answers.items():
        if endpoint not in _ANALYTICS:
            raise ApiAnswerInvalid(f"analytics/{endpoint}: reports do not use this endpoint.")
        blocks |= _blocks(validated(_ANALYTICS[endpoint], f"analytics/{endpoint}", answer))
    return Snapshot(window, **blocks, answers=answers)


def read_json(endpoint: str, body: bytes) -> Any:
    """The JSON value of a response body. Raises ApiAnswerInvalid: not JSON, not finite, not Unicode, or too deep."""
    try:
        value = json.loads(body, parse_float=_finite, parse_constant=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # an unpaired surrogate could be neither stored nor shown
    except UnicodeError as error:
        raise ApiAnswerInvalid(f"{endpoint}: the API's answer contains text that is not Unicode.") from error
    except (ValueError, RecursionError) as error:
        raise ApiAnswerInvalid(f"{endpoint}: the API's answer is not valid JSON ({error}).") from error
    return value


def validated(model: type[Model], endpoint: str, answer: Any) -> Model:
    """The decoded response as this model. Raises ApiAnswerInvalid, which names the endpoint and the invalid fields."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        named = "; ".join(f"{_path(fault['loc'])} {_phrase(fault)}" for fault in faults[:SHOWN_FAULTS])
        more = f" (and {len(faults) - SHOWN_FAULTS} more)" if len(faults) > SHOWN_FAULTS else ""
        raise ApiAnswerInvalid(f"{endpoint}: {named}{more}.") from error


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number


def _blocks(answer: Analytics) -> dict[str, Any]:
    """The snapshot fields that one response provides."""
    match answer:
        case ConversationsAnswer():
            return {name: value for _, part in answer for name, value in _blocks(part).items()}
        case ResponseRateAnswer():
            return {"response_rate": ResponseRate(**dict(answer))}
        case ResponseTimeAnswer():
            return {"response_time": answer.response_time}
        case VolumeAnswer():
            return {"volume": Volume(**dict(answer))}
        case ModalityAnswer():
            return {"channels": answer.model_dump(by_alias=True)}
        case SalesAnswer():
            return {"sales": Sales(tuple(Stage(**dict(stage)) for stage in answer.pipeline), answer.sales_rate)}
    raise AssertionError(answer)


def _path(place: tuple[str | int, ...]) -> str:
    """A field's path in the usual notation, e.g. `pipeline[0].value`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".") or "the answer"


def _phrase(fault: ErrorDetails) -> str:
    match fault["type"]:
        case "missing":
            return "is missing"
        case "model_type":
            return "should be an object"
        case _:
            return fault["msg"][max(fault["msg"].find("should"), 0) :]
