"""The files that a configuration names: which are accepted, and which are refused before a run."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
import trustme
from PIL import Image

from reporter.config.load import load_config
from reporter.config.settings import Config, Overrides
from reporter.domain.errors import ConfigurationError

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
Configured = Callable[[str, bytes], Config]


def png(width: int, height: int) -> bytes:
    """A real image of this size."""
    target = BytesIO()
    Image.new("L", (width, height)).save(target, "PNG")
    return target.getvalue()


@pytest.fixture
def configured(tmp_path: Path) -> Configured:
    """The configuration in this line, which names the file `named` with these bytes."""

    def load(line: str, content: bytes) -> Config:
        (tmp_path / "named").write_bytes(content)
        (tmp_path / "reports.toml").write_text(line, "utf-8")
        return load_config(tmp_path / "reports.toml", {}, Overrides())

    return load


@pytest.mark.parametrize(("content", "kind"), [(SVG, "svg"), (b"<svg:svg xmlns:svg='x'/>", "svg"), (png(9, 9), "png")])
def test_a_logo_is_read_with_its_kind(configured: Configured, content: bytes, kind: str) -> None:
    """The bytes are stored with the configuration, so that a report can be rendered again without the file."""
    brand = configured('brand = { logo = "named" }', content).defaults.brand
    assert (brand.logo, brand.logo_type) == (content, kind)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is neither a PNG nor a well-formed SVG file"),
        (b"GIF89a", "is neither a PNG nor a well-formed SVG file"),
        (b"<html/>", "is XML but no SVG file"),
        (SVG[:-3], "is neither a PNG nor a well-formed SVG file"),
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "it declares entities"),
        (png(9, 9)[:-9], "is a PNG file that was cut off"),
        (b"\x89PNG\r\n\x1a\n", "is a PNG file that was cut off"),
        (png(4001, 1), "measures 4001 × 1 pixels; 4000 a side is the most"),
        (SVG + b" " * 200_000, "a logo must stay below 200,000"),
    ],
)
def test_a_logo_that_would_spoil_a_report_is_refused(configured: Configured, content: bytes, reason: str) -> None:
    """A logo that the renderer cannot handle is refused when the configuration is read."""
    with pytest.raises(ConfigurationError, match=r"brand\.logo: ") as caught:
        configured('brand = { logo = "named" }', content)
    assert reason in str(caught.value)


def test_a_folder_is_no_logo(configured: Configured) -> None:
    """A path that is not a file is reported with the system's reason."""
    with pytest.raises(ConfigurationError, match="Is a directory"):
        configured('brand = { logo = "." }', b"")


def test_certificates_must_be_there_and_be_some(configured: Configured, tmp_path: Path) -> None:
    """A certificate authority's PEM file is accepted; any other file is refused before the first email fails."""
    server = '[smtp]\nhost = "h.example.com"\nfrom = "a@example.com"\nca_file = "named"'
    smtp = configured(server, trustme.CA().cert_pem.bytes()).smtp
    assert smtp is not None
    assert smtp.ca_file == tmp_path / "named"
    with pytest.raises(ConfigurationError, match="holds no certificates"):
        configured(server, b"something else")
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        configured(server.replace("named", "absent"), b"")


@pytest.mark.parametrize("output", ["named", "named/below", "named/far/below"])
def test_the_archive_cannot_lie_in_a_file(configured: Configured, output: str, tmp_path: Path) -> None:
    """A file in place of the archive's folder is reported."""
    with pytest.raises(ConfigurationError, match="cannot be a folder") as caught:
        configured(f'output = "{output}"', b"")
    assert f"{str(tmp_path / 'named')!r} is a file" in str(caught.value)


def test_the_archive_may_be_a_folder_that_is_not_there_yet(configured: Configured, tmp_path: Path) -> None:
    """Reading a configuration creates no folder."""
    assert configured('output = "far/below"', b"").output == tmp_path / "far" / "below"
    assert not (tmp_path / "far").exists()
