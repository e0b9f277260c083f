"""What the API lists one by one, beside the analytics: sales records and agents."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class SaleRecord:
    """One sale. `total` is in `currency` (ISO 4217); either is None where the sale has no quote."""

    sale_id: str
    owner_id: str | None
    currency: str | None
    total: Decimal | None
    stage: str | None
    status: str | None


@dataclass(frozen=True, slots=True)
class Agent:
    """Someone who answers for an organization; ids are opaque, the name may hold anything."""

    id: str
    name: str
    email: str | None
