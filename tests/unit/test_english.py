"""The glossary: the one word for each thing in all text for people, and the words that it replaces.

To check more files, add a glob to `CHECKED`. Markdown is checked except for its code, Python only in its comments and
strings, which include docstrings. Text in backticks is never checked, so identifiers keep their names.
"""

import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PROJECT = Path(__file__).parents[2]

CHECKED = (
    "*.md",
    "docs/*.md",
    "packages/*/README.md",
    "reporter/*/reference.py",
    "reporter/archive/report.schema.json",
    "reporter/config/*.py",
    "reporter/doctor/*.py",
    "reporter/rendering/view.py",
    "scripts/template_reference.py",
)


class Word(NamedTuple):
    """A pattern of wrong words, the right word, and an example that must be refused."""

    pattern: str
    right: str
    example: str


GLOSSARY = (
    Word(
        r"\bmails?\b(?!\s+servers?\b)|\bmail(?:ed|ing)\b", "email, message; send", "one mail to each, and it mails them"
    ),
    Word(r"\be-mails?\b", "email", "an e-mail address"),
    Word(r"\bpostm[ae]n\b", "delivery worker", "two postmen"),
    Word(r"\bmend(?:s|ed|ing)?\b", "fix", "until that is mended"),
    Word(r"\b(?:an?|the|each|every|no|new|own|stock|my|your) looks?\b(?! at\b)", "template", "a copy of the look"),
    Word(r"\bhand(?:s|ed|ing)?[ -]?over\b|\bhand(?:s|ed|ing) (?:it )?to\b", "send, deliver", "is handed to nobody"),
    Word(r"\bbooks?\b", "ledger", "written in the book"),
    Word(r"\btrials?\b", "test send", "a trial sends nothing"),
    Word(
        r"\bnotices? (?:to|for) operators?\b|\boperators?'? notices?\b|\b(?:an?|each|every|no|the) notices?\b",
        "operator alert, alert",
        "notices to operators",
    ),
    Word(
        r"\b(?:lies?|lay|lain|lying) (?:in|on|at|beside|below|above|within|outside|under|there|here)\b"
        r"|\bwhere \w+ lies?\b",
        "is",
        "the PDF lies in the archive",
    ),
    Word(
        r"\b(?:stands?|stood) (?:in(?! for\b)|on|at|beside|below|above|within|under|there|here)\b"
        r"|\bwhere \w+ stands?\b",
        "is",
        "the reason stands above",
    ),
    Word(r"\btold\b|\btell(?:s|ing)? of\b", "report, log, show; computed", "an error is told at once"),
    Word(r"\banew\b", "again", "made anew"),
    Word(r"\bnobody (?:knows|could know|can know)\b", "uncertain, unknown", "nobody knows whether it was delivered"),
    Word(r"\b(?:what )?became of\b|\bfates?\b", "delivery state; change", "what became of each"),
    Word(r"\bcomes? again\b|\bnext try\b", "retry", "told to come again"),
    Word(r"\bagendas?\b|\bowed\b", "due list; due", "what is owed"),
    Word(r"\bstretch(?:es)?\b|\bspans?\b", "period; window", "a span of dates"),
    Word(r"(?<!screen )(?<!PDF )(?<!code )\breaders?\b", "recipient", "each reader has one"),
    Word(r"\bfaults?\b|\bblame\b|\btroubles?\b", "error, failure, cause", "a fault of the program"),
    Word(r"\bdoubts?\b", "data quality warning; uncertain delivery", "an old doubt"),
    Word(r"\bmemory of what\b", "ledger", "the memory of what was sent"),
    Word(r"\bsettle[sd]?\b|\bsettling\b", "resolve", "settle them"),
    Word(r"\botherwise before\b", "restated", "what was reported otherwise before"),
    Word(r"\bin points\b", "in percentage points", "rates change in points"),
    Word(r"\bpass(?:es)? (?:the|every|all) (?:check|test)", "run the tests", "Pass the tests"),
    Word(
        r"\b(?:certificate|token|claim|lease)s?\b[^.;|]{0,20}\b(?:is over|are over|run out)\b",
        "expired",
        "a token that is over",
    ),
    Word(
        r"\w*(?:colour|behaviour|honour|favour)\w*"
        r"|\bcentres?\b|\blicences?\b|\bcatalogues?\b|\borganisation\w*|\brecognis\w*",
        "American spelling",
        "the accent colour",
    ),
)

