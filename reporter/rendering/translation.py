"""Translation of texts with gettext, from one `.po` catalog per language in `locale/`.

Catalogs are named by CLDR locale: `de`, `pt_BR`, `zh_Hans`. English is the source language and needs none. Catalogs
are read without a compile step, so adding a language means adding a file.
"""

import re
from collections.abc import Iterable
from functools import cache, reduce
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.core import parse_locale as parts_of
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from reporter.domain.errors import UsageError
from reporter.domain.strings import mark
from reporter.rendering import bidi
from reporter.rendering.typefaces import require

SOURCE_LANGUAGE = "en"
_UNSPACED = frozenset({"ja", "zh"})
"""Languages without a space after a full stop."""
CATALOGS = Path(__file__).parent / "locale"


@cache
def languages() -> frozenset[str]:
    """Languages available for reports, by catalog name."""
    return frozenset({SOURCE_LANGUAGE, *(catalog.stem for catalog in CATALOGS.glob("*.po"))})


@cache
def parse_locale(name: str) -> Locale:
    """Parse a locale name such as `de_DE` or `de-DE`.

    Raises:
        UsageError: the name is not a locale, there is no catalog for it, or its fonts are not installed.
    """
    identifier = name.replace("-", "_")
    try:
        locale = Locale.parse(identifier)
        script = parts_of(identifier)[2]
    except (ValueError, UnknownLocaleError, TypeError):
        raise _no_locale(name) from None
    if script and script != _writing(locale)[1]:  # Babel reads zh_Hant_CN, which CLDR does not have, as zh_Hans_CN
        raise _no_locale(name)
    catalog_of(locale)
    require(locale)
    return locale


@cache
def catalog_of(locale: Locale) -> str:
    """The catalog, one of `languages`, for a locale.

    Raises:
        UsageError: there is no translation for it.
    """
    catalog = choose(locale, languages())
    if catalog is None:
        spoken = ", ".join(sorted(languages()))
        raise UsageError(f"There is no translation for the locale '{locale}'; the languages are {spoken}.")
    return catalog


def choose(locale: Locale, catalogs: frozenset[str]) -> str | None:
    """The best matching catalog for a locale; None if none matches.

    Its own territory's is preferred, otherwise any in its language and script matches: Portugal gets Brazilian
    Portuguese if there is no other, with its own number and date formats. Taiwan does not get simplified Chinese.
    """
    understood = [name for name in sorted(catalogs) if _writing(Locale.parse(name)) == _writing(locale)]
    return max(understood, key=lambda name: Locale.parse(name).territory == locale.territory, default=None)


@cache
def _writing(locale: Locale) -> tuple[str, str | None]:
    """A locale's language and script, which is inferred if not given."""
    if locale.script:
        return locale.language, locale.script
    likely = get_global("likely_subtags")
    return locale.language, parts_of(likely.get(f"{locale.language}_{locale.territory}", likely[locale.language]))[2]


@cache
def translations(locale: Locale) -> NullTranslations:
    """The translations for a locale; English returns texts unchanged."""
    catalog = catalog_of(locale)
    if catalog == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with (CATALOGS / f"{catalog}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=catalog))
    compiled.seek(0)
    return GNUTranslations(compiled)


_LIST = mark("%(before)s, %(after)s")


class Words:
    """Translated texts of one locale. Placeholders are named: `words("%(count)s sales", count="3")`."""

    def __init__(self, locale: Locale) -> None:
        """Load the catalog for the locale."""
        self.locale = locale
        self._catalog = translations(locale)

    @property
    def numbering(self) -> str:
        """The CSS name of the locale's digits."""
        return "decimal" if self.digits(0) == "0" else "arabic-indic"

    @property
    def is_rtl(self) -> bool:
        """Whether the language is written from right to left."""
        return self.locale.text_direction == "rtl"

    def __call__(self, message: str, **values: str) -> str:
        """Translate a text and fill its placeholders."""
        text = self._catalog.gettext(message)
        return text % values if values else text

    def plural(self, singular: str, plural: str, number: int, **values: str) -> str:
        """Translate the plural form for `number`, which only selects the form; formatted digits are in `values`."""
        return self._catalog.ngettext(singular, plural, number) % values

    def digits(self, text: str | int) -> str:
        """A date, or a simple number, in the locale's digits."""
        return bidi.native(str(text), self.locale)

    def number(self, text: str) -> str:
        """A formatted number in the locale's digits, isolated from surrounding text that would reorder it."""
        return bidi.isolated(self.digits(text)) if self.is_rtl else self.digits(text)

    def in_order(self, text: str) -> str:
        """Numbers in a fixed format, such as a date with a time, in the locale's digits, in their original order."""
        return bidi.in_order(self.digits(text)) if self.is_rtl else self.digits(text)

    def apart(self, text: str) -> str:
        """A text with its own direction, such as a name, isolated from surrounding text that would reorder it."""
        return bidi.apart(text) if self.is_rtl and text else text

    def listed(self, parts: Iterable[str]) -> str:
        """Join texts with the language's comma."""
        return reduce(lambda before, after: self(_LIST, before=before, after=after), parts)

    def sentences(self, said: Iterable[str]) -> str:
        """Join complete sentences, with a space between them if the language uses one.

        An abbreviation at the end of a sentence shares its dot with the full stop.
        """
        dotted_once = (sentence[:-1] if sentence.endswith("..") else sentence for sentence in said)
        return ("" if self.locale.language in _UNSPACED else " ").join(dotted_once)


def _no_locale(name: str) -> UsageError:
    plain = re.sub(r"[^\x20-\x7e]", "?", name)[:40]
    return UsageError(f"'{plain}' is not a locale; write it like en_US, en_GB, de_DE or fr_FR.")
