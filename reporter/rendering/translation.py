"""Words in the reader's language: the catalogs, one `.po` in `locale/` each, and gettext over them.

A catalog is named as CLDR names what it is written in: `de`, `pt_BR`, `zh_Hans`. English is the language of the
source and needs none. Catalogs are read as they are written, without a compile step, so that adding a locale is
adding a file.
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
from reporter.rendering import bidi
from reporter.rendering.typefaces import require

SOURCE_LANGUAGE = "en"
_UNSPACED = frozenset({"ja", "zh"})
"""Languages that write no space after a full stop."""
CATALOGS = Path(__file__).parent / "locale"


@cache
def languages() -> frozenset[str]:
    """The languages a report can be written in, by the names of their catalogs."""
    return frozenset({SOURCE_LANGUAGE, *(catalog.stem for catalog in CATALOGS.glob("*.po"))})


@cache
def parse_locale(name: str) -> Locale:
    """The CLDR locale of a name such as `de_DE` or `de-DE`.

    Raises:
        UsageError: the name is no locale, no catalog speaks its language, or the fonts for it are not installed.
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
    """The language of `languages` in which a locale is spoken to.

    Raises:
        UsageError: nobody has translated for it.
    """
    catalog = choose(locale, languages())
    if catalog is None:
        spoken = ", ".join(sorted(languages()))
        raise UsageError(f"There is no translation for the locale '{locale}'; the languages are {spoken}.")
    return catalog


def choose(locale: Locale, catalogs: frozenset[str]) -> str | None:
    """The catalog that a locale understands best, None where it understands none.

    Its own territory's comes first, else any in its language and script will do: Portugal reads the Portuguese of
    Brazil where there is no other, with its own numbers and dates. Taiwan does not read simplified Chinese.
    """
    understood = [name for name in sorted(catalogs) if _writing(Locale.parse(name)) == _writing(locale)]
    return max(understood, key=lambda name: Locale.parse(name).territory == locale.territory, default=None)


@cache
def _writing(locale: Locale) -> tuple[str, str | None]:
    """A language and the script it is written in, which most locales leave to be known."""
    if locale.script:
        return locale.language, locale.script
    likely = get_global("likely_subtags")
    return locale.language, parts_of(likely.get(f"{locale.language}_{locale.territory}", likely[locale.language]))[2]


@cache
def translations(locale: Locale) -> NullTranslations:
    """The catalog that speaks a locale; English answers with the text it is asked for."""
    catalog = catalog_of(locale)
    if catalog == SOURCE_LANGUAGE:
        return NullTranslations()
    compiled = BytesIO()
    with (CATALOGS / f"{catalog}.po").open("rb") as source:
        write_mo(compiled, read_po(source, locale=catalog))
    compiled.seek(0)
    return GNUTranslations(compiled)


def mark(message: str) -> str:
    """Mark a text for extraction where it stands in a table; it is translated where it is used."""
    return message


_LIST = mark("%(before)s, %(after)s")


class Words:
    """The texts of one locale. Placeholders are named: `words("%(count)s sales", count="3")`."""

    def __init__(self, locale: Locale) -> None:
        """Open the catalog of the locale's language."""
        self.locale = locale
        self._catalog = translations(locale)

    @property
    def numbering(self) -> str:
        """The digits of the locale, by the name that CSS has for them."""
        return "decimal" if self.digits(0) == "0" else "arabic-indic"

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

    def digits(self, text: str | int) -> str:
        """A date, or a number that needs no more, in the digits of the locale."""
        return bidi.native(str(text), self.locale)

    def number(self, text: str) -> str:
        """A number as it was formatted, in the digits of the locale, and apart from words that would reorder it."""
        return bidi.isolated(self.digits(text)) if self.is_rtl else self.digits(text)

    def in_order(self, text: str) -> str:
        """Numbers of a fixed form, such as a date with a time, in the digits of the locale and in their own order."""
        return bidi.in_order(self.digits(text)) if self.is_rtl else self.digits(text)

    def apart(self, text: str) -> str:
        """A text that has a direction of its own, such as a name, apart from words that would reorder its ends."""
        return bidi.apart(text) if self.is_rtl and text else text

    def listed(self, parts: Iterable[str]) -> str:
        """Texts in a row, with the comma of the language between them."""
        return reduce(lambda before, after: self(_LIST, before=before, after=after), parts)

    def sentences(self, said: Iterable[str]) -> str:
        """Whole sentences one after the other, with a space between them where the language has one.

        An abbreviation at the end of one and its full stop share one dot.
        """
        dotted_once = (sentence[:-1] if sentence.endswith("..") else sentence for sentence in said)
        return ("" if self.locale.language in _UNSPACED else " ").join(dotted_once)


def _no_locale(name: str) -> UsageError:
    plain = re.sub(r"[^\x20-\x7e]", "?", name)[:40]
    return UsageError(f"'{plain}' is not a locale; write it like en_US, en_GB, de_DE or fr_FR.")