ALLOWED = {
    "docs/archive.md": (
        "| not mailed |",  # a label of the archive's page, in reporter/archive/index_page.py
    ),
    "reporter/archive/report.schema.json": ('"const": "trial"',),  # a value in archived reports
}
"""Texts that keep a word in spite of its pattern, by file, with the reason."""

FENCED = re.compile(r"(?ms)^ *```.*?^ *```$")
CODE = re.compile(r"`[^`\n]*\n?[^`\n]*`|\]\([^)\n]*\)|https?://\S+|<[^>\n]*>")


def files() -> Iterator[Path]:
    """Yield every file that matches a glob."""
    yield from sorted({path for pattern in CHECKED for path in PROJECT.glob(pattern)})


def prose(name: str, text: str) -> str:
    """The text with all code blanked out, line by line as before."""
    if name.endswith(".py"):
        text = _commented(text)
    return CODE.sub(_blank, FENCED.sub(_blank, text))


def _commented(source: str) -> str:
    """The comments and strings of a Python module; a string of one word is a name."""
    kept = [""] * (source.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if tokenize.tok_name[token.type] in {"COMMENT", "STRING", "FSTRING_MIDDLE"} and " " in token.string.strip():
            for line, text in enumerate(token.string.split("\n"), start=token.start[0]):
                kept[line] += f" {text}"
    return "\n".join(kept[1:])


def _blank(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n") or "`"


def wrong(name: str, text: str) -> list[str]:
    """Yield a line for each error in a file: the place, the wrong word, and the right one."""
    readable = prose(name, text)
    for sentence in ALLOWED.get(name, ()):
        readable = readable.replace(sentence, "")
    return [
        f"{name}, line {readable.count(chr(10), 0, found.start()) + 1}: '{found[0]}': write {word.right}"
        for word in GLOSSARY
        for found in re.finditer(word.pattern, readable, re.IGNORECASE)
    ]


@pytest.mark.parametrize("path", list(files()), ids=lambda path: path.name)
def test_the_right_words_are_used(path: Path) -> None:
    """No file has a word that the glossary replaces."""
    assert "\n".join(wrong(path.relative_to(PROJECT).as_posix(), path.read_text("utf-8"))) == ""


@pytest.mark.parametrize("word", GLOSSARY, ids=lambda word: word.right)
def test_each_wrong_word_is_refused(word: Word) -> None:
    """Each pattern finds the wrong word in its example, and the message contains the right one."""
    assert (found := re.search(word.pattern, word.example, re.IGNORECASE))
    assert f"README.md, line 1: '{found[0]}': write {word.right}" in wrong("README.md", word.example)


def test_right_words_are_let_through() -> None:
    """Words that only resemble wrong ones are accepted."""
    text = (
        "The mail server has the mailbox. A built-in sandbox stands in for the API. Have a look at the pages by hand. "
        "Screen readers and PDF readers open it. A workbook is sent by default. It looks fine and stands for a sale."
    )
    assert wrong("README.md", text) == []


def test_code_keeps_its_names() -> None:
    """Identifiers, commands, addresses, and the code around a module's comments and strings are not words."""
    text = "`mail.html` and [the page](mail.md)\n```sh\nmail -s look\n```\nhttps://mail.example.com\n"
    assert wrong("docs/a.md", text) == []
    assert wrong("a.py", "mail = book  # a fix\n") == []
    assert wrong("a.py", '"""An email."""\nmail = 1  # mended\n') == ["a.py, line 2: 'mended': write fix"]
    assert wrong("docs/a.md", "Good.\n\nThe mail server refuses a mail.\n") == [
        "docs/a.md, line 3: 'mail': write email, message; send"
    ]


def test_no_exception_outlives_its_reason() -> None:
    """Sentences that are exempt still exist."""
    assert all(
        sentence in prose(name, (PROJECT / name).read_text("utf-8")) for name in ALLOWED for sentence in ALLOWED[name]
    )
