"""Words in the reader's language: the catalogs, one `<language>.po` in `locale/` each, and gettext over them.

English is the language of the source and needs no catalog. Catalogs are read as they are written, without a compile
step, so that adding a locale is adding a file.
"""

import re
from collections.abc import Iterable
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from reporter.errors import UsageError

SOURCE_LANGUAGE = "en"
_UNSPACED = frozenset({"ja", "zh"})
"""Languages that write no space after a full stop."""
CATALOGS = Path(__file__).parent / "locale"


@cache
def languages() -> frozenset[str]:
    """The languages a report can be written in, found by their catalogs."""
    return frozenset({SOURCE_LANGUAGE, *(catalog.stem for catalog in CATALOGS.glob("*.po"))})


@cache
def parse_locale(name: str) -> Locale:
    """The CLDR locale of a name such as `de_DE` or `de-DE`.

    Raises:
        UsageError: the name is no locale, or no catalog speaks its language.
    """
    try:
        locale = Locale.parse(name.replace("-", "_"))
    except (ValueError, UnknownLocaleError, TypeError):
        raise UsageError(f"{_quoted(name)} is not a locale; write it like en_US, en_GB, de_DE or fr_FR.") from None
    if locale.language not in languages():
        spoken = ", ".join(sorted(languages()))
        raise UsageError(f"There is no translation for the locale {_quoted(name)}; the languages are {spoken}.")
    return locale


@cache
def translations(language: str) -> NullTranslations:
    """The catalog of a language; English answers with the text it is asked for."""
    if language == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with (CATALOGS / f"{language}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)


def mark(message: str) -> str:
    """Mark a text for extraction where it stands in a table; it is translated where it is used."""
    return message


class Words:
    """The texts of one locale. Placeholders are named: `words("%(count)s sales", count="3")`."""

    def __init__(self, locale: Locale) -> None:
        """Open the catalog of the locale's language."""
        self.locale = locale
        self._catalog = translations(locale.language)

    @property
    def is_rtl(self) -> bool:
        """Whether the language runs from right to left."""
        return self.locale.text_direction == "rtl"

    def __call__(self, message: str, **values: str) -> str:
        """The text in the reader's language with its placeholders filled."""
        text = self._catalog.gettext(message)
        return text % values if values else text

    def plural(self, singular: str, plural: str, number: int, **values: str) -> str:
        """The text whose form fits `number`, which only chooses; the digits come formatted in `values`."""
        return self._catalog.ngettext(singular, plural, number) % values

    def sentences(self, said: Iterable[str]) -> str:
        """Whole sentences one after the other, with a space between them where the language has one."""
        return ("" if self.locale.language in _UNSPACED else " ").join(said)


def _quoted(name: str) -> str:
    return "'" + re.sub(r"[^\x20-\x7e]", "?", name)[:40] + "'"
