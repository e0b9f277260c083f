"""Check of font coverage: names, brands, months, and currency symbols in the reports."""

from collections.abc import Iterator

from babel.numbers import get_currency_symbol

from reporter.config.settings import ReportConfig
from reporter.doctor.check_result import CheckResult, Subject, warning, well
from reporter.domain.errors import UsageError
from reporter.planning import Directory
from reporter.rendering.text import missing
from reporter.rendering.translation import parse_locale
from reporter.rendering.typefaces import INSTALL, has_east_asian

_SHOWN = 5


def characters(subject: Subject) -> CheckResult:
    """Check that every character of the texts in use has a glyph; others are rendered as a question mark."""
    check = "fonts"
    texts = dict.fromkeys([*_organizations(subject), *(text for each in subject.reports for text in _texts(each))])
    lacking = {text: lost for text in texts if (lost := missing(text))}
    if not lacking:
        languages = ", ".join(sorted({report.locale.partition("_")[0] for report in subject.reports}))
        return well(check, f"every character of the names and words in use can be drawn ({languages})")
    shown = (f"'{text}' ({lost})" for text, lost in list(lacking.items())[:_SHOWN])
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    text = f"no font of the software draws some characters of {', '.join(shown)}{more}: a question mark stands for each"
    return warning(check, text, *_mend())


def _mend() -> Iterator[str]:
    yield (
        "Write the organization's name in HyperRep, and `name` and `footer` in its brand, in letters the fonts have: "
        "Latin, Greek, Cyrillic, Arabic, Hebrew or Devanagari."
    )
    if not has_east_asian():
        yield f"The fonts for Chinese, Japanese and Korean are not installed: {INSTALL}"


def _organizations(subject: Subject) -> Iterator[str]:
    """The names of the reported organizations: the API's if it answered, else the configured ones."""
    known = subject.answer().organizations or ()
    named = [report.organization for report in subject.config.reports if report.organization]
    if not named:
        yield from (organization.name for organization in known)
    directory = Directory(known)
    for name in named:
        try:
            yield directory.find(name).name
        except UsageError:
            yield name


def _texts(report: ReportConfig) -> Iterator[str]:
    """The texts that configuration and locale contribute to a report."""
    yield from filter(None, (report.brand.name, report.brand.footer))
    locale = parse_locale(report.locale)
    yield from (str(month) for width in ("wide", "abbreviated") for month in locale.months["format"][width].values())
    if report.currency:
        yield get_currency_symbol(report.currency, locale)
