"""The typefaces of documents: families, coverage, and fallback order.

A stylesheet names one family, `HR Inter`; characters that Inter lacks come from the first family that has them.
Those for Chinese, Japanese, and Korean come with the extra `cjk`. Each has a private name, so that host fonts are never
used, and its files are named after it: "HR Noto Sans Hebrew" is in `noto-sans-hebrew-400.ttf` and `-600.ttf`. In their
folder, `coverage.txt` lists the characters that they draw, written by `scripts/font_coverage.py`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from babel import Locale

from reporter.domain.errors import UsageError, installing

PREFIX = "HR "
"""Prefix that makes a family's name private."""
FAMILY = f"{PREFIX}Inter"
"""The family that stylesheets name."""
EMOJI = f"{PREFIX}Noto Emoji"
"""The last fallback, since it also has characters that others draw as text."""

REGULAR = 400
"""The weight that every family has; all but the emoji have 600 too."""
INSTALL = installing("cjk")
"""Installation command for the typefaces for Chinese, Japanese, and Korean."""

_NAMED = re.compile(rf"""(["']?)\b{FAMILY}\b\1""")
_BUNDLED = Path(__file__).with_name("fonts")
_SCRIPTS = (f"{PREFIX}Vazirmatn", f"{PREFIX}Noto Sans Hebrew", f"{PREFIX}Noto Sans Devanagari")
_EAST_ASIAN = {"zh": f"{PREFIX}Noto Sans SC", "ja": f"{PREFIX}Noto Sans JP", "ko": f"{PREFIX}Noto Sans KR"}
"""The extra's families by language; the languages share characters but write them differently."""


def has_east_asian() -> bool:
    """Whether the extra is installed."""
    return _extra() is not None


def is_east_asian(locale: Locale) -> bool:
    """Whether a report in this locale needs the extra."""
    return locale.language in _EAST_ASIAN


def stack(language: str) -> tuple[str, ...]:
    """The families for a document in this language, in fallback order."""
    if _extra() is None:
        return (FAMILY, *_SCRIPTS, EMOJI)
    own = [_EAST_ASIAN[language]] if language in _EAST_ASIAN else []
    return tuple(dict.fromkeys([FAMILY, *own, *_SCRIPTS, *_EAST_ASIAN.values(), EMOJI]))


def in_language(stylesheet: str, language: str) -> str:
    """The stylesheet for this language: `HR Inter` is followed by the language's own family."""
    if language not in _EAST_ASIAN or not has_east_asian():
        return stylesheet
    return _NAMED.sub(f"'{FAMILY}', '{_EAST_ASIAN[language]}'", stylesheet)


def folders() -> tuple[Path, ...]:
    """The folders with font files."""
    extra = _extra()
    return (_BUNDLED,) if extra is None else (_BUNDLED, extra.FONTS)


def files(family: str) -> Mapping[int, Path]:
    """The font files of a family by weight."""
    name = family.removeprefix(PREFIX).lower().replace(" ", "-")
    found = sorted(path for folder in folders() for path in folder.glob(f"{name}-*.ttf"))
    return {int(path.stem.rpartition("-")[2]): path for path in found}


def drawn() -> str:
    """The typefaces' coverage, as ranges of code points: "20-7e a0-ac"."""
    return "".join((folder / "coverage.txt").read_text("ascii") for folder in folders())


def require(locale: Locale) -> None:
    """Check that a report can be rendered in this locale.

    Raises:
        UsageError: its typeface comes with an extra that is not installed.
    """
    if is_east_asian(locale) and not has_east_asian():
        raise UsageError(f"Reports in {locale.english_name} need fonts that are not installed: {INSTALL}")


@cache
def _extra() -> ModuleType | None:
    """The package that the extra installs, or None."""
    try:
        return import_module("hyperrep_report_cjk")
    except ModuleNotFoundError:
        return None
