"""Update the translation catalogs from the texts in code and templates: `python scripts/catalogs.py`.

New texts are added untranslated, removed texts are dropped, and translations never change. To add a language, create
an empty file `reporter/rendering/locale/<language>.po`; this script adds the texts to translate.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
CATALOGS = ROOT / "reporter" / "rendering" / "locale"
SOURCES = (
    ("python", "reporter/analysis/metrics.py"),
    ("python", "reporter/rendering/**/*.py"),
    ("jinja2.ext:babel_extract", "templates/*/*.j2"),
)
KEYWORDS = {"mark": None, "mark_plural": (1, 2), "words": None, "plural": (1, 2), "_": None}


def template() -> Catalog:
    """The catalog of all texts in the source language."""
    catalog = Catalog(project="hyperrep-report", charset="utf-8")
    for file, message in extracted():
        catalog.add(message, locations=[(file, None)])  # type: ignore[list-item]  # without line numbers
    return catalog


def extracted() -> Iterator[tuple[str, str | tuple[str, ...]]]:
    """Each text with its file, in a stable order."""
    for method, pattern in SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            for _line, message, _comments, _context in extract_from_file(method, path, KEYWORDS):
                yield path.relative_to(ROOT).as_posix(), message


def updated(path: Path) -> bytes:
    """The catalog at `path`, updated to the current texts."""
    with path.open("rb") as file:
        known = read_po(file, locale=path.stem)
    catalog = Catalog(path.stem, project="hyperrep-report", charset="utf-8")
    for message in template():
        if message.id:
            before = known.get(message.id if isinstance(message.id, str) else message.id[0])
            string = before.string if before and bool(before.pluralizable) == bool(message.pluralizable) else ""
            catalog.add(message.id, string, locations=message.locations)
    return _header(path.stem, catalog) + _entries(catalog)


def _header(language: str, catalog: Catalog) -> bytes:
    """A header without dates or names, so that a catalog changes only when a text does."""
    fields = {
        "Project-Id-Version": "hyperrep-report",
        "Language": language,
        "Plural-Forms": catalog.plural_forms,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
    }
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in fields.items())
    return f'msgid ""\nmsgstr ""\n{lines}\n'.encode()


def _entries(catalog: Catalog) -> bytes:
    file = BytesIO()
    write_po(file, catalog, omit_header=True, include_lineno=False, width=120)
    return file.getvalue()


if __name__ == "__main__":
    for catalog in CATALOGS.glob("*.po"):
        catalog.write_bytes(updated(catalog))
