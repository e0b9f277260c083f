"""The kinds of values in the configuration: zones, locales, currencies, hosts, addresses, and the files it names.

Every name is checked against its registry, and every file is read before anything is requested or sent; there are no
guesses and no silent fallbacks.
"""

import ipaddress
import json
import os
import re
import ssl
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.parsers import expat
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from reporter.config.kinds import ValueKind, beside, content_of, line, path, shown, suggestion, text, text_of
from reporter.delivery.smtp.smtp_settings import ClientCertificate, GoogleServiceAccount
from reporter.domain.errors import DeliveryError
from reporter.domain.mailbox import read_mailbox
from reporter.hyperrep.access import checked_address, is_loopback
from reporter.rendering.templates import STOCK, template_folder
from reporter.rendering.translation import parse_locale
from reporter.scheduling.calendar import read_time

LARGEST_LOGO = 200_000
LARGEST_SIDE = 4_000
_PEM = r"-----BEGIN ([A-Z ]*{kind})-----.+?-----END \1-----"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"


def safe_url(value: str) -> str:
    """A URL to which secrets may be sent: https, or this machine. Raises ValueError."""
    try:
        found = urlsplit(value)
        host, is_whole = found.hostname or "", found.port != 0
    except ValueError:
        host, is_whole = "", False
    if not host or not is_whole or found.username is not None or found.fragment:
        raise ValueError(f'{shown(value)} is not an address; write it like "https://login.example.com/token"')
    if found.scheme != "https" and not (found.scheme == "http" and is_loopback(host)):
        raise ValueError(f"{shown(value)} is not encrypted, so a secret could be read on its way; use https://")
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


def _currency(value: str) -> str:
    currencies = list_currencies()
    if value not in currencies:
        exact = value.strip().upper()
        right = f'; did you mean "{exact}"?' if exact in currencies else '; write it like "USD" or "EUR"'
        raise ValueError(f"{shown(value)} is not an ISO 4217 currency code{right}")
    return value


def _color(value: str) -> str:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
        raise ValueError(f'{shown(value)} is not a color; write six hexadecimal digits like "#0b5fff"')
    return value.lower()


def _host(value: str) -> str:
    if "@" in value:  # may hold credentials, so it is not shown
        raise ValueError("is not a host name, as it holds an @; user name and password have their own variables")
    if not _is_host(value):
        raise ValueError(f'{shown(value)} is not a host name; write it like "smtp.example.com"')
    return value


def _is_host(value: str) -> bool:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return bool(re.fullmatch(r"(?!-)[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?", value))
    return True


def _domain(value: str) -> str:
    """The domain as in an address, internationalized domains included."""
    try:
        return read_mailbox(f"anyone@{value}").domain.casefold()
    except DeliveryError:
        raise ValueError(f'{shown(value)} is not a domain; write it like "acme.example"') from None


def _organization(value: Any, _folder: Path) -> str:
    """A name or id from the API, which may contain any character."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{shown(value)} is no organization; give its name or organization_id in quotes")
    return value


def _template(value: Any, folder: Path) -> str:
    """The name of a built-in template, or the path of a folder with a complete template."""
    name = line(value)
    place = name if (STOCK / name).is_dir() else str(beside(name, folder))
    template_folder(place)
    return place


def _tenant(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9.-]*", value):
        raise ValueError(f'{shown(value)} is not a tenant; give its id, or its domain like "example.onmicrosoft.com"')
    return value


def _command(value: Any, _folder: Path) -> tuple[str, ...]:
    """The words of a command, the first of which is a program. The error shows none of them."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(word, str) for word in value):
        raise ValueError('is not a list of words; write it like ["vault", "read", "oauth/reports"]')
    if not value[0].strip() or any("\0" in word for word in value):
        raise ValueError("does not begin with the name of a program, or holds a character that no command can have")
    return tuple(value)


