"""The reference for template authors matches the view."""

from dataclasses import fields, is_dataclass

from reporter.rendering import view
from reporter.rendering.reference import FILE, reference
from reporter.rendering.template_variables import VARIABLES
from reporter.rendering.view import ReportView, ValueView


def test_the_reference_is_what_the_view_says() -> None:
    """docs/templates.md is up to date; `python -m reporter.rendering.reference` regenerates it."""
    assert FILE.read_text("utf-8") == reference()


def test_every_field_is_listed() -> None:
    """Each field of the view and of its nested views has a line with its type and meaning."""
    lines = reference().splitlines()
    for each in (ReportView, ValueView):
        assert all(any(line.startswith(f"| `{field.name}` | ") for line in lines) for field in fields(each))
    assert "| `headlines` | list of text | The headline sentences, the most important first. |" in lines
    assert any(line.startswith("| `change` | [ChangeView](#changeview) | ") for line in lines)


def test_no_meaning_outlives_its_field() -> None:
    """Every explained field exists; a field without an explanation prevents the reference from being written."""
    views = {name: each for name, each in vars(view).items() if isinstance(each, type) and is_dataclass(each)}
    assert set(VARIABLES) == {f"{name}.{field.name}" for name, each in views.items() for field in fields(each)}
    assert all(meaning.endswith(".") for meaning in VARIABLES.values())
