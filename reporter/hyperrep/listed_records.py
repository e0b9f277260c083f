"""Records that the API lists individually, besides the analytics: sales and agents."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SaleRecord:
    """One sale. `total` is in `currency` (ISO 4217); both are None if the sale has no quote."""

    sale_id: str
    owner_id: str | None
    currency: str | None
    total: Decimal | None
    stage: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of an organization; the id is opaque, the name may contain anything."""

    id: str
    name: str
    email: str | None
