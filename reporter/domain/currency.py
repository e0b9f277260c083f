"""The currency of a report's amounts, and its source. It is never guessed and has no default."""

from collections.abc import Iterable

from reporter.domain.report import CurrencySource


def settle_currency(
    *, option: str | None, configured: str | None, recorded: Iterable[str | None] | None
) -> tuple[str | None, CurrencySource]:
    """The ISO 4217 code for amounts (None: a bare number) and its source.

    The option takes precedence over the configuration, and that over the sales records' currencies in `recorded`, which
    must agree (records without a currency do not count); None means that the records could not be read.
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
    """Whether `text` has the form of an ISO 4217 code; anything else is not a currency."""
    return len(text) == 3 and text.isascii() and text.isalpha()
