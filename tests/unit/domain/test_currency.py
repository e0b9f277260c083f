"""The source of a report's currency."""

import pytest

from reporter.domain.currency import settle_currency
from reporter.domain.report import CurrencySource


@pytest.mark.parametrize(
    ("option", "configured", "recorded", "code", "source"),
    [
        ("EUR", "USD", ["GBP"], "EUR", CurrencySource.OPTION),
        (None, "USD", ["GBP"], "USD", CurrencySource.CONFIGURATION),
        (None, "USD", None, "USD", CurrencySource.CONFIGURATION),
        (None, None, ["GBP", "GBP"], "GBP", CurrencySource.SALES_RECORDS),
        (None, None, ["GBP", " gbp ", None, "", " "], "GBP", CurrencySource.SALES_RECORDS),
        (None, None, ["GBP", "USD"], None, CurrencySource.MIXED_RECORDS),
        (None, None, ["GBP", "£"], None, CurrencySource.MIXED_RECORDS),
        (None, None, ["£"], None, CurrencySource.NO_RECORDS),
        (None, None, ["<b>"], None, CurrencySource.NO_RECORDS),
        (None, None, [None, " "], None, CurrencySource.NO_RECORDS),
        (None, None, [], None, CurrencySource.NO_RECORDS),
        (None, None, None, None, CurrencySource.UNAVAILABLE),
    ],
)
def test_the_currency_is_the_first_that_is_named(
    option: str | None,
    configured: str | None,
    recorded: list[str | None] | None,
    code: str | None,
    source: CurrencySource,
) -> None:
    """Option, then configuration, then records that agree; otherwise none, with the reason."""
    assert settle_currency(option=option, configured=configured, recorded=recorded) == (code, source)