def _logo(file: Path) -> tuple[bytes, str]:
    """A logo's bytes, and its format, `svg` or `png`."""
    content = content_of(file, LARGEST_LOGO)
    if len(content) >= LARGEST_LOGO:
        raise ValueError(f"has {len(content):,} bytes; a logo must stay below {LARGEST_LOGO:,}")
    if content.startswith(_PNG):
        _refuse_bad_png(content)
        return content, "png"
    _refuse_bad_svg(content)
    return content, "svg"


def _refuse_bad_png(content: bytes) -> None:
    width, height = (int.from_bytes(content[start : start + 4]) for start in (16, 20))
    if not content.endswith(_PNG_END):
        raise ValueError("is a PNG file that was cut off; copy it again")
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ValueError(f"measures {width} × {height} pixels; {LARGEST_SIDE} a side is the most")


def _refuse_bad_svg(content: bytes) -> None:
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _attributes: names.append(name.rpartition(" ")[2])
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise ValueError(f"is neither a PNG nor a well-formed SVG file ({error})") from None
    if names[0] != "svg":
        raise ValueError("is XML but no SVG file; a logo is a PNG or an SVG")


def _refuse_entity(*_declared: object) -> None:
    raise ValueError("it declares entities")


def _certificates(file: Path) -> Path:
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        raise ValueError("holds no certificates; give a PEM file of the authorities") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from None
    return file


def _client_certificate(file: Path) -> ClientCertificate:
    """A certificate and its private key in one file, checked to match."""
    text = text_of(file)
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(file, password=lambda: "")
    except ssl.SSLError:
        raise ValueError("does not hold a certificate and its private key without a passphrase, both as PEM") from None
    found = (re.search(_PEM.format(kind=kind), text, re.DOTALL) for kind in ("CERTIFICATE", "PRIVATE KEY"))
    return ClientCertificate(*(f"{block[0]}\n" for block in found if block))


def _service_account(file: Path) -> GoogleServiceAccount:
    """The key of a service account, as exported by Google."""
    text = text_of(file)
    try:
        found = json.loads(text)
        parts = [found[name] for name in ("client_email", "private_key_id", "private_key", "token_uri")]
    except (ValueError, KeyError, TypeError, RecursionError):
        parts = []
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError("is not the JSON key of a service account; create one in Google's console")
    email, key_id, key, url = parts
    return GoogleServiceAccount(email, key_id, key, safe_url(url))


def _folder(folder: Path) -> Path:
    """A folder that exists and is writable, or that can be created."""
    ground = next((place for place in (folder, *folder.absolute().parents) if os.access(place, os.F_OK)), folder)
    if not ground.is_dir():
        raise ValueError(f"cannot be a folder, as {shown(str(ground))} is a file")
    if not os.access(ground, os.W_OK | os.X_OK):
        raise ValueError("cannot be written: give the user who runs reports the right to do so")
    return folder


TEXT = text("text", str)
TEMPLATE = ValueKind("name or path of a folder", _template)
ORGANIZATION = ValueKind("name or organization_id", _organization)
TIME_ZONE = text("IANA time zone", _time_zone)
SEND_TIME = text("`Mon 07:00`, `1 07:00` or `07:00`", read_time)
LOCALE = text("locale", lambda value: str(parse_locale(value)))
CURRENCY = text("ISO 4217 code", _currency)
COLOR = text("`#rrggbb`", _color)
HOST = text("host name", _host)
DOMAIN = text("domain", _domain)
URL = text("URL", lambda value: str(checked_address(value)).rstrip("/"))
ADDRESS = text("email address", read_mailbox)
TENANT = text("id or domain", _tenant)
TOKEN_URL = text("URL", safe_url)
COMMAND = ValueKind("list of: words of a command", _command)
LOGO = path("path of a PNG or SVG file", _logo)
CERTIFICATES = path("path of a PEM file", _certificates)
CLIENT_CERTIFICATE = path("path of a PEM file with a certificate and its private key", _client_certificate)
SERVICE_ACCOUNT = path("path of a service account's JSON key", _service_account)
FOLDER = path("path of a folder", _folder)
