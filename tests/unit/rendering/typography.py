"""Typographic rules of each language, which the tests check in every catalog. A new catalog needs a row in `TYPE`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
QUOTES = frozenset("“”„‟«»\u2018\u201a\u201b\u2039\u203a「」『』《》〈〉")
"""The quotation marks of all languages, without the closing one that is also an apostrophe."""
SIGNS = "[;:!?\u061b\u061f\uff01\uff1a\uff1b\uff1f]"
"""Latin, Arabic, and full-width punctuation."""


@dataclass(frozen=True, slots=True)
class Type:
    """The rules of one language."""

    opening: str
    closing: str
    """The quotation marks."""
    inside: str = ""
    """The space between a quotation mark and the quoted words."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Punctuation with a space before it, and that space."""
    stop: str = "."
    """The end of a sentence."""
    abbreviations: tuple[str, ...] = ()
    """Endings that look like the end of a sentence and are not."""
    never: str = "(?!)"
    """A pattern that is wrong in this language."""

    def quoted(self, text: str) -> list[str]:
        """The quoted parts of the text."""
        return re.findall(self._quotation, text)

    def is_sentence(self, text: str) -> bool:
        """Return whether the text ends as a sentence does."""
        return text.endswith(self.stop) and not text.endswith(self.abbreviations)

    def faults(self, text: str) -> Iterator[str]:
        """The violations of the language's rules."""
        yield from (f"quotation mark {mark}" for mark in QUOTES & set(re.sub(self._quotation, "", text)))
        for space, sign in re.findall(rf"(\s*)({SIGNS})", text):
            if space != self.before.get(sign, ""):
                yield f"space before {sign}"
        yield from (f"“{found}”" for found in re.findall(self.never, text))

    @property
    def _quotation(self) -> str:
        words = rf"(?!\s)([^{self.opening}{self.closing}]+)(?<!\s)"
        return self.opening + self.inside + words + self.inside + self.closing


_POINT = r"(?<!\d)\.|\.(?!\d)"
"""A period of Latin type; not a decimal point (`2.66`)."""
_FULL_WIDTH = r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
_HALF_WIDTH = rf"[,;:!?~]|{_POINT}|(?<!%)\(|\)(?!s)|\s{_FULL_WIDTH}|{_FULL_WIDTH}\s"
"""Latin punctuation (a placeholder keeps its parentheses), and spaces beside full-width characters."""
_PARTICLES = "(?:은|는|이|가|을|를|와|과|으로|로)"
"""The choice between two depends on the pronunciation of the word before, which is unknown for a value."""

_SUFFIX = r"\)s[\w’]"
"""A letter directly after a value, which would have to match the value's pronunciation."""

TYPE = {
    "ar": Type("«", "»", never=rf"[,;?]|\s[،.]|{_SUFFIX}"),
    "en": Type("“", "”"),
    "de": Type("„", "“"),
    "es": Type("«", "»"),
    "fr": Type("«", "»", inside=NARROW, before={";": NARROW, "!": NARROW, "?": NARROW, ":": WIDE}),
    "he": Type("”", "”", never=rf"-|\s[,.]|{_SUFFIX}"),
    "hi": Type("“", "”", stop="।", never=rf"{_POINT}|\||\s[।,]"),
    "it": Type("«", "»", never="’ "),  # an elided article and its noun are one word
    "ja": Type("「", "」", stop="。", never=_HALF_WIDTH),
    "ko": Type("“", "”", never=rf"[\u3000-\u303f\uff00-\uffef]|\s[(,.]|\)s{_PARTICLES}(?![가-힣])|\({_PARTICLES}\)"),
    "nl": Type("“", "”", never=r"\bIj"),  # the digraph is a capital as a whole
    "pl": Type("„", "”", abbreviations=("p.p.",), never=r"(?<![\w)])\w "),  # a one-letter word never ends a line
    "pt_BR": Type("“", "”", abbreviations=("p.p.",)),
    "sv": Type("”", "”", never=_SUFFIX),
    "tr": Type("“", "”", never=_SUFFIX),
    "zh_Hans": Type("“", "”", stop="。", never=_HALF_WIDTH),
}


def type_of(language: str) -> Type:
    """Return the language's rules; a test for a language without rules fails."""
    if language not in TYPE:
        pytest.fail(f"{language}.po needs its rules of type: a row of TYPE in tests/unit/rendering/typography.py")
    return TYPE[language]
