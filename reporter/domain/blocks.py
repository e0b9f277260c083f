"""The blocks of analytics that a report needs, and the endpoints that answer them."""

from collections.abc import Iterable
from enum import StrEnum


class Block(StrEnum):
    """A block of analytics; the value is the endpoint below `analytics/` that answers only this block."""

    RESPONSE_RATE = "conversations/response-rate"
    RESPONSE_TIME = "conversations/response-time"
    VOLUME = "conversations/volume"
    MODALITY = "conversations/modality"
    SALES = "sales"


COMBINED = "conversations"
"""The endpoint that answers all four conversation blocks at once."""


def answered(endpoints: Iterable[str]) -> frozenset[Block]:
    """The blocks that these endpoints answer."""
    combined = frozenset(Block) - {Block.SALES}
    blocks = (combined if endpoint == COMBINED else frozenset({Block(endpoint)}) for endpoint in endpoints)
    return frozenset[Block]().union(*blocks)


def endpoints(blocks: frozenset[Block]) -> tuple[str, ...]:
    """The endpoints for these blocks: the block's own endpoint for one conversation block, the combined for several."""
    conversations = sorted(block for block in blocks if block is not Block.SALES)
    asked = [COMBINED] if len(conversations) > 1 else [block.value for block in conversations]
    return (*asked, Block.SALES.value) if Block.SALES in blocks else tuple(asked)
