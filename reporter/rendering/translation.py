"""Translation of texts with gettext, from one `.po` catalog per language in `locale/`.

Catalogs are named by CLDR locale: `de`, `pt_BR`, `zh_Hans`. English is the source language and needs none. Catalogs
are read without a compile step, so adding a language means adding a file.

Right-to-left text reorders what is beside a number: +8 would become 8+, and 4.6% would be reversed. So numbers are
enclosed in marks that keep their order (isolates, UAX 9), in documents and in emails.
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
from reporter.rendering.typefaces import require

SOURCE_LANGUAGE = "en"
CATALOGS = Path(__file__).parent / "locale"
_UNSPACED = frozenset({"ja", "zh"})
"""Languages without a space after a full stop."""
_DIGITS = {"arab": str.maketrans("0123456789%", "٠١٢٣٤٥٦٧٨٩٪")}
"""Digits and percent sign by CLDR's numbering system; all others use 0 to 9."""

_LEFT_TO_RIGHT = "\N{LEFT-TO-RIGHT MARK}"
BEGIN, END = f"\N{LEFT-TO-RIGHT ISOLATE}{_LEFT_TO_RIGHT}", "\N{POP DIRECTIONAL ISOLATE}"
"""The inner mark is for FriBidi, which otherwise treats the isolate as the character before the sign."""
_WEAKER = dict.fromkeys(map(ord, f"{_LEFT_TO_RIGHT}\N{RIGHT-TO-LEFT MARK}\N{ARABIC LETTER MARK}"))
"""Marks in CLDR's patterns for the same purpose, which isolates make unnecessary."""
_NUMBER = re.compile(r"\d(?:[\d.,\u066b\u066c]*\d)?(?:\s?[%٪]|[A-Za-z]+)?|[A-Za-z]+[^\w\s]?")
"""A number with its percent sign or suffix, or a currency in Latin letters: 4.6%, 12M, US$."""
_BETWEEN_PARTS = re.compile(r"(?<=[-\s])")


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


class Words:
    """Translated texts of one locale. Placeholders are named: `words("%(count)s sales", count="3")`."""

    def __init__(self, locale: Locale) -> None:
        """Load the catalog for the locale."""
        self.locale = locale
        self.is_rtl = locale.text_direction == "rtl"
        self._catalog = translations(locale)
        self._digits = _DIGITS.get(locale.default_numbering_system, {})

    def __call__(self, message: str, **values: str) -> str:
        """Translate a text and fill its placeholders."""
        text = self._catalog.gettext(message)
        return text % values if values else text

    def plural(self, singular: str, plural: str, number: int, **values: str) -> str:
        """Translate the plural form for `number`, which only selects the form; formatted digits are in `values`."""
        return self._catalog.ngettext(singular, plural, number) % values

    def digits(self, text: str | int) -> str:
        """A date, or a simple number, in the locale's digits."""
        return str(text).translate(self._digits)

    def number(self, text: str) -> str:
        """A formatted number in the locale's digits; in right-to-left text, each part is isolated."""
        text = self.digits(text)
        return _NUMBER.sub(rf"{BEGIN}\g<0>{END}", text.translate(_WEAKER)) if self.is_rtl else text

    def in_order(self, text: str) -> str:
        """Numbers separated by hyphens or spaces, such as a date with a time, in the locale's digits, kept in order."""
        text = self.digits(text)
        return f"{BEGIN}{_BETWEEN_PARTS.sub(_LEFT_TO_RIGHT, text)}{END}" if self.is_rtl else text

    def isolated(self, text: str) -> str:
        """A text with its own direction, such as a name, isolated from right-to-left text around it."""
        return f"\N{FIRST STRONG ISOLATE}{text}{END}" if self.is_rtl and text else text

    def listed(self, parts: Iterable[str]) -> str:
        """Join texts with the language's comma."""
        comma = mark("%(before)s, %(after)s")
        return reduce(lambda before, after: self(comma, before=before, after=after), parts)

    def sentences(self, sentences: Iterable[str]) -> str:
        """Join complete sentences, with a space between them if the language uses one.

        An abbreviation at the end of a sentence shares its dot with the full stop.
        """
        dotted_once = (sentence[:-1] if sentence.endswith("..") else sentence for sentence in sentences)
        return ("" if self.locale.language in _UNSPACED else " ").join(dotted_once)


def _no_locale(name: str) -> UsageError:
    plain = re.sub(r"[^\x20-\x7e]", "?", name)[:40]
    return UsageError(f"'{plain}' is not a locale; write it like en_US, en_GB, de_DE or fr_FR.")
