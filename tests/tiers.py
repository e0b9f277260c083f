"""Split the cases of a test between the two tiers: all of them run with --all, the fast tests run a few.

@pytest.mark.parametrize("language", by_language(TRANSLATED))
@pytest.mark.parametrize(("number", "text"), first_is_fast([(1, "one"), (2, "two")]))
"""

from collections.abc import Callable, Collection, Iterable
from typing import Any

import pytest

FAST_LANGUAGES = frozenset({"en", "de", "ar", "ja"})
"""Two languages in Latin script, one written from right to left, and one in Chinese, Japanese, or Korean script."""


def by_language(
    cases: Iterable[Any], locale_of: Callable[[Any], str] = str, fast: Collection[str] = FAST_LANGUAGES
) -> list[Any]:
    """Return the cases as pytest parameters; those in languages that are not `fast` are slow."""
    return [_parameter(case, is_fast=locale_of(case)[:2] in fast) for case in cases]


def first_is_fast(cases: Iterable[Any]) -> list[Any]:
    """Return the cases as pytest parameters; all but the first are slow."""
    return [_parameter(case, is_fast=place == 0) for place, case in enumerate(cases)]


def _parameter(case: Any, *, is_fast: bool) -> Any:
    """Return one case, of which a tuple is the values of several arguments."""
    values = case if isinstance(case, tuple) else (case,)
    return pytest.param(*values, marks=() if is_fast else pytest.mark.slow)
