"""The reference for template authors matches the view."""

from dataclasses import fields
from typing import get_type_hints

from reporter.rendering.view import ReportView, ValueView
from scripts.template_reference import FILE, reference


def test_the_reference_is_what_the_view_says() -> None:
    """docs/templates.md is up to date; `python scripts/template_reference.py` regenerates it."""
    assert FILE.read_text("utf-8") == reference()


def test_every_field_is_listed() -> None:
    """Each field of the view and of its nested views has a line with its type and meaning."""
    lines = reference().splitlines()
    for each in (ReportView, ValueView):
        assert all(any(line.startswith(f"| `{field.name}` | ") for line in lines) for field in fields(each))
    assert "| `headlines` | list of text | The headline sentences, the most important first. |" in lines
    assert any(line.startswith("| `change` | [ChangeView](#changeview) | ") for line in lines)


def test_every_meaning_is_a_sentence() -> None:
    """Each description of a field ends with a period; a field without a description cannot be listed."""
    for hint in get_type_hints(ReportView, include_extras=True).values():
        assert hint.__metadata__[0].endswith(".")
