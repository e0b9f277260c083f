"""The documentation's promises and the tests that it names for them."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)::(test_\w+)`")
DOCUMENTS = ("docs/delivery.md", "SECURITY.md")
PROMISES = {name: NAMED.findall((PROJECT / name).read_text("utf-8")) for name in DOCUMENTS}


@pytest.mark.parametrize(("module", "test"), sorted({each for named in PROMISES.values() for each in named}))
def test_a_promise_is_shown_by_a_test_that_is_there(module: str, test: str) -> None:
    """Each test that the documentation names exists in the file that it names."""
    paths = (PROJECT / "tests").rglob(f"{module}.py")
    assert [path for path in paths if f"def {test}(" in path.read_text("utf-8")]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_promises_are_found(document: str) -> None:
    """Each of these documents names tests."""
    assert len(PROMISES[document]) > 20


def test_every_promise_of_security_names_its_test() -> None:
    """Each promise in the tables of SECURITY.md names a test."""
    text = (PROJECT / "SECURITY.md").read_text("utf-8")
    rows = [line for line in text.split("## Who is not trusted")[1].splitlines() if line.startswith("| ")]
    promises = [row for row in rows if not row.startswith(("| promise ", "| --- "))]
    assert len(promises) > 20
    assert [row for row in promises if not NAMED.search(row)] == []
