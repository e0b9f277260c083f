"""The files a configuration names, checked before anything is requested or sent, so that no run fails on them."""

import json
import os
import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from xml.parsers import expat

from reporter.config.kinds import path, safe_url, shown
from reporter.delivery.smtp.smtp_settings import ClientCertificate, GoogleServiceAccount

LARGEST_TEXT = 1_000_000
LARGEST_LOGO = 200_000
LARGEST_SIDE = 4_000
_PEM = r"-----BEGIN ([A-Z ]*{kind})-----.+?-----END \1-----"
_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_END = b"IEND\xaeB`\x82"


@dataclass(frozen=True, slots=True)
class Logo:
    """A brand's logo: its bytes, and its format, `svg` or `png`."""

    content: bytes
    type: str


def text_of(path: Path) -> str:
    """The text of a small file. Raises ValueError."""
    try:
        with path.open("rb") as source:
            content = source.read(LARGEST_TEXT + 1)
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(content) > LARGEST_TEXT:
        raise ValueError(f"is larger than {LARGEST_TEXT:,} bytes, which no configuration is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 text, byte {error.start + 1} is none; save it as UTF-8") from None


def _logo(file: Path) -> Logo:
    content = _content(file)
    if len(content) >= LARGEST_LOGO:
        raise ValueError(f"{shown(str(file))} has {len(content):,} bytes; a logo must stay below {LARGEST_LOGO:,}")
    if content.startswith(_PNG):
        _refuse_bad_png(file, content)
        return Logo(content, "png")
    _refuse_bad_svg(file, content)
    return Logo(content, "svg")


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as source:
            return source.read(LARGEST_LOGO + 1 if file.is_file() else 0)
    except OSError as error:
        raise ValueError(f"{shown(str(file))} cannot be read: {error.strerror}") from None


def _refuse_bad_png(file: Path, content: bytes) -> None:
    width, height = (int.from_bytes(content[start : start + 4]) for start in (16, 20))
    if not content.endswith(_PNG_END):
        raise ValueError(f"{shown(str(file))} is a PNG file that was cut off; copy it again")
    if not (0 < width <= LARGEST_SIDE and 0 < height <= LARGEST_SIDE):
        raise ValueError(f"{shown(str(file))} measures {width} × {height} pixels; {LARGEST_SIDE} a side is the most")


def _refuse_bad_svg(file: Path, content: bytes) -> None:
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _attributes: names.append(name.rpartition(" ")[2])
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(content, True)
    except (expat.ExpatError, ValueError) as error:
        raise ValueError(f"{shown(str(file))} is neither a PNG nor a well-formed SVG file ({error})") from None
    if names[0] != "svg":
        raise ValueError(f"{shown(str(file))} is XML but no SVG file; a logo is a PNG or an SVG")


def _refuse_entity(*_declared: object) -> None:
    raise ValueError("it declares entities")


def _certificates(file: Path) -> Path:
    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        raise ValueError(f"{shown(str(file))} holds no certificates; give a PEM file of the authorities") from None
    except OSError as error:
        raise ValueError(f"{shown(str(file))} cannot be read: {error.strerror}") from None
    return file


def _client_certificate(file: Path) -> ClientCertificate:
    """A certificate and its private key in one file, checked to match."""
    try:
        text = text_of(file)
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_cert_chain(file, password=lambda: "")
    except ssl.SSLError:
        wanted = "a certificate and its private key without a passphrase, both as PEM"
        raise ValueError(f"{shown(str(file))} does not hold {wanted}") from None
    except ValueError as error:
        raise ValueError(f"{shown(str(file))} {error}") from None
    found = (re.search(_PEM.format(kind=kind), text, re.DOTALL) for kind in ("CERTIFICATE", "PRIVATE KEY"))
    return ClientCertificate(*(f"{block[0]}\n" for block in found if block))


def _service_account(file: Path) -> GoogleServiceAccount:
    """The key of a service account, as exported by Google."""
    try:
        found = json.loads(text_of(file))
        parts = [found[name] for name in ("client_email", "private_key_id", "private_key", "token_uri")]
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        parts = []
    except ValueError as error:
        raise ValueError(f"{shown(str(file))} {error}") from None
    if not parts or not all(isinstance(part, str) for part in parts):
        raise ValueError(f"{shown(str(file))} is not the JSON key of a service account; make one in Google's console")
    email, key_id, key, url = parts
    return GoogleServiceAccount(email, key_id, key, safe_url(url))


def _folder(folder: Path) -> Path:
    """A folder that exists and is writable, or that can be created."""
    ground = next((place for place in (folder, *folder.absolute().parents) if _is_there(place)), folder)
    if not ground.is_dir():
        raise ValueError(f"{shown(str(folder))} cannot be a folder, as {shown(str(ground))} is a file")
    if not os.access(ground, os.W_OK | os.X_OK):
        raise ValueError(f"{shown(str(folder))} cannot be written: give the user who runs reports the right to do so")
    return folder


def _is_there(place: Path) -> bool:
    try:
        return place.exists()
    except OSError:
        return False


LOGO = path("path of a PNG or SVG file", _logo)
CERTIFICATES = path("path of a PEM file", _certificates)
CLIENT_CERTIFICATE = path("path of a PEM file with a certificate and its private key", _client_certificate)
SERVICE_ACCOUNT = path("path of a service account's JSON key", _service_account)
FOLDER = path("path of a folder", _folder)
