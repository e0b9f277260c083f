"""The same command gives the same bytes: whatever the machine's time zone, language, hash seed, home, or folder."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.office import APRIL, CEO, CFO, office

pytestmark = pytest.mark.slow

HERE = {"TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "1"}
THERE = {"TZ": "Pacific/Apia", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "fr", "PYTHONHASHSEED": "77", "COLUMNS": "40"}
TO_TWO = (*APRIL, "--to", CEO, "--to", CFO)


def archive_of(folder: Path, output: str, environment: Mapping[str, str], *options: str) -> dict[str, bytes]:
    """Every file of the archive that the command makes in this folder, except the program's own state."""
    home = folder / "home"
    home.mkdir(parents=True)
    with office(folder) as place:
        assert place.run(*TO_TWO, *options, "--output", output, **environment, HOME=str(home)).code == 0
    root = folder / output
    files = {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}
    return {path: content for path, content in files.items() if not path.startswith(".state/")}


@pytest.mark.parametrize("options", [(), ("--dry-run", "--locale", "de_DE")], ids=["sent", "dry run"])
def test_the_same_command_gives_the_same_bytes(options: tuple[str, ...], tmp_path: Path) -> None:
    """On two machines that differ in all else: PDF, data, emails, receipt, index, and manifest are the same."""
    first = archive_of(tmp_path / "here", "reports", HERE, *options)
    second = archive_of(tmp_path / "over there", "another archive/2026", THERE, *options)
    assert {path.rpartition("/")[2] for path in first} == {
        *("report.pdf", "report.json", "receipt.json", "email.eml", "email-02.eml"),
        *("organization.json", "index.html", "manifest.json"),
    }
    assert [path for path in first if first[path] != second.get(path)] == []
    assert first.keys() == second.keys()


def test_another_day_gives_other_bytes(tmp_path: Path) -> None:
    """A report rendered a day later has that date, and its bytes differ."""
    first = archive_of(tmp_path / "today", "reports", HERE)
    later = archive_of(tmp_path / "tomorrow", "reports", {**HERE, "SOURCE_DATE_EPOCH": "1777982400"})
    differing = {path.rpartition("/")[2] for path in first if first[path] != later[path]}
    assert differing >= {"report.pdf", "report.json", "email.eml"}
