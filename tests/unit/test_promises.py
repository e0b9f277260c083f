"""The promises of the documentation that name the test which shows them."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NAMED = re.compile(r"`(test_\w+)::(test_\w+)`")
PROMISES = NAMED.findall((PROJECT / "docs/delivery.md").read_text("utf-8"))


@pytest.mark.parametrize(("module", "test"), sorted(set(PROMISES)))
def test_a_promise_is_shown_by_a_test_that_is_there(module: str, test: str) -> None:
    """Each test that the documentation names stands in the file that it names."""
    (path,) = (PROJECT / "tests").rglob(f"{module}.py")
    assert f"def {test}(" in path.read_text("utf-8")


def test_promises_are_found() -> None:
    """The documentation of delivery names tests at all."""
    assert len(PROMISES) > 20
