"""All catalogs are complete, match their sources, and follow their language's typography."""

import re
from pathlib import Path
from unicodedata import is_normalized

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from reporter.rendering.text import missing
from reporter.rendering.translation import CATALOGS
from scripts import catalogs
from tests.unit.rendering.typography import type_of
from tests.unit.rendering.words import TRANSLATED

_PLACEHOLDER = re.compile(r"%\(\w+\)s")


def catalog(language: str) -> Catalog:
    """A catalog as stored in the file."""
    with (CATALOGS / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def messages(language: str) -> list[Message]:
    """Every message of a catalog."""
    return [message for message in catalog(language) if message.id]


def sources(message: Message) -> list[str]:
    """The source's forms of a message, the singular first."""
    return [message.id] if isinstance(message.id, str) else list(message.id)


def translations(message: Message) -> list[str]:
    """The translated forms of a message."""
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def every_translation(language: str) -> list[str]:
    """All translated texts of a language."""
    return [text for message in messages(language) for text in translations(message)]


def every_source() -> list[str]:
    """All source texts."""
    return [text for message in messages("de") for text in sources(message)]


def test_there_are_catalogs() -> None:
    """There are German and French catalogs, and a new catalog is included in every test here automatically."""
    assert {"de", "fr"} <= set(TRANSLATED)


def test_catalogs_follow_the_sources() -> None:
    """Each catalog contains exactly the messages of code and templates, in the format that the script writes."""
    stale = [path.name for path in CATALOGS.glob("*.po") if path.read_bytes() != catalogs.updated(path)]
    assert stale == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_nothing_is_untranslated_or_doubted(language: str) -> None:
    """Every message is translated in every plural form, none is fuzzy, and no obsolete one is kept."""
    read = catalog(language)
    for message in messages(language):
        forms = translations(message)
        assert all(text.strip() for text in forms), message.id
        assert len(forms) == (read.num_plurals if message.pluralizable else 1), message.id
        assert not message.fuzzy, message.id
    assert not read.obsolete


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_kept(language: str) -> None:
    """A translation has the same placeholders as its source, so that no number is lost."""
    for message in messages(language):
        wanted = set(_PLACEHOLDER.findall(sources(message)[0]))
        for text in translations(message):
            assert set(_PLACEHOLDER.findall(text)) == wanted, message.id
            bare = _PLACEHOLDER.sub("", text)
            assert "%" not in (bare.replace("%%", "") if wanted else bare), message.id


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_fonts_draw_every_character(language: str) -> None:
    """No translation contains a character that the bundled fonts lack."""
    assert missing(" ".join(every_translation(language))) == ""


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_begin_and_end_as_their_sources(language: str) -> None:
    """A sentence ends with a period and a fragment without; neither has leading or trailing spaces."""
    for message in messages(language):
        for text in translations(message):
            assert text == text.strip(), message.id
            assert "  " not in text, message.id
            assert type_of(language).is_sentence(text) == sources(message)[0].endswith("."), message.id


@pytest.mark.parametrize("language", ["en", *TRANSLATED])
def test_type_is_set_as_the_language_sets_it(language: str) -> None:
    """Quotation marks, spaces before punctuation, and dashes follow the language's rules, with no typewriter marks."""
    for text in every_source() if language == "en" else every_translation(language):
        assert not list(type_of(language).faults(text)), text
        assert not set(text) & set("\"'`\N{ACUTE ACCENT}"), text
        assert " - " not in text, text
        assert "..." not in text, text
        assert is_normalized("NFC", text), text


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_marks_of_noise_are_explained_by_their_own_words(language: str) -> None:
    """The note about changes quotes the words beside a change, in the report's language."""
    read = catalog(language)
    marks = [str(read[mark].string) for mark in ("usual variation", "may be chance")]
    note = next(message for message in messages(language) if "“may be chance”" in str(message.id))
    quoted = type_of(language).quoted(str(note.string))
    assert [text.casefold() for text in quoted] == [mark.casefold() for mark in marks]


def test_placeholders_are_named() -> None:
    """Every placeholder of a source has a name, so that a translator can reorder them."""
    for text in every_source():
        assert "%" not in _PLACEHOLDER.sub("", text), text


def test_a_text_that_is_gone_leaves_the_catalog(tmp_path: Path) -> None:
    """Updating a catalog removes messages that no source contains, and keeps its translations."""
    path = tmp_path / "de.po"
    path.write_bytes((CATALOGS / "de.po").read_bytes() + b'msgid "gone long ago"\nmsgstr "lange fort"\n')
    assert catalogs.updated(path) == (CATALOGS / "de.po").read_bytes()
