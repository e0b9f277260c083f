"""The sandbox's organizations, which differ in every way that a report must handle, and their parameters.

`events` generates each organization's days from the parameters defined here.
"""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha512
from typing import Any

BEGINNING = date(2000, 1, 1)
"""No organization has events before this date."""

CHANNELS = ("textMessages", "calls", "emails", "liveChats", "formRequests")
"""The modalities, by the API's names, in the order of `SandboxOrganization.mix`."""


@dataclass(frozen=True, slots=True)
class SandboxStage:
    """A stage of a pipeline. `key` identifies it, even if it is renamed.

    `passed` is the share of sales in the previous stage that reach this one, `pause` the median seconds until then.
    """

    key: str
    name: str
    status: str | None
    passed: float = 1.0
    pause: float = 0.0


Pipelines = Mapping[date, tuple[SandboxStage, ...]]
"""The stages in effect from each local date on, oldest first; the first is `qualified`, one is `accepted`."""

_USUAL: Pipelines = {
    BEGINNING: (
        SandboxStage("qualified", "Qualified", None),
        SandboxStage("quoted", "Quoted", "quote_sent", passed=0.75, pause=3600),
        SandboxStage("accepted", "Accepted", "accepted", passed=0.61, pause=86400),
    ),
}

_VISIT_TO_WON = (
    SandboxStage("visited", "Visit", None, passed=0.9, pause=40000),
    SandboxStage("quoted", "Offer sent", "quote_sent", passed=0.8, pause=7200),
    SandboxStage("accepted", "Won", "accepted", passed=0.6, pause=90000),
)
_ENQUIRY = SandboxStage("qualified", "Enquiry", None)
_PAID = SandboxStage("paid", "Deposit paid", None, passed=0.85, pause=50000)

_ODD: Pipelines = {
    BEGINNING: (SandboxStage("qualified", "Lead", None), *_VISIT_TO_WON),
    date(2025, 7, 1): (_ENQUIRY, *_VISIT_TO_WON, _PAID),
    date(2026, 4, 1): (
        _ENQUIRY,
        SandboxStage("quoted", "Offer sent", "quote_sent", passed=0.85, pause=7200),
        SandboxStage("visited", "Visit", None, passed=0.85, pause=40000),
        SandboxStage("financed", "Financing check", "financing", passed=0.9, pause=60000),
        SandboxStage("accepted", "Signed ✔", None, passed=0.7, pause=90000),
        _PAID,
    ),
}


@dataclass(frozen=True, slots=True)
class SandboxOrganization:
    """An organization as the API shows it (id, name), and the parameters of its events.

    `conversations` and `sales` are daily averages, `answered` the share of conversations ever answered, `delay` the
    median seconds to an answer, `trend` the growth factor per year (1 is none), `season` how far winter is above the
    average (0 to 1, negative for summer), `price` the typical price of a product in the organization's currency.
    """

    id: str
    name: str
    timezone: str
    currencies: tuple[str, ...] = ("USD",)
    conversations: float = 6.0
    sales: float = 0.7
    answered: float = 0.7
    delay: float = 2400.0
    trend: float = 1.0
    season: float = 0.0
    agents: int = 4
    price: float = 900.0
    mix: tuple[float, ...] = (30, 15, 30, 17, 8)
    pipelines: Pipelines = field(default_factory=lambda: _USUAL)

    @property
    def currency(self) -> str | None:
        """The currency of all its sales; None if they are in several."""
        return self.currencies[0] if len(self.currencies) == 1 else None

    @property
    def decimals(self) -> int:
        """The number of decimals of its amounts."""
        return 0 if self.currency == "JPY" else 2

    def pipeline(self, day: date) -> tuple[SandboxStage, ...]:
        """The stages in effect on a local date."""
        return self.pipelines[max((since for since in self.pipelines if since <= day), default=BEGINNING)]


def opaque(kind: str, key: str) -> str:
    """A stable identifier, 71 characters like `gAAAAAB…=`, for an object of this `kind` (`sale`, `agent`, …)."""
    return "gAAAAAB" + urlsafe_b64encode(sha512(f"{kind}:{key}".encode()).digest()[:47]).decode()


def _organization(key: str, name: str, timezone: str, *nature: Any, **more: Any) -> SandboxOrganization:
    return SandboxOrganization(opaque("organization", key), name, timezone, *nature, **more)


_HOSTILE_NAME = (
    '<script>alert("1")</script>{{7*7}}${7*7}{% raw %}'
    "\u202egnp.exe\u202c ../../etc/passwd\r\nBcc: a@example.com 🏠\u200b"
)

ORGANIZATIONS = (
    _organization(
        "acme",
        "Acme Roofing",
        "America/New_York",
        conversations=14.5,
        sales=1.35,
        answered=0.77,
        delay=1500.0,
        agents=9,
        price=1150.0,
    ),
    _organization("growing", "Northwind Solar", "America/Los_Angeles", trend=2.0, agents=60, price=4200.0),
    _organization("shrinking", "Blockwell Video Rental", "America/Chicago", trend=0.6, answered=0.55, delay=9000.0),
    _organization("seasonal", "Alpine Snow Removal", "America/Denver", season=0.95, price=260.0),
    _organization("tiny", "Corner Bakery", "Asia/Kolkata", ("INR",), 3 / 7, 0.06, agents=1, price=15000.0),
    _organization("empty", "Not Yet Open GmbH", "Europe/Berlin", ("EUR",), 0.0, 0.0, agents=0),
    _organization("euro", "Bäckerei Müller & Söhne", "Europe/Berlin", ("EUR",), answered=0.85, delay=700.0),
    _organization("yen", "Tokyo Reform 東京リフォーム", "Asia/Tokyo", ("JPY",), 9.0, price=88000.0),
    _organization("mixed", "Border Trading Co.", "America/Toronto", ("USD", "CAD")),
    SandboxOrganization(
        "HR_id_7/Qp%2Fx+odd stages?=Zk-3_vT#1", "Odd Stage Productions", "Europe/London", ("GBP",), pipelines=_ODD
    ),
    _organization("smith-york", "Smith & Sons", "Europe/London", ("GBP",)),
    _organization("smith-howe", "Smith & Sons", "Australia/Lord_Howe", ("AUD",), trend=1.2, season=-0.5),
    _organization("hostile", _HOSTILE_NAME, "America/Sao_Paulo", ("BRL",)),
    _organization("endless", "Endless " * 1250, "Pacific/Apia", ("WST",)),
)
"""All organizations of the sandbox; the first is that of the demo."""
