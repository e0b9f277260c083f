"""A checkout holds the bytes that were committed, whatever the platform's defaults."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.packaging.sources import CHECKOUT

pytestmark = pytest.mark.slow

KEPT = ("sample_output", "tests/golden/files")
WINDOWS = ("-c", "core.autocrlf=true", "-c", "core.eol=crlf", "-c", "user.name=x", "-c", "user.email=x@example.com")


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_samples_and_golden_files_outlast_a_checkout_on_windows(tmp_path: Path) -> None:
    """If git converts line ends to CRLF by default, emails keep theirs and all else has none, byte for byte."""
    origin, checkout = tmp_path / "origin", tmp_path / "checkout"
    for folder in KEPT:
        shutil.copytree(CHECKOUT / folder, origin / folder)
    shutil.copy(CHECKOUT / ".gitattributes", origin)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "x"]):
        subprocess.run(["git", *WINDOWS, *words], cwd=origin, check=True, capture_output=True)
    subprocess.run(["git", *WINDOWS, "clone", "--quiet", str(origin), str(checkout)], check=True, capture_output=True)
    files = [path.relative_to(origin) for folder in KEPT for path in (origin / folder).rglob("*") if path.is_file()]
    assert any(path.suffix == ".eml" for path in files)
    assert [path for path in files if (checkout / path).read_bytes() != (CHECKOUT / path).read_bytes()] == []
