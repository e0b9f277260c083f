"""Without a library that the renderer needs, a sentence says what to install, and stdout stays clean."""

from pathlib import Path

import pytest

from tests.office import PROJECT, Office, office

pytestmark = pytest.mark.slow

NO_PANGO = """
import cffi
found = cffi.FFI.dlopen

def dlopen(self, name, *flags):
    if "pango" in name:
        raise OSError(f"cannot load library '{name}': no such file.  Additionally, looking it up failed")
    return found(self, name, *flags)

cffi.FFI.dlopen = dlopen
"""
"""Every Python that finds it as `sitecustomize` runs as on a machine without Pango."""


@pytest.fixture
def bare(tmp_path: Path) -> str:
    """A module path that has the command, but not Pango."""
    (tmp_path / "sitecustomize.py").write_text(NO_PANGO)
    return f"{tmp_path}:{PROJECT}"


def is_told(text: str) -> bool:
    """Whether this says what is missing and how to fix it."""
    return "cannot load library 'libpango-1.0-0'" in text and "apt-get install libpango-1.0-0" in text


@pytest.mark.parametrize("whose", [("--org", "Acme Roofing"), ("--all-orgs",)], ids=["in a thread", "in processes"])
def test_a_run_says_so_in_its_document(whose: tuple[str, ...], bare: str, tmp_path: Path) -> None:
    """Every report fails with the sentence, and stdout is one JSON document, whichever process loads the renderer."""
    with office(tmp_path) as place:
        done = place.run("--demo", "--json", *whose, PYTHONPATH=bare)
    assert done.code == 1
    assert all(is_told(report["error"]) for report in done.document["reports"])
    assert len(done.document["reports"]) == done.document["counts"]["failed"] > 0


def test_doctor_says_so_in_its_document(bare: str, tmp_path: Path) -> None:
    """The check of documents names what to install, on a stdout that is one JSON document."""
    with office(tmp_path) as place:
        done = doctor(place, bare)
    (documents,) = (each for each in done["findings"] if each["check"] == "documents")
    assert documents["level"] == "problem"
    assert is_told(" ".join(documents["mend"]))


def doctor(place: Office, path: str) -> dict[str, list[dict[str, str]]]:
    """The result of `doctor --json` with this module path."""
    done = place.run("doctor", "--demo", "--json", PYTHONPATH=path)
    assert done.code == 1
    document: dict[str, list[dict[str, str]]] = done.document
    return document
