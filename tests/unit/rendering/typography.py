"""How languages set their type: what the tests hold every catalog to. A new catalog brings a row of `TYPE`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest

NARROW, WIDE = "\N{NARROW NO-BREAK SPACE}", "\N{NO-BREAK SPACE}"
QUOTES = frozenset("“”„‟«»\u2018\u201a\u201b\u2039\u203a「」『』《》〈〉")
"""Every language's marks, without the closing one that is an apostrophe too."""
SIGNS = "[;:!?\u061b\u061f\uff01\uff1a\uff1b\uff1f]"
"""Latin, Arabic and full-width ones."""


@dataclass(frozen=True, slots=True)
class Type:
    """One language's rules."""

    opening: str
    closing: str
    """The quotation marks."""
    inside: str = ""
    """The space between a mark and the words it holds."""
    before: Mapping[str, str] = field(default_factory=dict)
    """Signs that stand off from the word before, and the space that keeps them off."""
    stop: str = "."
    """What ends a sentence."""
    abbreviations: tuple[str, ...] = ()
    """What ends like a sentence and is none."""
    never: str = "(?!)"
    """What does not stand in this language, as a pattern."""

    def quoted(self, text: str) -> list[str]:
        """What stands between quotation marks."""
        return re.findall(self._quotation, text)

    def is_sentence(self, text: str) -> bool:
        """Whether the text ends as a sentence does."""
        return text.endswith(self.stop) and not text.endswith(self.abbreviations)

    def faults(self, text: str) -> Iterator[str]:
        """What is not set as this language sets it."""
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
"""A full stop of Latin type; the point of a decimal (`2.66`) is none."""
_FULL_WIDTH = r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]"
_HALF_WIDTH = rf"[,;:!?~]|{_POINT}|(?<!%)\(|\)(?!s)|\s{_FULL_WIDTH}|{_FULL_WIDTH}\s"
"""Latin signs (a placeholder keeps its brackets), and spaces beside characters that bring their own."""
_PARTICLES = "(?:은|는|이|가|을|를|와|과|으로|로)"
"""Which of two is right depends on how the word before is said; after a value nobody knows, and both are no word."""

_SUFFIX = r"\)s[\w’]"
"""A letter right after a value, which would have to fit the value's sound."""

TYPE = {
    "ar": Type("«", "»", never=rf"[,;?]|\s[،.]|{_SUFFIX}"),
    "en": Type("“", "”"),
    "de": Type("„", "“"),
    "es": Type("«", "»"),
    "fr": Type("«", "»", inside=NARROW, before={";": NARROW, "!": NARROW, "?": NARROW, ":": WIDE}),
    "he": Type("”", "”", never=rf"-|\s[,.]|{_SUFFIX}"),
    "hi": Type("“", "”", stop="।", never=rf"{_POINT}|\||\s[।,]"),
    "it": Type("«", "»", never="’ "),  # an elided article is one word with its noun
    "ja": Type("「", "」", stop="。", never=_HALF_WIDTH),
    "ko": Type("“", "”", never=rf"[\u3000-\u303f\uff00-\uffef]|\s[(,.]|\)s{_PARTICLES}(?![가-힣])|\({_PARTICLES}\)"),
    "nl": Type("“", "”", never=r"\bIj"),  # the digraph is a capital as a whole
    "pl": Type("„", "”", abbreviations=("p.p.",), never=r"(?<![\w)])\w "),  # a word of one letter never ends a line
    "pt_BR": Type("“", "”", abbreviations=("p.p.",)),
    "sv": Type("”", "”", never=_SUFFIX),
    "tr": Type("“", "”", never=_SUFFIX),
    "zh_Hans": Type("“", "”", stop="。", never=_HALF_WIDTH),
}


def type_of(language: str) -> Type:
    """The language's rules; a test that asks for those of a language without any fails."""
    if language not in TYPE:
        pytest.fail(f"{language}.po needs its rules of type: a row of TYPE in tests/unit/rendering/typography.py")
    return TYPE[language]
