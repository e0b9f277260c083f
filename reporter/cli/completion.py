"""Values for shell completion: time zones, locales, currencies, and templates."""

from pathlib import Path

from babel import Locale
from babel.localedata import locale_identifiers

from reporter.config.values import time_zones
from reporter.rendering.templates import names
from reporter.rendering.translation import choose, languages


def choices(kind: str) -> list[str]:
    """All values of this kind, sorted."""
    match kind:
        case "timezone":
            return sorted(time_zones())
        case "locale":
            return sorted(name for name in locale_identifiers() if choose(Locale.parse(name), languages()))
        case "currency":
            return sorted(Locale("en").currencies)
        case _:
            return names(Path())
