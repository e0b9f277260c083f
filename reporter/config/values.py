"""The kinds of values in the configuration: time zones, locales, currencies, colors, hosts, addresses.

Every name is checked against its registry; there are no guesses and no silent fallbacks.
"""

import ipaddress
import re
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from reporter.config.kinds import ValueKind, beside, line, safe_url, shown, suggestion, text, words
from reporter.config.secrets import PDF_PASSWORD
from reporter.domain.errors import DeliveryError, UsageError
from reporter.domain.mailbox import read_mailbox, reader
from reporter.hyperrep.access import checked_address
from reporter.rendering.templates import STOCK, template_folder
from reporter.rendering.translation import parse_locale
from reporter.scheduling.calendar import SendTime, read_time

_PDF_PASSWORD_VARIABLE = re.compile(rf"{PDF_PASSWORD}(?!.*_FILE$)(_[A-Z0-9]+)*")
"""Names ending in `_FILE` are excluded, since they name the file variant of a variable."""


def _organization(value: Any, _folder: Path) -> str:
    """A name or id from the API, which may contain any character."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{shown(value)} is no organization; give its name or organization_id in quotes")
    return value


@cache
def time_zones() -> frozenset[str]:
    """The zone names of the IANA database, without those that refer to this machine's zone."""
    return frozenset(available_timezones() - {"localtime", "Factory"})


def _time_zone(value: str) -> str:
    if value not in time_zones():
        right = suggestion(value, time_zones()) or '; write it like "Europe/Berlin" or "UTC"'
        raise ValueError(f"{shown(value)} is not a time zone of the IANA database{right}")
    return value


def _send_time(value: str) -> SendTime:
    try:
        return read_time(value)
    except UsageError as refused:
        raise ValueError(str(refused)) from None


def _locale(value: str) -> str:
    try:
        return str(parse_locale(value))
    except UsageError as refused:
        raise ValueError(str(refused)) from None


def _currency(value: str) -> str:
    currencies = list_currencies()
    if value not in currencies:
        exact = value.strip().upper()
        right = f'; did you mean "{exact}"?' if exact in currencies else '; write it like "USD" or "EUR"'
        raise ValueError(f"{shown(value)} is not an ISO 4217 currency code{right}")
    return value


def _color(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f'{shown(value)} is not a colour; write six hexadecimal digits like "#0b5fff"')
    return value.lower()


def _host(value: str) -> str:
    if "@" in value:  # may hold credentials, so it is not shown
        raise ValueError("is not a host name, as it holds an @; user name and password have their own variables")
    if not _is_host(value):
        raise ValueError(f'{shown(value)} is not a host name; write it like "smtp.example.com"')
    return value


def _domain(value: str) -> str:
    """The domain as in an address, internationalized domains included."""
    try:
        return read_mailbox(f"reader@{value}").domain.casefold()
    except DeliveryError:
        raise ValueError(f'{shown(value)} is not a domain; write it like "acme.example"') from None


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return bool(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?", value))
    return True


def _url(value: str) -> str:
    try:
        return str(checked_address(value)).rstrip("/")
    except UsageError as refused:
        raise ValueError(str(refused)) from None


def _address(value: str) -> str:
    """One mailbox as written, checked to be accepted by delivery."""
    try:
        read_mailbox(value)
    except DeliveryError as refused:
        raise ValueError(str(refused)) from None
    return value.strip()


def identity(item: str) -> str:
    """The key for comparing list entries: the mailbox without its display name, or the word itself."""
    try:
        return reader(item)
    except DeliveryError:
        return item


def _template(value: Any, folder: Path) -> str:
    """The name of a built-in template, or the path of a folder with a complete template."""
    name = line(value)
    place = name if (STOCK / name).is_dir() else str(beside(name, folder))
    try:
        template_folder(place)
    except UsageError as refused:
        raise ValueError(str(refused)) from None
    return place


def _tenant(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", value):
        raise ValueError(f'{shown(value)} is not a tenant; give its id, or its domain like "example.onmicrosoft.com"')
    return value


def _pdf_password_variable(value: Any, _folder: Path) -> str:
    """The name of a variable; an invalid value may be a password, so it is not shown."""
    if not isinstance(value, str) or not _PDF_PASSWORD_VARIABLE.fullmatch(value):
        raise ValueError(f"is no name like {PDF_PASSWORD}_ACME; that variable, or a file, holds the password itself")
    return value


TEXT = text("text", str)
TEMPLATE = ValueKind("name or path of a folder", _template)
ORGANIZATION = ValueKind("name or organization_id", _organization)
TIME_ZONE = text("IANA time zone", _time_zone)
SEND_TIME = text("`Mon 07:00`, `1 07:00` or `07:00`", _send_time)
LOCALE = text("locale", _locale)
CURRENCY = text("ISO 4217 code", _currency)
COLOR = text("`#rrggbb`", _color)
HOST = text("host name", _host)
DOMAIN = text("domain", _domain)
URL = text("URL", _url)
ADDRESS = text("e-mail address", _address)
PDF_PASSWORD_VARIABLE = ValueKind(f"`{PDF_PASSWORD}_` and a name", _pdf_password_variable)
TENANT = text("id or domain", _tenant)
TOKEN_URL = text("URL", safe_url)
COMMAND = ValueKind("words of a command", lambda value, _folder: words(value))
