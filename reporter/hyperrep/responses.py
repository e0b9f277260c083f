"""Parse the API's responses: bytes to JSON, and JSON to validated values for the pure core.

Unknown fields are ignored, as the API may grow. If a required field is missing, or a value has the wrong type or range,
the response is rejected with the field's name, as a report must not be based on a guess. `null` for a rate or a
duration is a valid value: no data.
"""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from reporter.domain.blocks import COMBINED, Block
from reporter.domain.errors import ApiAnswerInvalid
from reporter.domain.snapshot import Organization, ResponseRate, Sales, Snapshot, Stage, Volume
from reporter.domain.window import Window
from reporter.hyperrep.answer_models import (
    AgentEntry,
    ConversationsAnswer,
    ModalityAnswer,
    OrganizationEntry,
    PageAnswer,
    ResponseRateAnswer,
    ResponseTimeAnswer,
    SaleEntry,
    SalesAnswer,
    VolumeAnswer,
)
from reporter.hyperrep.listed_records import Agent, SaleRecord

Model = TypeVar("Model", bound=BaseModel)

SHOWN_FAULTS = 3
"""Validation errors of one response shown in a message; a response of the wrong shape would have hundreds."""


def parse_snapshot(window: Window, answers: Mapping[str, Any]) -> Snapshot:
    """The snapshot for these analytics responses; `answers` are decoded JSON by endpoint below `analytics/`.

    Blocks of other endpoints are None. Raises ApiAnswerInvalid, which names the endpoint and the field.
    """
    blocks: dict[str, Any] = {}
    for endpoint, answer in answers.items():
        blocks |= _blocks(endpoint, answer)
    return Snapshot(window, **blocks, answers=answers)


def parse_organizations(entries: list[Any]) -> tuple[Organization, ...]:
    """The organizations of the key, in the API's order."""
    found = _entries(OrganizationEntry, "organizations", entries)
    return tuple(Organization(entry.organization_id, entry.name) for entry in found)


def parse_agents(entries: list[Any]) -> tuple[Agent, ...]:
    """The agents of an organization, in the API's order."""
    return tuple(Agent(entry.agent_id, entry.name, entry.email) for entry in _entries(AgentEntry, "agents", entries))


def parse_sales(entries: list[Any]) -> tuple[SaleRecord, ...]:
    """The sales records, in the API's order; amounts are decimal, exactly as written."""
    return tuple(_sale(entry) for entry in _entries(SaleEntry, "sales", entries))


def parse_page(endpoint: str, answer: Any) -> tuple[list[Any], str | None]:
    """The entries of one page and the cursor of the next; None on the last page."""
    page = _valid(PageAnswer, endpoint, answer)
    return page.data, (page.pagination.next_cursor or None) if page.pagination else None


def read_json(endpoint: str, body: bytes) -> Any:
    """The JSON value of a response body. Raises ApiAnswerInvalid: not JSON, not finite, not Unicode, or too deep."""
    try:
        value = json.loads(body, parse_float=_finite, parse_constant=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # an unpaired surrogate could be neither stored nor shown
    except UnicodeError as error:
        raise ApiAnswerInvalid(f"{endpoint}: the API's answer holds text that is not Unicode.") from error
    except (ValueError, RecursionError) as error:
        raise ApiAnswerInvalid(f"{endpoint}: the API's answer is not valid JSON ({error}).") from error
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is not a finite number")
    return number


def _blocks(endpoint: str, answer: Any) -> dict[str, Any]:
    """The snapshot fields that one endpoint provides."""
    place = f"analytics/{endpoint}"
    if endpoint == COMBINED:
        return _conversations(_valid(ConversationsAnswer, place, answer))
    match endpoint:
        case Block.RESPONSE_RATE:
            return {"response_rate": _response_rate(_valid(ResponseRateAnswer, place, answer))}
        case Block.RESPONSE_TIME:
            return {"response_time": _valid(ResponseTimeAnswer, place, answer).response_time}
        case Block.VOLUME:
            return {"volume": _volume(_valid(VolumeAnswer, place, answer))}
        case Block.MODALITY:
            return {"channels": _channels(_valid(ModalityAnswer, place, answer))}
        case Block.SALES:
            return {"sales": _sales(_valid(SalesAnswer, place, answer))}
        case _:
            raise ApiAnswerInvalid(f"{place}: no report is made from this endpoint.")


def _conversations(answer: ConversationsAnswer) -> dict[str, Any]:
    return {
        "response_rate": _response_rate(answer.response_rate_stats),
        "response_time": answer.response_time_stats.response_time,
        "volume": _volume(answer.volume_stats),
        "channels": _channels(answer.modality_stats),
    }


def _response_rate(answer: ResponseRateAnswer) -> ResponseRate:
    return ResponseRate(answer.num_conversations_received, answer.num_conversations_responded_to, answer.response_rate)


def _volume(answer: VolumeAnswer) -> Volume:
    return Volume(answer.num_messages_received, answer.num_messages_sent, answer.total_conversations)


def _channels(answer: ModalityAnswer) -> dict[str, int]:
    return answer.model_dump(by_alias=True)


def _sales(answer: SalesAnswer) -> Sales:
    stages = (Stage(stage.name, stage.status, stage.volume, stage.value) for stage in answer.pipeline)
    return Sales(tuple(stages), answer.sales_rate)


def _sale(entry: SaleEntry) -> SaleRecord:
    quote = entry.quote_details.output if entry.quote_details else None
    stage = entry.current_status
    return SaleRecord(
        sale_id=entry.sale_id,
        owner_id=entry.owner_id,
        currency=quote.currency if quote else None,
        total=quote.total_price if quote else None,
        stage=stage.label if stage else None,
        status=stage.status if stage else None,
    )


def _entries(model: type[Model], endpoint: str, entries: list[Any]) -> Iterator[Model]:
    return (_valid(model, endpoint, entry, ("data", position)) for position, entry in enumerate(entries))


def _valid(model: type[Model], endpoint: str, answer: Any, within: tuple[str | int, ...] = ()) -> Model:
    """The response as this model; `within` is its path in the endpoint's whole response."""
    try:
        return model.model_validate(answer)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        named = "; ".join(f"{_path((*within, *fault['loc']))} {_phrase(fault)}" for fault in faults[:SHOWN_FAULTS])
        more = f" (and {len(faults) - SHOWN_FAULTS} more)" if len(faults) > SHOWN_FAULTS else ""
        raise ApiAnswerInvalid(f"{endpoint}: {named}{more}.") from error


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
