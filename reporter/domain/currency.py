"""A step beside fetching: which currency a report's money is in, and who says so. Never guessed, never a default."""

from collections.abc import Iterable

from reporter.domain.report import CurrencySource


def settle_currency(
    *, option: str | None, configured: str | None, recorded: Iterable[str | None] | None
) -> tuple[str | None, CurrencySource]:
    """The ISO 4217 code to show amounts in (None: a bare number) and where it comes from.

    The option goes before the configuration, that before the sales records' currencies in `recorded`, which must agree
    (one without a currency does not count); None says that the records could not be read.
    """
    if option:
        return option, CurrencySource.OPTION
    if configured:
        return configured, CurrencySource.CONFIGURATION
    if recorded is None:
        return None, CurrencySource.UNAVAILABLE
    codes = {code.strip().upper() for code in recorded if code and code.strip()}
    if len(codes) > 1:
        return None, CurrencySource.MIXED_RECORDS
    code = next(iter(codes), "")
    return (code, CurrencySource.SALES_RECORDS) if _is_code(code) else (None, CurrencySource.NO_RECORDS)


def _is_code(text: str) -> bool:
    """Whether `text` has the form of an ISO 4217 code: anything else names no currency."""
    return len(text) == 3 and text.isascii() and text.isalpha()
