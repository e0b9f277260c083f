"""Only the acceleration's package uses undocumented parts of WeasyPrint and the libraries below it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import reporter

SOURCE = Path(reporter.__file__).parent
FOLDER = SOURCE / "rendering" / "acceleration"
DOCUMENTED = {
    "weasyprint": {"CSS", "HTML", "VERSION", "Attachment"},
    "weasyprint.text.fonts": {"FontConfiguration"},
    "weasyprint.urls": {"FatalURLFetchingError", "URLFetcher", "URLFetcherResponse"},
    "pydyf": {"PDF", "VERSION", "Array", "Dictionary", "Object", "Stream", "String"},
}
"""The documented names of each library, as far as they are used."""
LIBRARIES = ("weasyprint", "pydyf", "cssselect2", "fontTools", "tinycss2", "tinyhtml5", "builtins")


def undocumented(source: str) -> Iterator[str]:
    """The undocumented names that a module imports, reads, or assigns."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and _is_library(node.module or ""):
            yield from (
                f"{node.module}.{name.name}" for name in node.names if not _is_documented(node.module, name.name)
            )
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if _is_library(name.name) and name.name not in DOCUMENTED)
        elif isinstance(node, ast.Attribute) and _is_library(name := ast.unparse(node)):
            module, attribute = re.match(r"(\w+)\.(\w+)", name).groups()  # type: ignore[union-attr]  # it has a dot
            if isinstance(node.ctx, ast.Store) or not _is_documented(module, attribute):
                yield name


def _is_library(module: str) -> bool:
    return module.partition(".")[0] in LIBRARIES


def _is_documented(module: str | None, name: str) -> bool:
    return name in DOCUMENTED.get(module or "", ())


def test_nothing_else_uses_undocumented_parts() -> None:
    """No module outside of the package imports, reads, or replaces an undocumented name."""
    modules = [path for path in SOURCE.rglob("*.py") if FOLDER not in path.parents]
    found = {str(path.relative_to(SOURCE)): list(undocumented(path.read_text("utf-8"))) for path in modules}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import builtins",
        "from fontTools.ttLib.tables import _h_e_a_d",
        "from weasyprint.text.ffi import pango",
        "import pydyf\npydyf._to_bytes(1)",
        "import pydyf\npydyf.Stream.data = property(len)",
    ],
)
def test_the_check_finds(source: str) -> None:
    """Imports, calls, and replacements are found, and documented names are not."""
    assert list(undocumented(source))
    assert list(undocumented("import pydyf\npydyf.Array([1]).data")) == []
