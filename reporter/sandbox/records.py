"""Agents and sales as the API lists them: newest sale first, paginated with opaque cursors."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any, TypeVar

from reporter.sandbox.events import Sale, StageChange
from reporter.sandbox.identifiers import opaque
from reporter.sandbox.organizations import SandboxOrganization
from reporter.sandbox.queries import PageQuery
from reporter.sandbox.timeline import TimeSpan, moment
from reporter.sandbox.world import History

Record = dict[str, Any]
T = TypeVar("T")

_FIRST_NAMES = ("Kara", "Omar", "Siobhán", "Jürgen", "Mei", "Thabo", "Zoë", "Luís", "Anna")
_LAST_NAMES = ("Danvers", "Haddad", "O’Brien", "Weiß", "Lin", "Nkosi", "Ångström")


class InvalidCursor(ValueError):
    """The text is not a cursor issued by this list."""


def agents(organization: SandboxOrganization, page: PageQuery) -> Record:
    """A page of the organization's agents."""
    start = 0 if page.cursor is None else _position("agents", page.cursor)
    records = (_agent(organization, number) for number in range(start, organization.agents))
    return _page(records, page, lambda _, taken: _cursor("agents", start + taken))


def agent_number(organization: SandboxOrganization, agent_id: str) -> int | None:
    """The number of the organization's agent with this id; None if there is none."""
    return next((n for n in range(organization.agents) if _agent_id(organization, n) == agent_id), None)


def sales(history: History, span: TimeSpan, now: int, page: PageQuery, owner: int | None = None) -> Record:
    """A page of the sales created in the span, of one agent if `owner` is given; drafts are left out.

    A sale is a draft until it has left the first stage. A cursor refers to an instant, so sales created while the
    pages are read neither hide nor duplicate others.
    """
    end = min(span.end, now + 1)
    if page.cursor is not None:
        end = min(end, _position("sales", page.cursor))
    found = (
        sale
        for sale in history.sales.backwards(TimeSpan(span.start, end))
        if len(sale.reached(now)) > 1 and owner in {None, sale.owner}
    )
    listed = _page(found, page, lambda last, _: _cursor("sales", last.at))
    return {**listed, "data": [_sale(history.organization, sale, now) for sale in listed["data"]]}


def _page(found: Iterable[T], page: PageQuery, following: Callable[[T, int], str]) -> Record:
    """The first page of the items; `following` creates the next cursor from the last item and the item count."""
    ahead = list(islice(found, page.limit + 1))
    data, has_more = ahead[: page.limit], len(ahead) > page.limit
    next_cursor = following(data[-1], len(data)) if has_more else None
    pagination = {"limit": page.limit, "cursor": page.cursor, "next_cursor": next_cursor, "has_more": has_more}
    return {"data": data, "pagination": pagination}


def _cursor(kind: str, position: int) -> str:
    return urlsafe_b64encode(f"{kind}:{position}".encode()).decode()


def _position(kind: str, cursor: str) -> int:
    try:
        known = re.fullmatch(rf"{kind}:(\d{{1,18}})", urlsafe_b64decode(cursor).decode())
    except ValueError:  # not ASCII, not base64, or not text
        known = None
    if known is None or _cursor(kind, int(known[1])) != cursor:
        raise InvalidCursor(cursor)
    return int(known[1])


def _agent(organization: SandboxOrganization, number: int) -> Record:
    """An agent's record; as in the API, one in three has no email field, and one in three a null email."""
    name = f"{_FIRST_NAMES[number % len(_FIRST_NAMES)]} {_LAST_NAMES[number % len(_LAST_NAMES)]}"
    emails: tuple[Record, ...] = ({"email": None}, {"email": f"agent{number}@example.com"}, {})
    return {"agent_id": _agent_id(organization, number), "name": name, **emails[number % len(emails)]}


def _agent_id(organization: SandboxOrganization, number: int) -> str:
    return opaque("agent", f"{organization.id}/{number}")


def _sale(organization: SandboxOrganization, sale: Sale, now: int) -> Record:
    key = f"{organization.id}/{sale.at}"
    changes = [_change(change) for change in sale.reached(now)]
    product = {"quantity": sale.quantity, "unit_price": str(sale.unit_price), "product_name": "Service"}
    return {
        "sale_id": opaque("sale", key),
        "associated_conversation_ids": [opaque("conversation", key)],
        "company_id": opaque("company", key),
        "owner_id": _agent_id(organization, sale.owner),
        "quote_details": {
            "output": {"currency": sale.currency, "total_price": str(sale.total)},
            "arguments": {"products": [product]},
        },
        "current_status": changes[-1],
        "status_history": changes,
        "created_at": _timestamp(sale.at),
        "last_activity_at": changes[-1]["changed_at"],
    }


def _change(change: StageChange) -> Record:
    return {"label": change.stage.name, "status": change.stage.status, "changed_at": _timestamp(change.at)}


def _timestamp(at: int) -> str:
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")
