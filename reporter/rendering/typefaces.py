"""The typefaces of a document: which there are, what they draw, and in which order they are asked for a character.

A stylesheet names one family, `HR Inter`, and means them all: what Inter lacks comes from the first that has it.
Those for Chinese, Japanese and Korean come with the extra `cjk`. Each has a private name, so that no font of the host
is ever meant, and its files are called by it: "HR Noto Sans Hebrew" lies in `noto-sans-hebrew-400.ttf` and `-600.ttf`.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType

from babel import Locale

from reporter.domain.errors import UsageError
from reporter.domain.extras import installing
from reporter.rendering import coverage

PREFIX = "HR "
"""What makes a family's name private."""
FAMILY = f"{PREFIX}Inter"
"""The family a stylesheet names."""
EMOJI = f"{PREFIX}Noto Emoji"
"""The last to be asked, since it also draws what others draw as text."""

REGULAR = 400
"""The weight that every family has; all but the emoji have 600 too."""
INSTALL = installing("cjk")
"""What brings the typefaces for Chinese, Japanese and Korean."""

_NAMED = re.compile(rf"""(["']?)\b{FAMILY}\b\1""")
_BUNDLED = Path(__file__).with_name("fonts")
_SCRIPTS = (f"{PREFIX}Vazirmatn", f"{PREFIX}Noto Sans Hebrew", f"{PREFIX}Noto Sans Devanagari")
_EAST_ASIAN = {"zh": f"{PREFIX}Noto Sans SC", "ja": f"{PREFIX}Noto Sans JP", "ko": f"{PREFIX}Noto Sans KR"}
"""The families of the extra by their languages, which share characters and write them differently."""


def has_east_asian() -> bool:
    """Whether the extra is installed."""
    return _extra() is not None


def is_east_asian(locale: Locale) -> bool:
    """Whether a report in this locale needs the extra."""
    return locale.language in _EAST_ASIAN


def stack(language: str) -> tuple[str, ...]:
    """The families that draw a document in this language, the first to be asked first."""
    if _extra() is None:
        return (FAMILY, *_SCRIPTS, EMOJI)
    own = [_EAST_ASIAN[language]] if language in _EAST_ASIAN else []
    return tuple(dict.fromkeys([FAMILY, *own, *_SCRIPTS, *_EAST_ASIAN.values(), EMOJI]))


def in_language(stylesheet: str, language: str) -> str:
    """The stylesheet for a document in this language: where it names `HR Inter`, the language's own family follows."""
    if language not in _EAST_ASIAN or not has_east_asian():
        return stylesheet
    return _NAMED.sub(f"'{FAMILY}', '{_EAST_ASIAN[language]}'", stylesheet)


def folders() -> tuple[Path, ...]:
    """Where the font files lie."""
    extra = _extra()
    return (_BUNDLED,) if extra is None else (_BUNDLED, extra.FONTS)


def files(family: str) -> Mapping[int, Path]:
    """The font files of a family by their weights."""
    name = family.removeprefix(PREFIX).lower().replace(" ", "-")
    found = sorted(path for folder in folders() for path in folder.glob(f"{name}-*.ttf"))
    return {int(path.stem.rpartition("-")[2]): path for path in found}


def drawn() -> str:
    """The characters that the typefaces draw, as ranges of code points: "20-7e a0-ac"."""
    extra = _extra()
    return coverage.RANGES if extra is None else coverage.RANGES + extra.RANGES


def require(locale: Locale) -> None:
    """Make sure that a report can be written in this locale.

    Raises:
        UsageError: its typeface comes with an extra that is not installed.
    """
    if is_east_asian(locale) and not has_east_asian():
        raise UsageError(f"Reports in {locale.english_name} need fonts that are not installed: {INSTALL}")


@cache
def _extra() -> ModuleType | None:
    """The package that the extra installs, if it is there."""
    try:
        return import_module("hyperrep_report_cjk")
    except ModuleNotFoundError:
        return None
